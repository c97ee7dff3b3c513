"""A document around a place: blocks in order, the place marked, the signs of Markdown left out."""

import pytest

from app.api.views import SURROUNDINGS, document_view
from retrieval.documents import Block, Document, Page


def document(text: str, *blocks: Block, media_type: str = "text/markdown", pages: tuple[Page, ...] = ()) -> Document:
    """Return a document of this text."""
    return Document(sha256="0", name="a", title="A", media_type=media_type, text=text, blocks=blocks, pages=pages)


def marked(view: dict[str, object]) -> str:
    """Return the marked text of the paragraphs of a view."""
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return "".join(part["text"] for block in blocks for part in block.get("parts", []) if part["marked"])


def test_place_is_marked_exactly() -> None:
    text = "One two three.\n\nFour five."
    view = document_view(document(text), text.index("two"), text.index("three"))
    assert marked(view) == "two "


def test_place_over_two_paragraphs_is_marked_in_both() -> None:
    text = "One.\n\nTwo."
    assert marked(document_view(document(text), 0, len(text))) == "One.Two."


def test_signs_of_markdown_are_left_out() -> None:
    text = "## Heading\n\nSome **bold** and [a link](http://x.example) and snake_case_name."
    heading = Block(kind="heading", start=0, end=10, level=2)
    view = document_view(document(text, heading), 0, 0)
    shown = ["".join(part["text"] for part in block["parts"]) for block in view["blocks"]]
    assert shown == ["Heading", "Some bold and a link and snake_case_name."]


def test_plain_text_keeps_its_signs_and_lines() -> None:
    text = "# not a heading\n**stars**"
    view = document_view(document(text, media_type="text/plain"), 0, 0)
    assert view["lines"]
    assert view["blocks"][0]["parts"][0]["text"] == text


def test_table_becomes_cells_without_the_line_under_its_head() -> None:
    text = "| Office | Desks |\n|---|---|\n| Paris | 42 |"
    view = document_view(
        document(text, Block(kind="table", start=0, end=len(text))), text.index("42"), text.index("42") + 2
    )
    rows = view["blocks"][0]["rows"]
    assert [["".join(part["text"] for part in cell).strip() for cell in row] for row in rows] == [
        ["Office", "Desks"],
        ["Paris", "42"],
    ]
    assert [part["text"] for cell in rows[1] for part in cell if part["marked"]] == ["42"]


def test_cells_below_a_drawn_head_do_not_say_its_names_again_and_the_mark_is_where_it_was() -> None:
    text = "| Office | Desks |\n| Office: Paris | Desks: 42 | beside |\n| Office hours: 9 |"
    marked = text.index("Desks: 42"), text.index("42") + 2
    rows = document_view(document(text, Block(kind="table", start=0, end=len(text))), *marked)["blocks"][0]["rows"]
    assert [["".join(part["text"] for part in cell) for cell in row] for row in rows] == [
        ["Office", "Desks"],
        ["Paris", "42", "beside"],
        ["Office hours: 9"],
    ]
    assert [part["text"] for row in rows for cell in row for part in cell if part["marked"]] == ["42"]


def test_cells_of_a_markdown_row_stay_below_their_heads_also_where_one_is_empty_or_holds_a_bar() -> None:
    text = "| Office | Desks | Note |\n| Office: Paris |  | Note: a \\| b |"
    view = document_view(document(text, Block(kind="table", start=0, end=len(text))), 0, 0)
    rows = view["blocks"][0]["rows"]
    assert [["".join(part["text"] for part in cell) for cell in row] for row in rows] == [
        ["Office", "Desks", "Note"],
        ["Paris", "", "a | b"],
    ]


def test_list_becomes_items_without_bullets() -> None:
    text = "- one\n- two"
    view = document_view(document(text, Block(kind="list", start=0, end=len(text))), 0, 0)
    assert ["".join(part["text"] for part in item).strip() for item in view["blocks"][0]["items"]] == ["one", "two"]


def test_long_document_is_shown_around_the_place() -> None:
    text = "\n\n".join(f"Paragraph {number} " + "x" * 400 for number in range(200))
    middle = text.index("Paragraph 100 ")
    view = document_view(document(text), middle, middle + 13)
    assert view["cut_before"]
    assert view["cut_after"]
    assert marked(view) == "Paragraph 100"
    assert len(str(view["blocks"])) < 4 * SURROUNDINGS


def test_page_number_stands_where_the_page_begins() -> None:
    text = "First page.\n\nSecond page."
    pages = (Page(number=1, start=0, end=13), Page(number=2, start=13, end=len(text)))
    view = document_view(document(text, media_type="application/pdf", pages=pages), 0, 0)
    assert [block["page"] for block in view["blocks"]] == [1, 2]


def test_place_outside_the_text_marks_nothing() -> None:
    assert marked(document_view(document("Short."), 500, 900)) == ""
    assert marked(document_view(document(""), 0, 10)) == ""


@pytest.mark.parametrize("signs", ["\t", "[", "![", "]("])
def test_signs_of_markdown_that_come_to_nothing_are_read_once(signs: str) -> None:
    """From each of them to the end of the line it would be their square."""
    text = f"One {signs * 100_000}two."
    assert marked(document_view(document(text), 0, len(text))) == text
