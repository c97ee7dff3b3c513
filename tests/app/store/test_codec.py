"""Stored values are read back as they were, by older and newer programs too."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.answers import Answer, Feedback
from app.store.codec import ANSWER, FEEDBACK, decode, encode
from tests.app.store.examples import an_answer

OLDER = b'{"answer_id":"a","question":"q","query":"q","text":"t","citations":[],"claims":[]}'
NEWER = OLDER[:-1] + b',"from_the_future":{"x":1}}'
slow_first_example = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@slow_first_example
@given(st.from_type(Answer))
def test_every_answer_is_read_back_as_it_was(answer: Answer) -> None:
    written = encode(ANSWER, answer)
    assert encode(ANSWER, decode(ANSWER, written)) == written


@slow_first_example
@given(st.from_type(Feedback))
def test_every_feedback_is_read_back_as_it_was(feedback: Feedback) -> None:
    assert decode(FEEDBACK, encode(FEEDBACK, feedback)) == feedback


def test_full_answer_is_equal_after_reading() -> None:
    assert decode(ANSWER, encode(ANSWER, an_answer())) == an_answer()


def test_citation_of_an_older_program_has_no_section_and_no_version() -> None:
    cited = b'"n":1,"collection_id":"c","document_id":"d","document":"a.md","title":"A","page":null,"start":0,"end":1'
    older = OLDER.replace(b'"citations":[]', b'"citations":[{' + cited + b',"quote":"A"}]')
    (citation,) = decode(ANSWER, older).citations
    assert (citation.headings, citation.sha256, citation.added) == ((), "", "")


def test_answer_of_an_older_or_newer_program_can_be_read() -> None:
    assert decode(ANSWER, OLDER) == decode(ANSWER, NEWER)
    assert decode(ANSWER, OLDER).timings.tokens == 0
