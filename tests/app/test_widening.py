"""Passages grow where the prompt has room, and only there."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.answering.draft import Draft
from app.answering.widening import Grow, widened
from app.answering.writer import Writer
from app.answers import LOCAL_ACTOR
from app.fencing import fence, fenced_tokens
from app.guard.privacy import Privacy
from app.prompts import Budget
from retrieval.documents import Passage
from tests.app.passages import Surroundings, passage
from tests.fakes import ScriptedChat

DOCUMENT = " ".join(f"Rule {number} holds." for number in range(60))


def count(text: str) -> int:
    """Return a length that stands for the model's tokens."""
    return len(text.split())


def of_document(start: int, end: int, *, rank: int = 1) -> Passage:
    """Return a passage of the one document."""
    return replace(passage(DOCUMENT[start:end], rank=rank, start=start), document_id="d", end=end)


def behind(step: int) -> Grow:
    """Return what adds so many characters behind a passage."""

    def grow(one: Passage) -> Passage | None:
        end = min(one.end + step, len(DOCUMENT))
        return None if end == one.end else replace(one, end=end, text=DOCUMENT[one.start : end])

    return grow


def test_the_best_passage_grows_first() -> None:
    first, second = of_document(0, 40), of_document(400, 440, rank=2)
    room = sum(fenced_tokens(number, one, count) for number, one in enumerate((first, second), start=1)) + 8
    grown = widened([first, second], [behind(30)], tokens=room, count_tokens=count)
    assert [one.end for one in grown] == [70, 440]


def test_a_passage_that_would_not_fit_stays_and_a_later_one_may_grow() -> None:
    first, second = of_document(0, 40), of_document(len(DOCUMENT) - 40, len(DOCUMENT) - 10, rank=2)
    room = sum(fenced_tokens(number, one, count) for number, one in enumerate((first, second), start=1)) + 3
    grown = widened([first, second], [behind(60)], tokens=room, count_tokens=count)
    assert [one.end for one in grown] == [40, len(DOCUMENT)]


def test_passages_do_not_grow_into_each_other() -> None:
    first, second = of_document(0, 40), of_document(60, 100, rank=2)
    grown = widened([first, second], [behind(30)], tokens=1000, count_tokens=count)
    assert [one.end for one in grown] == [40, 130]


def test_a_passage_does_not_grow_into_one_of_several_others() -> None:
    first, second, third = of_document(0, 40), of_document(60, 100, rank=2), of_document(300, 340, rank=3)
    grown = widened([first, second, third], [behind(30)], tokens=1000, count_tokens=count)
    assert [one.end for one in grown] == [40, 130, 370]


def test_what_fits_to_the_last_token_grows_and_one_token_less_does_not() -> None:
    first, second = of_document(0, 40), of_document(400, 440, rank=2)
    whole = [replace(one, end=one.end + 30, text=DOCUMENT[one.start : one.end + 30]) for one in (first, second)]
    room = sum(fenced_tokens(number, one, count) for number, one in enumerate(whole, start=1))
    for tokens, ends in ((room, [70, 470]), (room - 1, [70, 440])):
        grown = widened([first, second], [behind(30)], tokens=tokens, count_tokens=count)
        assert [one.end for one in grown] == ends


def test_nothing_is_read_where_there_is_no_room() -> None:
    def grow(one: Passage) -> Passage:
        raise AssertionError(one)

    kept = [of_document(0, 400)]
    assert widened(kept, [grow], tokens=20, count_tokens=count) == tuple(kept)


def written_from(
    question: str, found: Passage, *, room: int, privacy: Privacy, beside: Surroundings
) -> tuple[Passage, str]:
    """Return what a passage has grown to for a question, and the prompt that was written with it."""
    model = ScriptedChat(texts=["Yes."])
    budget = Budget(context_tokens=room + 100, answer_tokens=100, passage_tokens=400)
    writer = Writer(name="scripted", model=model, count_tokens=count, budget=lambda: budget)
    draft = Draft(question=question, query=question, model="scripted", seconds=60, stop=None)
    draft.privacy = privacy
    draft.found([found])
    draft.passages = writer.widened(draft, beside)
    list(writer.answer(LOCAL_ACTOR, draft, (), may_decline=False))
    return draft.passages[0], model.prompts[0][-1].text


@pytest.mark.parametrize("room", range(224, 250, 2))
def test_what_has_grown_stands_whole_beside_a_long_question(room: int) -> None:
    found = of_document(0, 90)
    grown, prompt = written_from(
        "Which rule holds? " * 40, found, room=room, privacy=Privacy(), beside=Surroundings(grow=behind(90))
    )
    assert grown == found or grown.text.strip() in prompt


@pytest.mark.parametrize("room", range(98, 118))
def test_what_has_grown_stands_whole_when_names_are_masked(room: int) -> None:
    def with_letter(one: Passage) -> Passage:
        return replace(one, end=one.end + 40, text=f"{one.text} Mail ada@house.org and bob@house.org about it.")

    found = passage("Rules are kept. " * 4)
    grown, prompt = written_from(
        "Which rule?", found, room=room, privacy=Privacy(rule="mask"), beside=Surroundings(grow=with_letter)
    )
    assert grown == found or f"{found.text} Mail [EMAIL 1] and [EMAIL 2] about it." in prompt


@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(1, 150)), max_size=5),
    st.integers(1, 400),
    st.integers(1, 200),
)
def test_what_has_grown_stands_whole_in_the_prompt(places: list[tuple[int, int]], tokens: int, step: int) -> None:
    passages = [
        of_document(start, min(start + length, len(DOCUMENT)), rank=rank)
        for rank, (start, length) in enumerate(places, start=1)
    ]
    grown = widened(passages, [behind(step)], tokens=tokens, count_tokens=count)
    fenced = fence(grown, "Which rule?", tokens=tokens, count_tokens=count)
    for before, after in zip(passages, grown, strict=True):
        assert after.text == DOCUMENT[after.start : after.end]
        assert after == before or after.text.strip() in fenced
