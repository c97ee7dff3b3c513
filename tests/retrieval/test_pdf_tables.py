import io
from collections.abc import Sequence

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from retrieval.readers import read_document

STYLES = getSampleStyleSheet()
LIMITS = [["City", "Limit per night"], ["Oslo", "€170"], ["Rome", "€145"], ["Bern", "€210"]]


def pdf(rows: Sequence[Sequence[object]], *, bold: bool = True, widths: Sequence[int] = ()) -> bytes:
    """Return a PDF of a paragraph, a table and another paragraph."""
    style = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.grey), ("FONTNAME", (0, 0), (-1, -1), "Helvetica")])
    if bold:
        style.add("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")
    table = Table([list(row) for row in rows], colWidths=list(widths) or [180] * len(rows[0]), style=style)
    file = io.BytesIO()
    before = "These limits hold for all hotels that are booked by the office, wherever they may be in the world."
    SimpleDocTemplate(file, pagesize=A4).build(
        [Paragraph(before, STYLES["BodyText"]), table, Paragraph("Ask the office for more.", STYLES["BodyText"])]
    )
    return file.getvalue()


def tables(data: bytes) -> list[str]:
    document = read_document(data, name="limits.pdf")
    return [document.text[block.start : block.end] for block in document.blocks if block.kind == "table"]


def test_every_row_repeats_the_names_of_its_columns() -> None:
    (table,) = tables(pdf(LIMITS))
    assert table.splitlines() == [
        "City | Limit per night",
        "City: Oslo; Limit per night: €170",
        "City: Rome; Limit per night: €145",
        "City: Bern; Limit per night: €210",
    ]


def test_a_first_row_that_is_not_bold_names_nothing() -> None:
    assert tables(pdf(LIMITS[1:], bold=False)) == ["Oslo | €170\nRome | €145\nBern | €210"]


def test_words_above_numbers_name_their_columns_also_where_they_are_not_bold() -> None:
    rows = [["City", "Fee"], ["Oslo", "170"], ["Rome", "145"]]
    assert tables(pdf(rows, bold=False)) == ["City | Fee\nCity: Oslo; Fee: 170\nCity: Rome; Fee: 145"]


def test_a_table_that_goes_on_on_the_next_page_has_its_names_there_too() -> None:
    rows = [["City", "Limit per night"], *([f"Town {number}", f"€{number}"] for number in range(80))]
    first, second, third = tables(pdf(rows))
    assert first.splitlines()[1] == "City: Town 0; Limit per night: €0"
    assert second.splitlines()[0] == "City | Limit per night"
    assert second.splitlines()[-1] == "City: Town 73; Limit per night: €73"
    assert third.splitlines()[-1] == "City: Town 79; Limit per night: €79"


def test_a_wrapped_cell_is_whole_again() -> None:
    body = STYLES["BodyText"]
    rows = [
        ["Means", "Remarks"],
        ["Taxi", Paragraph("at night, with heavy equipment, or when three people share it", body)],
        ["Train", Paragraph("always", body)],
    ]
    (table,) = tables(pdf(rows, widths=(120, 150)))
    assert "Means: Taxi; Remarks: at night, with heavy equipment, or when three people share it" in table
    assert "Means: Train; Remarks: always" in table


def test_an_empty_cell_leaves_the_others_in_their_columns() -> None:
    rows = [["Record", "Counted from", "Then"], ["Accounts", "", "archive"], ["Claims", "payment", "erase"]]
    (table,) = tables(pdf(rows, widths=(120, 120, 120)))
    assert "Record: Accounts; Then: archive" in table


def test_text_around_a_table_stays_outside() -> None:
    document = read_document(pdf(LIMITS), name="limits.pdf")
    kinds = [block.kind for block in document.blocks]
    assert kinds == ["paragraph", "table", "paragraph"]


def test_paragraphs_alone_are_no_table() -> None:
    file = io.BytesIO()
    SimpleDocTemplate(file, pagesize=A4).build([Paragraph("Plain words in a row. " * 60, STYLES["BodyText"])])
    assert tables(file.getvalue()) == []
