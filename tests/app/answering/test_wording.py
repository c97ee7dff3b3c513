"""What is said of verdicts: counts in words, never a bare percentage, never "verified" or "true"."""

import pytest

from app.answering.wording import VERDICTS, found_plainly, second_look, tally, why
from app.answers import Answer, Claim, Verdict


def claim(
    verdict: Verdict, text: str = "Paris has 97 desks.", *, score: float = 0.5, judged: float | None = None
) -> Claim:
    return Claim(text=text, start=0, end=len(text), verdict=verdict, score=score, judged=judged)


def answer(*verdicts: Verdict, score: float = 0.9) -> Answer:
    claims = tuple(claim(verdict, score=score) for verdict in verdicts)
    return Answer(answer_id="a", question="", query="", text="", citations=(), claims=claims)


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (("supported",) * 4, "All 4 statements were found in the sources"),
        (("supported",), "The statement was found in the sources"),
        (("supported", "not found", "supported", "supported"), "1 of 4 statements not found in the sources"),
        (
            ("contradicted", "not found", "supported"),
            "1 of 3 statements contradicted by the sources, 1 not found in the sources",
        ),
        (("supported", "not examined"), "1 of 2 statements found in the sources, 1 not examined"),
        (
            ("supported", "not found", "not examined"),
            "1 of 3 statements not found in the sources, 1 not examined",
        ),
        (("not examined",), "Not examined against the sources"),
        ((), ""),
    ],
)
def test_statements_are_counted_in_words(verdicts: tuple[Verdict, ...], said: str) -> None:
    assert tally(answer(*verdicts)) == said


def test_what_was_found_in_other_words_is_said_to_be_and_several_together_need_less() -> None:
    assert tally(answer("supported", score=0.8)) == "The statement was found in the sources, in part in other words"
    assert not found_plainly(answer("supported", score=0.8))
    assert found_plainly(answer("supported", "supported", score=0.8))
    assert not found_plainly(answer("supported", "not found", score=0.99))
    assert not found_plainly(answer("not examined"))
    assert not found_plainly(answer("supported", "not examined", score=0.99))


def test_what_states_nothing_needs_no_examination() -> None:
    greeting = Answer(
        answer_id="a", question="", query="", text="", citations=(), claims=(claim("not examined", "How are you?"),)
    )
    assert tally(greeting) == ""


def test_a_courtesy_beside_statements_that_were_found_takes_nothing_away() -> None:
    claims = (claim("supported", score=0.99), claim("not examined", "How are you?"))
    told = Answer(answer_id="a", question="", query="", text="", citations=(), claims=claims)
    assert tally(told) == "The statement was found in the sources"


def test_a_value_that_differs_is_named_in_the_reason() -> None:
    assert "“97”" in why(claim("value differs"), ["Paris has 42 desks."])
    assert "“97”" not in why(claim("value differs"), ["Paris has 97 chairs."])


def test_what_is_said_of_all_and_stands_in_some_rows_has_a_reason_of_its_own() -> None:
    rows = ["| City: Paris | Desks: 97 |", "| City: Rome | Desks: 42 |"]
    told = claim("value differs", "There are 97 desks.")
    assert "of one thing only" in why(told, ["\n".join(rows)])
    assert "of one thing only" not in why(told, rows[:1])


def test_a_reason_tells_whether_anything_comes_near() -> None:
    assert "nearest" in why(claim("not found"), ["Paris has desks."])
    assert "No sentence" in why(claim("not found"), [])


def test_a_reason_claims_no_more_than_was_found() -> None:
    surely, mostly, partly = (why(claim("supported", score=score), ["Paris."]) for score in (0.95, 0.6, 0.3))
    assert "in these words" in surely
    assert "Most of this" in mostly
    assert "Part of this" in partly
    assert "was not found in them" in why(claim("not found", score=0.54), ["Paris."])


@pytest.mark.parametrize(
    ("verdict", "judged", "said"),
    [
        ("supported", 0.8, "agreed"),
        ("supported", 0.3, "less sure"),
        ("not found", 0.1, "did not find it either"),
        ("not found", 0.7, "likely all the same"),
        ("contradicted", 0.02, "found this"),
    ],
)
def test_what_a_model_made_of_a_statement_is_said_in_words(verdict: Verdict, judged: float, said: str) -> None:
    assert said in second_look(claim(verdict, judged=judged))
    assert second_look(claim(verdict)) == ""


def test_a_statement_nobody_looked_for_is_told_from_what_states_nothing() -> None:
    assert "another language" in why(claim("not examined"), [])
    assert "states nothing" in why(claim("not examined", "How are you?"), [])


def test_no_word_claims_that_something_is_true() -> None:
    told = [why(claim(verdict), quotes) for verdict in VERDICTS for quotes in ([], ["Paris."])]
    told += [second_look(claim(verdict, judged=judged)) for verdict in VERDICTS for judged in (0.2, 0.8)]
    words = " ".join([*told, *VERDICTS.values(), *(tally(answer(verdict)) for verdict in VERDICTS)]).lower()
    assert not any(forbidden in words for forbidden in ("verified", "true", "correct", "%"))
