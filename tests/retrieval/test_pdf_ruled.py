"""Tables with drawn lines: their cells are between the lines, however near each other their words are."""

import io
import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from retrieval.chunking import chunk_document
from retrieval.documents import Document
from retrieval.readers import limits, read_document
from retrieval.readers.isolated import Reader
from retrieval.readers.pdf_grids import GridFinder
from retrieval.readers.pdf_pages import draw_page
from retrieval.readers.pdf_rules import Rule
from tests.fakes import HashEmbedder

Draw = Callable[[Canvas], object]
BODY = getSampleStyleSheet()["BodyText"]
LINES = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)
BOLD_NAMES = ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")
TIGHT = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
FEES = [["City", "Room", "Meal"], ["Oslo", "single", "lunch"], ["Rome", "double", "supper"]]


def laid_out(*parts: object) -> bytes:
    file = io.BytesIO()
    SimpleDocTemplate(file, pagesize=A4).build(list(parts))
    return file.getvalue()


def ruled(rows: Sequence[Sequence[object]], *style: tuple[object, ...], **options: object) -> Table:
    return Table([list(row) for row in rows], style=TableStyle([LINES, *style]), **options)


def drawn(*draw: Draw, turn: int = 0) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    canvas.setFont("Helvetica", 10)
    if turn:
        canvas.setPageRotation(turn)
    for each in draw:
        each(canvas)
    canvas.save()
    return file.getvalue()


def cells(
    rows: Sequence[Sequence[str]], *, at: tuple[float, float] = (72, 700), width: float = 90, height: float = 20
) -> Draw:
    """Return what draws rows of words with lines around them, the first at this place."""

    def draw(canvas: Canvas) -> None:
        left, top = at
        across = [left + width * number for number in range(len(rows[0]) + 1)]
        canvas.grid(across, [top - height * number for number in range(len(rows) + 1)])
        for number, row in enumerate(rows, start=1):
            for side, word in zip(across, row, strict=False):
                canvas.drawString(side + 2, top - height * number + 6, word)

    return draw


def read(data: bytes) -> Document:
    return read_document(data, name="fees.pdf")


def tables(data: bytes) -> list[list[str]]:
    document = read(data)
    held = [document.text[block.start : block.end] for block in document.blocks if block.kind == "table"]
    return [table.splitlines() for table in held]


def test_narrow_columns_without_a_gap_are_told_apart() -> None:
    rows = [["State", "A", "B", "C"], ["Guam", "1000", "2000", "3000"], ["Iowa", "4000", "5000", "6000"]]
    data = laid_out(ruled(rows, *TIGHT, colWidths=[60, 22.4, 22.4, 22.4]))
    assert tables(data) == [
        ["State | A | B | C", "State: Guam; A: 1000; B: 2000; C: 3000", "State: Iowa; A: 4000; B: 5000; C: 6000"]
    ]


def test_a_word_that_reaches_over_a_line_stays_whole() -> None:
    rows = [["City", "Code", "Fee"], ["Llanfairpwllgwyn", "", "20"], ["Rome", "RO", "30"]]
    (table,) = tables(drawn(cells(rows, width=60)))
    assert table[1] == "City: Llanfairpwllgwyn; Fee: 20"


def test_lines_of_a_cell_are_one_text() -> None:
    long = "at night, with heavy equipment, or when three people share it"
    rows = [["Means", "When", "Limit"], ["Taxi", Paragraph(long, BODY), "50"], ["Bus", Paragraph(long, BODY), "20"]]
    (table,) = tables(laid_out(ruled(rows, colWidths=[60, 100, 60])))
    assert table[1:] == [f"Means: Taxi; When: {long}; Limit: 50", f"Means: Bus; When: {long}; Limit: 20"]


def test_a_cell_that_reaches_over_rows_stands_in_each_of_them() -> None:
    rows = [["Area", "City", "Fee"], ["North", "Oslo", "20"], ["", "Bergen", "25"], ["South", "Rome", "30"]]
    (table,) = tables(laid_out(ruled(rows, ("SPAN", (0, 1), (0, 2)), ("VALIGN", (0, 1), (0, 2), "MIDDLE"))))
    assert table[1:] == [
        "Area: North; City: Oslo; Fee: 20",
        "Area: North; City: Bergen; Fee: 25",
        "Area: South; City: Rome; Fee: 30",
    ]


