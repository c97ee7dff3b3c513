"""Draw a page of a PDF as it looks, and find on it what was quoted.

For people who open a citation. Knows places and pixels, no paragraph; runs in the reading process, as the file may be
made to harm.
"""

import math

import pypdfium2
from pypdfium2 import raw

from retrieval.documents import DrawnPage, Mark
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits
from retrieval.readers.frames import MARKS
from retrieval.readers.pdf_drawing import holds_vast_picture
from retrieval.readers.pdf_quotes import Found, find_quote
from retrieval.readers.png import png

_GRID = 20_000
"""PDFium gives places on a drawn page in whole numbers; so fine a grid is finer than any screen."""
_SHARED = 0.5
"""Characters whose boxes share so much of their height, or of their width, stand on one line."""
_NEXT = 2
"""A space between two characters has a number but perhaps no box."""
_LEAST_PIXELS = 100


def draw_page(data: bytes, *, page: int, pixels: int, quote: str = "", nth: int = 0) -> DrawnPage:
    """Return the page with this number, from 1, as a picture `pixels` wide, and where the quote stands on it.

    Raises:
        UnreadableDocumentError: there is no such page, or it cannot be drawn.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocumentError("The PDF is damaged, so its pages cannot be shown.") from error
    try:
        if not 1 <= page <= len(document):
            raise UnreadableDocumentError(f"The document has {len(document)} pages, no page {page}.")
        document.init_forms()  # or what was filled into a form would not be seen
        return _drawn(document, document[page - 1], pixels, quote, nth)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocumentError(f"Page {page} is damaged and cannot be shown.") from error
    finally:
        document.close()


def _drawn(document: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, pixels: int, quote: str, nth: int) -> DrawnPage:
    if holds_vast_picture(page):
        raise UnreadableDocumentError("This page holds a picture too large to be shown.")
    width, height = page.get_size()
    scale = min(max(pixels, _LEAST_PIXELS) / width, math.sqrt(limits.DRAWN_PIXELS / (width * height)))
    bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
    try:
        held, step = memoryview(bitmap.buffer).cast("B"), bitmap.stride
        rows = [bytes(held[row * step : row * step + 3 * bitmap.width]) for row in range(bitmap.height)]
        picture, across, down = png(rows, width=bitmap.width), bitmap.width, bitmap.height
    finally:
        bitmap.close()
    found = _found(page, quote, nth)
    marks = tuple(_marks(page, found))
    return DrawnPage(
        picture=picture, width=across, height=down, pages=len(document), marks=marks[:MARKS], exact=found.exact
    )


def _found(page: pypdfium2.PdfPage, quote: str, nth: int) -> Found:
    text_page = page.get_textpage()
    try:
        signs = [raw.FPDFText_GetUnicode(text_page, index) for index in range(text_page.count_chars())]
        found = find_quote([chr(sign) if sign < 0x110000 else "" for sign in signs], quote, nth=nth)  # noqa: PLR2004
        boxes = {index: text_page.get_charbox(index, loose=True) for index in found.places}
    finally:
        text_page.close()
    return Found(places=found.places, exact=found.exact, boxes=boxes)


def _marks(page: pypdfium2.PdfPage, found: Found) -> list[Mark]:
    """Return the boxes of the characters found, joined along each line."""
    marks: list[Mark] = []
    last: tuple[int, Mark] | None = None
    for index in found.places:
        mark = _mark(page, found.boxes[index])
        if mark is None:
            continue
        if last and index - last[0] <= _NEXT and _same_line(last[1], mark):
            marks[-1] = _joined(marks[-1], mark)
        else:
            marks.append(mark)
        last = index, mark
    return marks


def _mark(page: pypdfium2.PdfPage, box: tuple[float, float, float, float]) -> Mark | None:
    """Return a box in points as a place on the drawn page, however that is turned; None for one without a size."""
    corners = [_on_grid(page, box[0], box[1]), _on_grid(page, box[2], box[3])]
    left, right = sorted(_share(corner[0]) for corner in corners)
    top, bottom = sorted(_share(corner[1]) for corner in corners)
    return Mark(left=left, top=top, width=right - left, height=bottom - top) if right > left and bottom > top else None


def _on_grid(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[int, int]:
    across, down = raw.c_int(), raw.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, x, y, across, down)
    return across.value, down.value


def _share(place: int) -> float:
    return min(max(place / _GRID, 0.0), 1.0)


def _same_line(one: Mark, other: Mark) -> bool:
    """Whether two characters that follow each other stand on one line, across or, on a turned page, down."""
    across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return down >= _SHARED * min(one.height, other.height) or across >= _SHARED * min(one.width, other.width)


def _joined(one: Mark, other: Mark) -> Mark:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return Mark(left=left, top=top, width=right - left, height=bottom - top)
