"""What is told of how well a document was understood."""

# ruff: noqa: RUF001 (other letters are meant)

import pytest
import sqlalchemy as sa

from retrieval.documents import Block, Document, Page
from retrieval.library import Library
from retrieval.quality import Quality, quality_from, quality_of, quality_row
from tests.retrieval.learning import COLLECTION, learn

PROSE = "The hotel limit in Lisbon is 120 euros a night, and breakfast is paid by whoever eats it. " * 3


def document(text: str = PROSE, *, pages: int = 0, table: bool = False, warnings: tuple[str, ...] = ()) -> Document:
    """Return a document; a table is its whole text, pages are of like length."""
    size = len(text) // max(pages, 1)
    return Document(
        sha256="0" * 64,
        name="a",
        title="A",
        media_type="text/plain",
        text=text,
        blocks=(Block(kind="table", start=0, end=len(text)),) if table else (),
        pages=tuple(Page(number=n + 1, start=n * size, end=(n + 1) * size) for n in range(pages)),
        language="en",
        encoding="utf-8",
        warnings=warnings,
    )


OTHER = ["Été à Málaga, größer als früher, naïve façade. " * 3, "Привет, как дела у вас сегодня? " * 4]


def kinds(given: Document) -> list[str]:
    return [fault.kind for fault in quality_of(given).faults]


def test_document_that_was_understood_has_counts_and_no_fault() -> None:
    assert quality_of(document(pages=2)) == Quality(words=54, pages=2, tables=0, language="en", encoding="utf-8")


@pytest.mark.parametrize(
    ("warning", "count"),
    [
        ("Page 3 holds only an image and could not be read.", "1 page"),
        ("Pages 1, 4 hold only images and could not be read.", "2 pages"),
        ("Page 7 is damaged and could not be read.", "1 page"),
        ("Slide 2 holds only an image and could not be read.", "1 page"),
        ("Only the first 4 of 9 pages were read: the file is too large.", "5 pages"),
    ],
)
def test_pages_that_were_not_read_are_counted(warning: str, count: str) -> None:
    (fault,) = quality_of(document(PROSE * 2, pages=9, warnings=(warning,))).faults
    assert fault.kind == "unread_pages"
    assert fault.sentence.startswith(f"{count} could not be read")


def test_scan_whose_words_were_recognised_has_no_text_layer() -> None:
    warning = "Pages 1, 2 hold scans and their text was recognised, perhaps with mistakes."
    assert kinds(document(pages=2, warnings=(warning,))) == ["no_text_layer"]
    assert kinds(document(pages=3, warnings=(warning,))) == []


@pytest.mark.parametrize("noise", ["\ufffd", "(cid:34)", "fÃ¼r", "\ue012", "dontâ€™t"])
def test_letters_that_make_no_sense_are_noticed(noise: str) -> None:
    assert kinds(document(f"{PROSE}{noise} {noise} {noise} {noise}")) == ["garbled"]


@pytest.mark.parametrize(
    "text", ["Été à Málaga, größer als früher, naïve façade. " * 3, "Привет, как дела у вас сегодня? " * 4]
)
def test_other_letters_make_sense(text: str) -> None:
    assert kinds(document(text)) == []


def test_document_of_a_few_words_says_little() -> None:
    assert kinds(document("Floor plan")) == ["little_text"]
    assert kinds(document("Dogs may come on Fridays.")) == []
    assert kinds(document("Dogs may come on Fridays.", pages=1)) == ["little_text"]


def test_table_with_more_cells_than_columns_is_broken() -> None:
    rows = [
        "Name | Town",
        "Name: Ada; Town: Paris",
        "Name: Bo; Town: Rome; 7; 8",
        "Name: Cy; Town: Oslo; 9",
        "Name: Di",
    ]
    assert kinds(document("\n".join([*rows, PROSE.replace(",", "")]), table=True)) == ["broken_tables"]
    assert kinds(document("\n".join([*rows[:2], *[rows[4]] * 20]), table=True)) == []
    assert kinds(document("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 |\n| 4 | 5 | 6 | 7 |\n" * 2, table=True)) == [
        "broken_tables"
    ]


def test_quality_is_stored_with_the_document_and_made_up_for_older_ones(library: Library, engine: sa.Engine) -> None:
    learn(library, {"a.md": "# Two\n\nTwo words"})
    (stored,) = library.chunks.documents(COLLECTION)
    assert stored.quality is not None
    assert [fault.kind for fault in stored.quality.faults] == ["little_text"]
    assert quality_from(quality_row(stored.quality)) == stored.quality
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE documents SET quality = '', screened = ''"))
    assert library.chunks.documents(COLLECTION)[0].quality is None
    learn(library, {})
    assert library.chunks.documents(COLLECTION)[0].quality == stored.quality