def test_a_name_of_several_columns_stands_above_each_of_them() -> None:
    rows = [["City", "Hotel", ""], ["", "single", "double"], ["Oslo", "20", "35"], ["Rome", "30", "45"]]
    spans = ("SPAN", (0, 0), (0, 1)), ("SPAN", (1, 0), (2, 0))
    (table,) = tables(laid_out(ruled(rows, *spans)))
    assert table[0] == "City | Hotel single | Hotel double"
    assert table[1] == "City: Oslo; Hotel single: 20; Hotel double: 35"


def test_names_without_a_line_below_the_name_of_their_group_stand_in_their_columns() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.grid([72, 162, 252, 342], [600, 620, 640])
        canvas.grid([72, 162, 342], [640, 680])
        for x, y, word in ((74, 646, "City"), (164, 646, "single"), (254, 646, "double"), (240, 664, "Hotel")):
            canvas.drawString(x, y, word)
        for y, row in ((626, ("Oslo", "20", "35")), (606, ("Rome", "30", "45"))):
            for x, word in zip((74, 164, 254), row, strict=True):
                canvas.drawString(x, y, word)

    (table,) = tables(drawn(draw))
    assert table[:2] == ["City | Hotel single | Hotel double", "City: Oslo; Hotel single: 20; Hotel double: 35"]


def test_rows_that_lines_part_only_now_and_then_are_told_apart() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.grid([72, 132, 162, 192], [700, 680, 640, 600])
        rows = [("State", "A", "B"), ("Guam", "1", "2"), ("Iowa", "3", "4"), ("Ohio", "5", "6"), ("Utah", "7", "8")]
        for y, row in zip((686, 668, 648, 628, 608), rows, strict=True):
            for x, word in zip((74, 134, 164), row, strict=True):
                canvas.drawString(x, y, word)

    (table,) = tables(drawn(draw))
    assert table == [
        "State | A | B",
        "State: Guam; A: 1; B: 2",
        "State: Iowa; A: 3; B: 4",
        "State: Ohio; A: 5; B: 6",
        "State: Utah; A: 7; B: 8",
    ]


def test_a_table_that_is_open_at_its_sides_has_its_outer_columns() -> None:
    def draw(canvas: Canvas) -> None:
        cells(FEES)(canvas)
        canvas.setFillColor(colors.white)

    def draw_open(canvas: Canvas) -> None:
        for y in (700, 680, 660, 640):
            canvas.line(72, y, 342, y)
        for x in (162, 252):
            canvas.line(x, 640, x, 700)
        for number, row in enumerate(FEES):
            for x, word in zip((74, 164, 254), row, strict=True):
                canvas.drawString(x, 686 - 20 * number, word)

    assert (
        tables(drawn(draw_open))
        == tables(drawn(draw))
        == [["City | Room | Meal", "City: Oslo; Room: single; Meal: lunch", "City: Rome; Room: double; Meal: supper"]]
    )


def test_the_title_and_the_note_of_a_table_stay_outside() -> None:
    rows = [["Fees of the year", "", ""], *FEES, ["All with tax.", "", ""]]
    document = read(laid_out(ruled(rows, ("SPAN", (0, 0), (-1, 0)), ("SPAN", (0, -1), (-1, -1)))))
    assert [block.kind for block in document.blocks] == ["paragraph", "table", "paragraph"]
    assert "City: Oslo; Room: single; Meal: lunch" in document.text


def test_a_bold_row_below_the_names_is_a_row() -> None:
    (table,) = tables(laid_out(ruled(FEES, ("FONTNAME", (0, 0), (-1, 1), "Helvetica-Bold"))))
    assert table[:2] == ["City | Room | Meal", "City: Oslo; Room: single; Meal: lunch"]


@pytest.mark.parametrize("again", [True, False])
def test_a_table_that_goes_on_on_the_next_page_has_its_names_there_once(*, again: bool) -> None:
    rows = [["City", "Room", "Meal"], *([f"Town {number}", "single", "lunch"] for number in range(60))]
    first, second = tables(laid_out(ruled(rows, repeatRows=int(again))))
    assert first[0] == second[0] == "City | Room | Meal"
    assert second[1] == f"City: Town {len(first) - 1}; Room: single; Meal: lunch"
    assert len(first) + len(second) == 62


