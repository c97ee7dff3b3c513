"""What a sentence says of the rows of the sources' tables stands in the row it is said of."""

import pytest

from app.answers import Verdict
from app.checks.claims import Examined, examine
from app.checks.support import Source

TABLE = """\
| Office: Rotterdam | Annual leave: 27 days | Holidays: those of the Netherlands | Service days after 5 years: 2 |
| Office: Leeds | Annual leave: 26 days | Holidays: those of England | Service days after 5 years: 3 |
| Office: Munich | Annual leave: 30 days | Holidays: those of Bavaria | Service days after 5 years: 2 |"""
HEADS = "| Office | Annual leave | Holidays | Service days after 5 years |"
LEAVE = Source(
    text=f"Full-time employees receive the following days. Part-time employees receive less.\n\n{HEADS}\n{TABLE}",
    context="Annual leave\nHow many days you have",
)
ASKED = "How many days of annual leave do full-time employees have?"


def told(answer: str, question: str = ASKED, *others: Source) -> list[Examined]:
    return examine(answer, [LEAVE, *others], question=question)


def verdicts(answer: str, question: str = ASKED, *others: Source) -> list[Verdict]:
    return [one.verdict for one in told(answer, question, *others)]


def quote(one: Examined) -> str:
    window = one.supports[0].window
    return LEAVE.text[window.start : window.end]


def test_what_one_row_says_is_not_found_to_be_said_of_all() -> None:
    (found,) = told("Full-time employees receive 27 days of annual leave.")
    assert found.verdict == "value differs"
    assert quote(found) == TABLE


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        ("You get 27 days of annual leave.", "How much annual leave do I get in Rotterdam?"),
        ("In Rotterdam you get 27 days of annual leave.", ASKED),
        ("Rotterdam has more. You get 26 days of annual leave.", "What is the annual leave?"),
        ("Annual leave is between 26 and 30 days.", ASKED),
        ("You get up to 30 days of annual leave.", ASKED),
        ("You get 27 days of annual leave.", "How much annual leave do the Dutch get?"),
    ],
)
def test_where_the_row_was_named_or_may_have_been_its_value_is_found(answer: str, question: str) -> None:
    assert verdicts(answer, question)[-1] == "supported"


def test_what_a_sentence_says_of_all_too_is_found() -> None:
    everybody = Source(text="Everybody has at least 27 days of annual leave.")
    assert verdicts("You get 27 days of annual leave.", ASKED, everybody) == ["supported"]


def test_a_value_that_all_rows_have_is_found() -> None:
    same = Source(text=LEAVE.text.replace("26 days", "27 days").replace("30 days", "27 days"))
    assert [one.verdict for one in examine("You get 27 days of annual leave.", [same])] == ["supported"]


def test_what_several_rows_say_together_is_found_in_them() -> None:
    (found,) = told("Employees get 27 days of annual leave in Rotterdam, 26 days in Leeds and 30 days in Munich.")
    assert found.verdict == "supported"
    assert quote(found) == TABLE


@pytest.mark.parametrize(
    "answer",
    [
        "Employees get 26 days of annual leave in Rotterdam, 27 days in Leeds and 30 days in Munich.",
        "Annual leave: Rotterdam 26 days; Leeds 27 days.",
        "In Leeds you get 27 days of annual leave.",
    ],
)
def test_what_another_row_says_differs(answer: str) -> None:
    assert verdicts(answer) == ["value differs"]


@pytest.mark.parametrize(
    "answer",
    [
        "Rotterdam and Leeds get 27 and 26 days of annual leave respectively.",
        "In Leeds you get 26 days of annual leave, and 3 service days after 5 years.",
    ],
)
def test_right_rows_are_found_however_a_sentence_joins_them(answer: str) -> None:
    assert verdicts(answer) == ["supported"]


def test_a_denial_of_what_a_row_says_is_not_found() -> None:
    assert verdicts("Full-time employees in Rotterdam receive 27 days of annual leave.") == ["supported"]
    assert verdicts("Full-time employees in Rotterdam do not receive 27 days of annual leave.") == ["not found"]


def test_a_longer_name_is_not_its_shorter_neighbour() -> None:
    titles = "Team | Titles\nTeam: Michigan; Titles: 12\nTeam: Michigan State; Titles: 15"
    wrong, right = (examine(f"Michigan State has {count} titles.", [Source(text=titles)]) for count in (12, 15))
    assert [wrong[0].verdict, right[0].verdict] == ["value differs", "supported"]
