"""Names are told by how they are written, and missed where no source has them."""

import pytest

from app.checks.names import Words, names_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ask Maria Silva in Lisbon.", ["Maria", "Silva", "Lisbon"]),
        ("Employees get leave.", []),
        ("In May the office closes on Mondays and Friday.", ["Mondays"]),
        ("THE OFFICE IS CLOSED TODAY", []),
        ("the IBM console", ["IBM"]),
        ("**Wait For It:** the space is freed.", []),
        ("Toby's desk", []),
        ("Look at Toby's desk", ["Toby"]),
        ("Look.\n\nToby and\nLisbon (Paris) 12 - Rome 3 Oslo", ["Oslo"]),
    ],
)
def test_names_are_words_with_a_capital_that_nothing_else_asks_for(text: str, names: list[str]) -> None:
    assert names_of(text) == names


def test_names_of_a_long_text_are_found_to_its_end() -> None:
    assert names_of("We look at Toby and " * 5000)[-1] == "Toby"
    assert names_of(f"look at {'A' * 100_000}'{'A' * 100_000} and at Toby and ask how") == ["Toby"]


def missed(claim: str, given: str) -> list[str]:
    return Words([given]).missing(names_of(claim))


def test_a_name_no_source_has_is_missed() -> None:
    assert missed("The office in Munich opens.", "The office in Lisbon opens.") == ["Munich"]


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        ("people of Chinese origin", "people from China"),
        ("an offer by NASA", "the National Aeronautics and Space Administration offers"),
        ("the desk of Toby", "toby's desk"),
    ],
)
def test_a_name_written_otherwise_is_the_same(claim: str, given: str) -> None:
    assert missed(claim, given) == []