def test_another_table_on_the_next_page_keeps_its_own_names() -> None:
    staff = [["Name", "Role", "Desk"], ["Ada", "cook", "left"], ["Bo", "clerk", "right"]]
    wide = {"colWidths": [100, 100, 100]}
    parts = ruled(FEES, BOLD_NAMES, **wide), PageBreak(), ruled(staff, BOLD_NAMES, **wide)
    assert tables(laid_out(*parts))[1][1] == "Name: Ada; Role: cook; Desk: left"


def test_two_columns_of_names_and_values_are_not_named_by_their_first_row() -> None:
    rows = [["Name", "Ada Byron"], ["Role", "cook"], ["Desk", "left"]]
    assert tables(laid_out(ruled(rows))) == [["Name | Ada Byron", "Role | cook", "Desk | left"]]


def test_rows_with_bold_names_are_not_named_by_the_first_one() -> None:
    rows = [["Oslo", "single", "lunch"], ["Rome", "double", "supper"]]
    bold = ("FONTNAME", (0, 0), (0, -1), "Helvetica-Bold")
    assert tables(laid_out(ruled(rows, bold))) == [["Oslo | single | lunch", "Rome | double | supper"]]


def picture(canvas: Canvas) -> None:
    canvas.grid([100, 200, 300, 400], [300, 350, 400, 450])
    canvas.drawString(110, 320, "Figure 1")


def paragraphs(canvas: Canvas) -> None:
    canvas.rect(60, 500, 450, 200)
    canvas.rect(50, 490, 470, 220)
    for number in range(8):
        canvas.drawString(70, 680 - 14 * number, "Whoever travels keeps the receipts of all that is paid on the way.")


def page_with_a_border(canvas: Canvas) -> None:
    canvas.grid([30, 300, 565], [30, 400, 800])
    for column in (40, 310):
        for number in range(50):
            canvas.drawString(column, 780 - 14 * number, "Whoever travels keeps the receipts of it.")


def rows_of_two_columns_without_lines(canvas: Canvas) -> None:
    canvas.grid([72, 172, 372], [700, 680, 600])
    for number, (name, value) in enumerate(
        [("City", "Fee"), *((f"Town {each}", f"about {each}") for each in range(5))]
    ):
        canvas.drawString(74, 686 - 16 * number, name)
        canvas.drawString(174, 686 - 16 * number, value)


@pytest.mark.parametrize("draw", [picture, paragraphs, page_with_a_border, rows_of_two_columns_without_lines])
def test_what_is_no_table_with_lines_is_read_as_without_them(draw: Draw, monkeypatch: pytest.MonkeyPatch) -> None:
    with_lines = read(drawn(draw))
    monkeypatch.setattr(GridFinder, "grids", lambda *_: [])
    assert (with_lines.text, with_lines.blocks) == (read(drawn(draw)).text, read(drawn(draw)).blocks)


def test_white_words_in_a_cell_are_left_out() -> None:
    def hidden(canvas: Canvas) -> None:
        canvas.setFillColor(colors.white)
        canvas.drawString(110, 666, "Obey")

    document = read(drawn(cells(FEES), hidden))
    assert "City: Oslo; Room: single; Meal: lunch" in document.text
    assert "Obey" not in document.text
    assert "white text" in document.warnings[0]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_table_on_a_turned_page_is_read_as_it_is_seen(turn: int) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(turn)
        cells(FEES, at=(-150, 100))(canvas)

    assert tables(drawn(draw, turn=turn)) == tables(drawn(cells(FEES)))


def test_a_table_on_a_cropped_page_in_a_drawing_within_the_page_is_read() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.beginForm("table")
        canvas.setFont("Helvetica", 10)
        cells(FEES, at=(10, 90))(canvas)
        canvas.endForm()
        canvas.translate(150, 300)
        canvas.scale(1.2, 1.2)
        canvas.doForm("table")

    writer, file = PdfWriter(), io.BytesIO()
    page = PdfReader(io.BytesIO(drawn(draw))).pages[0]
    page.cropbox = RectangleObject((100, 250, 500, 500))
    writer.add_page(page)
    writer.write(file)
    assert tables(file.getvalue()) == tables(drawn(cells(FEES)))


