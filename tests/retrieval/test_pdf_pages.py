"""A page of a PDF is drawn as it looks, and what was quoted is found on it, whatever the page does to its words."""

import io
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from retrieval.documents import DrawnPage, Mark
from retrieval.errors import UnreadableDocumentError
from retrieval.readers.frames import BrokenFrameError, pack_page, unpack, unpack_page
from retrieval.readers.isolated import Reader
from retrieval.readers.pdf_pages import draw_page
from retrieval.readers.pdf_quotes import count_before, find_quote
from tests.retrieval.files import pdf

WIDTH, HEIGHT = 595.3, 841.9
"""Points of A4."""


@pytest.fixture(scope="module", name="reader")
def _reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


def words_at(page: str, quote: str, **options: int) -> str:
    """Return what is found on a page given as its characters."""
    return "".join(page[place] for place in find_quote(page, quote, **options).places)


def two_colours() -> bytes:
    """Return a page with two lines of full blocks, the upper red, the lower green, that read AAAA and BBBB."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(400, 200))
    for y, colour, word in ((150, (1, 0, 0), "AAAA"), (50, (0, 1, 0), "BBBB")):
        canvas.setFillColorRGB(*colour)
        canvas.rect(100, y - 8, 200, 40, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.setFont("Helvetica", 24)
        canvas.drawString(120, y, word)
    canvas.save()
    return file.getvalue()


def colour_around(drawn: DrawnPage, mark: Mark) -> tuple[int, ...]:
    """Return the colour of the picture at the top left corner of a mark."""
    picture = Image.open(io.BytesIO(drawn.picture)).convert("RGB")
    colour = picture.getpixel((int(mark.left * drawn.width) + 2, int(mark.top * drawn.height) + 2))
    assert isinstance(colour, tuple)
    return colour


def turned(data: bytes, degrees: int) -> bytes:
    """Return a PDF with its pages turned."""
    writer, file = PdfWriter(), io.BytesIO()
    for page in PdfReader(io.BytesIO(data)).pages:
        writer.add_page(page.rotate(degrees))
    writer.write(file)
    return file.getvalue()


def test_page_is_drawn_in_the_reading_process(reader: Reader) -> None:
    drawn = reader.draw(pdf([["One."], ["Two."]]), name="x.pdf", page=2, pixels=500)
    picture = Image.open(io.BytesIO(drawn.picture))
    assert picture.size == (drawn.width, drawn.height)
    assert abs(drawn.width - 500) <= 1
    assert drawn.pages == 2
    grey = picture.convert("L").tobytes()
    assert min(grey) < 100 < max(grey)
    assert reader.read(b"Next", name="next.txt").text == "Next"


def test_mark_lies_where_the_words_are(reader: Reader) -> None:
    data = pdf([["# Leave", "", "Staff take thirty days of leave a year.", "Other words."]])
    (mark,) = reader.draw(data, name="x.pdf", page=1, pixels=800, quote="thirty days of leave").marks
    line = 780 - 3 * 16  # where tests.retrieval.files.pdf draws the third line
    assert mark.top < 1 - line / HEIGHT < mark.top + mark.height
    assert mark.height < 1.6 * 11 / HEIGHT
    assert mark.left > 72 / WIDTH
    assert mark.left + mark.width < 0.5


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize(("quote", "colour"), [("AAAA", (255, 0, 0)), ("BBBB", (0, 255, 0))])
def test_mark_is_right_on_a_turned_page(degrees: int, quote: str, colour: tuple[int, ...]) -> None:
    drawn = draw_page(turned(two_colours(), degrees), page=1, pixels=800, quote=quote)
    (mark,) = drawn.marks
    assert colour_around(drawn, mark) == colour


def test_quote_over_two_lines_has_a_mark_on_each() -> None:
    data = pdf([["A quote that ends in the mid-", "dle of the next line, and more."]])
    upper, lower = draw_page(data, page=1, pixels=800, quote="ends in the middle of the next line").marks
    assert upper.top + upper.height <= lower.top + 0.002
    assert lower.left < upper.left


def test_spaces_hyphens_punctuation_case_and_ligatures_do_not_count() -> None:
    page = "We o\ufb00er co\x02\r\nopera- tion, “today” .  End"
    assert words_at(page, 'Offer cooperation, "today".') == "o\ufb00erco\x02opera-tion,“today”"


def test_of_several_places_the_one_that_is_meant_is_found() -> None:
    page = "Up to 5 days. Up to 5 days. Up to 5 days."
    assert find_quote(page, "to 5 days", nth=1).places[0] == page.index("to", 15)
    assert find_quote(page, "to 5 days", nth=9).places[0] == page.rindex("to")
    assert count_before(page, 17, "to 5 days") == 1
    assert count_before(page, 0, "to 5 days") == 0


def test_row_whose_cells_have_two_lines_each_is_found_by_its_words() -> None:
    page = "Office Desks Open\nParis near forty- from eight\nthe river two in the morning\nRome ten never"
    found = find_quote(page, "| Paris near the river | forty-two | from eight in the morning |")
    words = "".join(page[place] for place in found.places)
    assert not found.exact
    assert {"Paris", "river", "morning"} <= {word for word in ("Paris", "river", "morning", "Rome") if word in words}
    assert "Rome" not in words


def test_row_of_a_table_is_found_without_the_names_of_its_columns() -> None:
    page = "City Fee Remark Oslo 20 with tax Rome 30 Oslo 25"
    assert words_at(page, "City: Oslo; Fee: 20; Remark: with tax") == "Oslo20withtax"
    assert words_at(page, "City: Oslo; Fee: 25") == "Oslo25"


def test_quote_that_is_not_there_marks_nothing() -> None:
    for quote in ("nothing of this kind stands anywhere", "", "—…"):
        assert find_quote("Some words of a page.", quote).places == ()


def test_page_that_is_not_there_is_refused(reader: Reader) -> None:
    with pytest.raises(UnreadableDocumentError, match="2 pages, no page 3"):
        reader.draw(pdf([["One."], ["Two."]]), name="x.pdf", page=3, pixels=500)


@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", b"", pdf([["Secret."]], password="x")])
def test_file_that_cannot_be_drawn_is_refused(reader: Reader, data: bytes) -> None:
    with pytest.raises(UnreadableDocumentError, match="cannot be shown"):
        reader.draw(data, name="x.pdf", page=1, pixels=500)


def test_vast_page_is_drawn_in_bounded_memory() -> None:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(14_000, 14_000))
    canvas.drawString(100, 100, "Small words on a vast page.")
    canvas.save()
    drawn = draw_page(file.getvalue(), page=1, pixels=10**9)
    assert drawn.width * drawn.height <= 12_100_000


@pytest.mark.parametrize(
    "change",
    [
        {"marks": [[0, 0, 1, 2]]},
        {"marks": [[0, 0, 1]]},
        {"marks": [["<b>", 0, 1, 1]]},
        {"marks": [[float("nan"), 0, 1, 1]]},
        {"width": "1"},
        {"height": -1},
        {"pages": None},
    ],
)
def test_what_a_captured_process_says_of_a_page_is_refused(change: dict[str, object]) -> None:
    head, picture = pack_page(DrawnPage(picture=b"\x89PNG\r\n\x1a\n", width=1, height=1, pages=1))
    assert unpack_page(unpack(head), picture).width == 1
    with pytest.raises(BrokenFrameError):
        unpack_page(unpack(head) | change, picture)
    with pytest.raises(BrokenFrameError):
        unpack_page(unpack(head), b"<svg onload=alert(1)>")


def test_marks_are_in_the_order_of_the_quote() -> None:
    lines = [f"Line number {number} of a long quote." for number in range(8)]
    marks = draw_page(pdf([lines]), page=1, pixels=800, quote=" ".join(lines)).marks
    assert len(marks) == 8
    assert all(above.top < below.top for above, below in pairwise(marks))
