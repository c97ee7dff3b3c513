import pytest

from retrieval.documents import Document
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits, read_document
from tests.retrieval.files import pdf

TEXT = [
    [
        "# Travel rules",
        "",
        "Book trips four weeks ahead so that the",
        "office can compare prices.",
        "",
        "Keep receipts.",
    ],
    ["# Hotels", "", "The limit is 120 euros."],
]


def read(data: bytes) -> Document:
    return read_document(data, name="rules.pdf")


def blocks(document: Document) -> list[tuple[str, str, int]]:
    return [(block.kind, document.text[block.start : block.end], block.level) for block in document.blocks]


def test_lines_become_paragraphs_and_large_letters_headings() -> None:
    assert blocks(read(pdf(TEXT))) == [
        ("heading", "Travel rules", 1),
        ("paragraph", "Book trips four weeks ahead so that the office can compare prices.", 0),
        ("paragraph", "Keep receipts.", 0),
        ("heading", "Hotels", 1),
        ("paragraph", "The limit is 120 euros.", 0),
    ]


def test_every_page_knows_its_text() -> None:
    document = read(pdf(TEXT))
    first, second = (document.text[page.start : page.end] for page in document.pages)
    assert [page.number for page in document.pages] == [1, 2]
    assert "receipts" in first
    assert "120 euros" in second
    assert "120 euros" not in first


def test_a_word_cut_at_a_line_end_is_whole_again() -> None:
    document = read(pdf([["The reimburse-", "ment takes a week, not longer than that."]]))
    assert "reimbursement takes" in document.text


def test_a_page_of_images_is_reported() -> None:
    document = read(pdf([["Some text."], []], image_only=True))
    assert document.warnings == ("Page 2 holds only an image and could not be read.",)


def test_a_scan_is_refused_with_the_reason() -> None:
    with pytest.raises(UnreadableDocumentError, match="only images"):
        read(pdf([[]], image_only=True))


def test_a_pdf_that_needs_a_password_says_so() -> None:
    with pytest.raises(UnreadableDocumentError, match="password"):
        read(pdf(TEXT, password="secret"))


@pytest.mark.parametrize("data", [b"%PDF-1.7\n%nothing more", b"%PDF-1.4 1 0 obj << /Pages 1 0 R >> trailer"])
def test_a_damaged_pdf_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableDocumentError, match="damaged"):
        read(data)


def test_a_pdf_cut_in_half_is_refused_or_read_with_what_is_left() -> None:
    whole = pdf(TEXT)
    with pytest.raises(UnreadableDocumentError):
        read(whole[: len(whole) // 3])


def test_pages_beyond_the_limit_are_left_out_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAGES", 2)
    document = read(pdf([["One."], ["Two."], ["Three."]]))
    assert "Three" not in document.text
    assert "first 2 of 3 pages" in document.warnings[0]


def test_reading_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", -1.0)
    with pytest.raises(UnreadableDocumentError, match="holds no text"):
        read(pdf(TEXT))


def test_headers_footers_and_page_numbers_are_left_out() -> None:
    document = read(pdf([["Handbook of the house", "", f"Rule {n} is here.", "", f"Page {n}"] for n in range(1, 6)]))
    assert "Handbook" not in document.text
    assert "Page 3" not in document.text
    assert "Rule 3 is here." in document.text