def test_every_chunk_of_a_table_repeats_the_names_and_is_found_on_its_page() -> None:
    rows = [["City", "Room", "Meal"], *([f"Town {number}", "single", "lunch"] for number in range(60))]
    data = laid_out(ruled(rows))
    document = read(data)
    chunks = chunk_document(document, document_id="d", token_offsets=HashEmbedder().token_offsets, max_tokens=60)
    row = "City: Town 55; Room: single; Meal: lunch"
    (chunk,) = [chunk for chunk in chunks if row in document.text[chunk.start : chunk.end]]
    assert chunk.page == 2
    assert draw_page(data, page=2, pixels=400, quote=row).marks


def test_pdfplumber_is_loaded_only_for_pages_with_lines() -> None:
    script = (
        "import io, sys; from retrieval.readers import read_document; "
        "read_document(sys.stdin.buffer.read(), name='a.pdf'); print('pdfplumber' in sys.modules)"
    )
    plain = laid_out(Paragraph("Plain words.", BODY))
    said = [
        subprocess.run([sys.executable, "-c", script], input=data, capture_output=True, check=True).stdout.split()
        for data in (plain, drawn(cells(FEES)))
    ]
    assert said == [[b"False"], [b"True"]]


def test_the_process_that_reads_files_may_load_it() -> None:
    reader = Reader()
    try:
        document = reader.read(drawn(cells(FEES)), name="fees.pdf")
    finally:
        reader.close()
    assert "City: Oslo; Room: single; Meal: lunch" in document.text


def crossed(canvas: Canvas) -> None:
    for number in range(3_000):
        canvas.line(10 + number / 6, 10, 10 + number / 6, 800)
        canvas.line(10, 10 + number / 4, 580, 10 + number / 4)


def comb(canvas: Canvas) -> None:
    """Draw many crossings no four of which are a cell."""
    for number in range(70):
        canvas.line(10 + 8 * number, 10, 10 + 8 * number, 800)
        canvas.line(10, 20 + 11 * number, 580 - 8 * number, 20 + 11 * number)


def dotted(canvas: Canvas) -> None:
    for number in range(25_000):
        canvas.rect(number % 500, number / 50, 1, 1)


@pytest.mark.parametrize("draw", [crossed, comb, dotted])
def test_a_page_of_nothing_but_lines_is_read_for_its_words(draw: Draw) -> None:
    assert "Honest words." in read(drawn(draw, lambda canvas: canvas.drawString(72, 805, "Honest words."))).text


def test_a_page_whose_drawing_is_broken_off_is_read() -> None:
    data = drawn(
        cells(FEES), lambda canvas: canvas._code.append("1e39 0 0 nan 9 9 re S q q q 0 0 m 1e38 1e38 l S ]] (( ")
    )
    assert "City: Oslo" in read(data).text


def test_a_file_that_took_its_time_for_lines_is_read_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    lattice = [Rule(0, place, 90, place) for place in (0, 30, 60, 90)]
    lattice += [Rule(rule.top, rule.left, rule.top, rule.right) for rule in lattice]
    assert len(GridFinder().grids(lattice)) == 1
    monkeypatch.setattr(limits, "GRID_SECONDS", -1.0)
    assert GridFinder().grids(lattice) == []
    assert "Oslo" in read(drawn(cells(FEES))).text


places = st.integers(0, 30).map(lambda number: number * 3.1)
rules = st.builds(lambda one, two, at: Rule(min(one, two), at, max(one, two), at), places, places, places) | st.builds(
    lambda one, two, at: Rule(at, min(one, two), at, max(one, two)), places, places, places
)


@given(st.sets(rules, max_size=60))
def test_whatever_rules_there_are_cells_do_not_overlap(drawn_rules: set[Rule]) -> None:
    for grid in GridFinder().grids(drawn_rules):
        assert sum(rows * columns for rows, columns in grid.spans.values()) == len(grid.begins)
