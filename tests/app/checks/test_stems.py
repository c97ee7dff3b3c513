"""A list item is examined as something said of what stands above it."""

import pytest

from app.checks.claims import examine
from app.checks.stems import Item, with_stems
from app.checks.support import Source
from app.sentences import split_sentences

PROSE = Source(
    text="Employees in Rotterdam receive 25 days of annual leave and share 42 desks. In Munich 30 days of annual leave "
    "are given and there are 7 desks. Lunch costs 5 euros."
)
TABLE = Source(
    text="City | Annual leave | Desks\nCity: Rotterdam; Annual leave: 25 days; Desks: 42\n"
    "City: Munich; Annual leave: 30 days; Desks: 7"
)


def stems(answer: str) -> list[tuple[str, ...]]:
    return [one.stems if isinstance(one, Item) else () for one in with_stems(answer, split_sentences(answer))]


def verdicts(answer: str, source: Source) -> list[str]:
    return [one.verdict for one in examine(answer, [source]) if isinstance(one.sentence, Item)]


def test_an_item_stands_below_the_line_before_its_list_and_the_items_it_is_part_of() -> None:
    answer = (
        "Staff in Rotterdam get:\n\n- 25 days\n- A desk. And a chair.\n  - In the tower:\n    - 3 rooms\n- Lunch\n\n"
    )
    answer += "Done."
    rotterdam = ("Staff in Rotterdam get",)
    assert stems(answer) == [(), *[rotterdam] * 4, (*rotterdam, "In the tower"), rotterdam, ()]


def test_an_item_stands_below_its_heading_until_the_next_one() -> None:
    answer = "## Munich\n\n1. 30 days\n2. 7 desks\n\n**Lisbon:**\n* 22 days\n\n##\n- 1 day"
    assert stems(answer) == [(), ("Munich",), ("Munich",), (), ("Lisbon",), ()]


def test_a_line_that_goes_on_with_a_paragraph_may_stand_above_a_list() -> None:
    assert stems("Leave differs.\nIn Lisbon:\n* 22 days") == [(), (), ("In Lisbon",)]
    assert stems("In Lisbon:\n\nSee below.\n\n* 22 days") == [(), (), ()]


def test_code_is_no_list() -> None:
    assert stems("In Lisbon:\n\n```\n- 22 days\n```") == [(), ()]


@pytest.mark.parametrize(
    "answer",
    [
        "Employees in Rotterdam get:\n- {} days of annual leave\n- lunch for 5 euros",
        "## Rotterdam\n\n- {} days of annual leave\n- lunch for 5 euros",
        "- Rotterdam:\n  - {} days of annual leave\n  - lunch for 5 euros",
    ],
)
def test_an_item_that_is_true_of_something_else_only_is_told(answer: str) -> None:
    assert verdicts(answer.format(25), PROSE) == ["supported", "supported"]
    found = [one for one in examine(answer.format(30), [PROSE]) if isinstance(one.sentence, Item)]
    assert [one.verdict for one in found] == ["value differs", "supported"]
    assert found[0].finding.differences[0].given.text == "25 days"


def test_an_item_with_a_label_is_a_cell_where_a_table_has_both_names() -> None:
    answer = "**Munich**\n\n- **Annual leave**: {}\n- Desks: {}"
    assert verdicts(answer.format("30 days", 7), TABLE) == ["supported", "supported"]
    assert verdicts(answer.format("25 days", 30), TABLE) == ["value differs", "value differs"]


def test_what_a_title_says_of_all_sentences_is_no_fault_of_an_item() -> None:
    source = Source(text="Annual leave is 25 days. In Munich annual leave is 30 days.", context="Working in Rotterdam")
    assert verdicts("In Rotterdam:\n- 25 days of annual leave", source) == ["supported"]


def test_below_a_line_that_names_nothing_of_the_sources_an_item_may_be_said_of_anything() -> None:
    for line in ("Employees get:", "You can count on:", "Employees in Oslo get:"):
        assert verdicts(f"{line}\n- 30 days of annual leave", PROSE) == ["supported"]


def test_a_sentence_that_names_nothing_else_may_speak_of_the_item() -> None:
    source = Source(text="Those in Rotterdam have 25 days of annual leave. After ten years there are 35 days of leave.")
    assert verdicts("In Rotterdam:\n- 35 days of annual leave after ten years", source) == ["supported"]


def test_lists_of_sixty_thousand_characters_are_read() -> None:
    for piece in ("- a:\n", "  - a\n", "a:\n- b\n", "## x\n- y\n", "   "):
        text = piece * (60_000 // len(piece))
        assert with_stems(text, []) == []
    deep = "".join(f"{' ' * n}- a{n}:\n" for n in range(300))
    assert max(map(len, stems(deep))) > 200
