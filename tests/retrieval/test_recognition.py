"""Scans: their text is recognised where Tesseract is installed, and reported as unread where it is not."""

import io
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import clock, limits, read_document, recognition
from retrieval.readers.isolated import Reader

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
WORDS = "The zeppelin allowance is 4711 pelicans a month. Ask the harbour master before you fly to the island."


def scan(pages: Sequence[str]) -> bytes:
    """Return a PDF of pictures of these texts; an empty text is an ordinary page."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4)
    for text in pages:
        if text:
            picture = Image.new("L", (1240, 1754), 255)
            draw = ImageDraw.Draw(picture)
            draw.multiline_text(
                (120, 160), textwrap.fill(text, 44), fill=0, font=ImageFont.load_default(40), spacing=24
            )
            canvas.drawInlineImage(picture, 0, 0, *A4)
        else:
            canvas.drawString(72, 700, "An ordinary page.")
        canvas.showPage()
    canvas.save()
    return file.getvalue()


@pytest.fixture
def _no_tesseract(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", "")
    recognition._languages.cache_clear()
    yield
    recognition._languages.cache_clear()


@needs_tesseract
def test_a_scan_is_read_page_by_page_with_a_warning() -> None:
    document = read_document(scan([WORDS, "", WORDS.replace("4711", "8152")]), name="scan.pdf")
    first, second, third = (document.text[page.start : page.end] for page in document.pages)
    assert "zeppelin allowance is 4711 pelicans" in first
    assert second.strip() == "An ordinary page."
    assert "8152" in third
    assert document.warnings == ("Pages 1, 3 hold scans and their text was recognised, perhaps with mistakes.",)
    assert document.language == "en"


@needs_tesseract
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="where the process gives up what it does not need")
def test_the_confined_process_recognises_too_and_so_without_a_file() -> None:
    reader = Reader()
    try:
        assert "harbour master" in reader.read(scan([WORDS]), name="scan.pdf").text
    finally:
        reader.close()


@needs_tesseract
def test_pages_beyond_the_time_are_reported_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    signs: list[bool] = []

    def alive() -> None:
        signs.append(True)
        monkeypatch.setattr(clock, "is_over", lambda _=None: True)

    document = read_document(scan([WORDS, WORDS]), name="scan.pdf", alive=alive)
    assert signs == [True]
    assert document.warnings == (
        "Page 2 holds only an image and could not be read.",
        "Page 1 holds a scan and its text was recognised, perhaps with mistakes.",
    )


@needs_tesseract
def test_a_page_that_takes_too_long_is_reported_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recognition.is_available()
    monkeypatch.setattr(limits, "PAGE_SECONDS", 0.001)
    document = read_document(scan([WORDS, ""]), name="scan.pdf")
    assert document.warnings == ("Page 1 holds only an image and could not be read.",)


@pytest.mark.usefixtures("_no_tesseract")
def test_without_tesseract_scanned_pages_are_reported_as_unread() -> None:
    document = read_document(scan([WORDS, ""]), name="scan.pdf")
    assert document.warnings == ("Page 1 holds only an image and could not be read.",)


@pytest.mark.usefixtures("_no_tesseract")
def test_without_tesseract_a_scan_is_refused_and_the_remedy_named() -> None:
    with pytest.raises(UnreadableDocumentError, match=r"only images of text .* Install Tesseract"):
        read_document(scan([WORDS]), name="scan.pdf")
