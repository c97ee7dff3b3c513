"""Parts of a question that nothing in the answer speaks of are named, and only those."""

import pytest

from app.checks.completeness import left_out

PARIS = "The Paris office has 42 desks."
LISBON = "The Lisbon office has 17 desks and closes in August."


@pytest.mark.parametrize(
    ("question", "told", "missing"),
    [
        (
            "How many desks has the Paris office and when does the Lisbon office close?",
            [PARIS],
            ["when does the Lisbon office close"],
        ),
        ("How many desks has Paris? When does Lisbon close?", [PARIS], ["When does Lisbon close"]),
        ("How many desks have the offices in Lisbon and in Paris?", [PARIS], ["Lisbon"]),
        ("How many desks have Lisbon and Paris, and who pays for lunch?", [PARIS, LISBON], ["who pays for lunch"]),
    ],
)
def test_what_nobody_speaks_of_is_named(question: str, told: list[str], missing: list[str]) -> None:
    assert left_out(question, told) == missing


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("How many desks has the Paris office and when does the Lisbon office close?", [PARIS, LISBON]),
        ("How many desks have the offices in Lisbon and in Paris?", [PARIS, LISBON]),
        ("How many desks has the Paris office?", [LISBON]),
        ("Is it open on Monday and Tuesday?", ["It is open all week."]),
        ("How many desks has it and when does it open?", ["Nothing of this."]),
        ("What do the Terms and Conditions say?", ["The Terms and Conditions say that nothing is free."]),
        ("What is it? And why?", ["It is a zeppelin."]),
        (" and ".join(["what is this"] * 500) + "?", [PARIS]),
        ("Wie viele Tische gibt es in Paris und Lissabon", [PARIS]),
        ("", [PARIS]),
        ("How many desks has Paris and who pays for lunch?", []),
    ],
)
def test_where_nothing_is_surely_left_out_nothing_is_said(question: str, told: list[str]) -> None:
    assert left_out(question, told) == []


def test_what_a_cited_sentence_says_is_answered() -> None:
    question = "How many desks has the Paris office and when does the Lisbon office close?"
    assert left_out(question, ["It has 42 desks, and it closes in August.", LISBON]) == []


@pytest.mark.parametrize(
    "form", ["Answer as a table.", "Please keep it short!", "Reply in one sentence", "Give it to me in bullet points."]
)
def test_how_to_answer_is_no_part_of_the_question(form: str) -> None:
    asked = f"Which allowances hold in Oslo? Who decides about them? {form}"
    assert left_out(asked, ["In Oslo the allowance is 120 euros.", "The head decides."]) == []
    assert left_out(asked, ["In Oslo the allowance is 120 euros."]) == ["Who decides about them"]


def test_a_part_that_only_speaks_of_a_table_is_one() -> None:
    asked = "What does the laboratory cost? Show who may use the table tennis room and its key every evening"
    assert left_out(asked, ["The laboratory costs 5 euros."])


def test_blanks_that_no_second_question_follows_are_read_once() -> None:
    """From each of them to the end it would be their square."""
    assert left_out("What does" + " " * 200_000 + "it cost?", ["It costs 5 euros."]) == []
