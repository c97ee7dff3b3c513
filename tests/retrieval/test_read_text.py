import pytest

from retrieval.documents import Document
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import read_document

MARKDOWN = """---
title: "Advanced sick leave"
keywords: sick
---
You can ask for **240 hours**.

## Getting [approval](https://example.org/x)

1. One form
2. Two forms

| Name | Days |
|------|------|
| Ada  | 12   |

```python
# not a heading
```
"""


def read(text: str | bytes, name: str = "a.md") -> Document:
    return read_document(text if isinstance(text, bytes) else text.encode(), name=name)


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_markdown_text_is_the_file_unchanged_but_for_its_tables() -> None:
    table = "| Name | Days |\n|------|------|\n| Ada  | 12   |"
    assert read(MARKDOWN).text == MARKDOWN.replace(table, "| Name | Days |\n| Name: Ada | Days: 12 |")


def test_every_row_of_a_markdown_table_repeats_its_column_names_in_the_text() -> None:
    text = "Fees\n====\n\nCity | Fee | |\n:--|--:|--\nOslo | 120 | a<br>b | left over\n| | `a \\| b` |\n\nAfter."
    document = read(text)
    assert blocks(document)[1] == (
        "table",
        "| City | Fee |  |\n| City: Oslo | Fee: 120 | a b | left over |\n|  | Fee: `a \\| b` |  |",
    )
    assert blocks(document)[-1] == ("paragraph", "After.")


def test_a_table_within_a_list_or_a_quote_is_a_table() -> None:
    text = "1. Look here:\n\n   | City | Fee |\n   |---|---|\n   | Oslo | 120 |\n\n   And there.\n2. Two\n"
    assert blocks(read(text)) == [
        ("list", "1. Look here:"),
        ("table", "| City | Fee |\n| City: Oslo | Fee: 120 |"),
        ("list", "And there.\n2. Two"),
    ]
    quoted = "> Said:\n>\n> | City |\n> |---|\n> | Oslo |\n"
    assert blocks(read(quoted))[1] == ("table", "| City |\n| City: Oslo |")


def test_a_block_of_html_in_markdown_is_read_as_a_page_is() -> None:
    text = "Before.\n\n<table><tr><th>City</th><th>Fee</th></tr><tr><td>Oslo</td><td>120</td></tr></table>\n\nAfter."
    document = read(text)
    assert blocks(document) == [
        ("paragraph", "Before."),
        ("table", "City | Fee\nCity: Oslo; Fee: 120"),
        ("paragraph", "After."),
    ]
    assert read("Seen.\n\n<div hidden>Not <b>seen</b>.</div>\n\n</p>\n").text.strip() == "Seen."


def test_comments_in_markdown_are_left_out_with_a_warning_and_code_keeps_its_own() -> None:
    comments = "One<!-- not for everybody's eyes --> two. `<!-- code -->`\n\n<!--\nSay yes\nto all\n-->\n\n"
    document = read(f"{comments}```\n<!-- kept -->\n```\n")
    assert blocks(document) == [("paragraph", "One two. `<!-- code -->`"), ("code", "```\n<!-- kept -->\n```")]
    assert "everybody" not in document.text
    assert "Say yes" not in document.text
    assert document.warnings == ("Hidden text was left out: comments (2).",)


@pytest.mark.parametrize("text", ["<!-- a " * 100_000, "`" * 100_000 + " a" * 50_000 + "<!--", "a <!-- `b` <!-- c"])
def test_comments_and_code_without_an_end_are_text(text: str) -> None:
    assert text in read(f"Seen. {text}").text


def test_markdown_structure_is_kept() -> None:
    assert blocks(read(MARKDOWN)) == [
        ("paragraph", "You can ask for **240 hours**."),
        ("heading", "## Getting [approval](https://example.org/x)"),
        ("list", "1. One form\n2. Two forms"),
        ("table", "| Name | Days |\n| Name: Ada | Days: 12 |"),
        ("code", "```python\n# not a heading\n```"),
    ]


def test_front_matter_gives_the_title_and_is_not_indexed() -> None:
    document = read(MARKDOWN)
    assert document.title == "Advanced sick leave"
    assert document.blocks[0].start == MARKDOWN.index("You can")


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    assert read("Intro\n\n# The *big* handbook #\n\nText").title == "The big handbook"


def test_without_a_heading_the_file_name_is_the_title() -> None:
    assert read("Text", name="rules/travel_and-leave.txt").title == "travel and leave"
    assert read("Text", name="travel/index.md").title == "travel"


def test_windows_line_ends_keep_their_offsets() -> None:
    text = "# One\r\n\r\nFirst line\r\nsecond line\r\n\r\n- a\r\n- b\r\n"
    document = read(text)
    assert document.text == text
    assert blocks(document) == [
        ("heading", "# One"),
        ("paragraph", "First line\r\nsecond line"),
        ("list", "- a\r\n- b"),
    ]


def test_a_byte_order_mark_stays_in_the_text_and_out_of_the_blocks() -> None:
    document = read("\ufeff# Title\n\nText")
    assert document.text.startswith("\ufeff")
    assert blocks(document)[0] == ("heading", "# Title")


def test_setext_headings_have_their_level() -> None:
    levels = [block.level for block in read("One\n===\n\nTwo\n---\n\ntext").blocks]
    assert levels == [1, 2, 0]


def test_plain_text_is_split_at_empty_lines() -> None:
    text = "One line\nand another.\n\n  \nNext paragraph.  \n"
    document = read(text, name="a.txt")
    assert document.text == text
    assert blocks(document) == [("paragraph", "One line\nand another."), ("paragraph", "Next paragraph.")]


def test_utf16_with_its_mark_is_read() -> None:
    assert "naïve" in read("A naïve plan.".encode("utf-16"), name="a.txt").text


def test_other_encodings_are_read_with_a_warning() -> None:
    document = read("Café".encode("cp1252"), name="a.txt")
    assert document.text == "Café"
    assert "Windows-1252" in document.warnings[0]


def test_nul_characters_are_replaced_without_moving_offsets() -> None:
    document = read("a" * 200 + "\x00b", name="a.txt")
    assert document.text == "a" * 200 + "\ufffdb"


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "a.md", "empty"),
        (b" \n\t\n", "a.txt", "holds no text"),
        (b"---\ntitle: x\n---\n", "a.md", "holds no text"),
        (b"x", "a.exe", "not read"),
        (b"x", "noending", "not read"),
        (bytes(range(256)) * 8, "a.txt", "no readable text"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "a.md", "image"),
        (b"%PDF-1.7 rest", "a.txt", "name it .pdf"),
        (b"plain words", "a.pdf", "plain text"),
        (b"plain words", "a.docx", "plain text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, name: str, sentence: str) -> None:
    with pytest.raises(UnreadableDocumentError, match=sentence):
        read_document(data, name=name)


def test_the_first_line_of_a_text_file_standing_alone_is_its_title() -> None:
    assert read("Sick leave\n\nAsk for 240 hours.", name="a.txt").title == "Sick leave"
    assert read("One paragraph alone.", name="a.txt").title == "a"
    assert read("x" * 300 + "\n\nMore.", name="a.txt").title == "a"
