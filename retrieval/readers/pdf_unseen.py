"""Which words of a PDF page nobody sees: white on white, drawn invisibly, or tiny; and its comments.

Knows places and colours. A white word is looked for on the drawn page: on a dark ground it is seen. Invisible text over
a picture counts as seen, for scans carry the text that was recognised in them in this way.
"""

import ctypes
import math
from functools import cached_property
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from retrieval.readers import limits
from retrieval.readers.pdf_drawing import drawn

_WHITE = 225
"""Of 255: of a colour whose parts are all as light as this the drawn page tells whether it can be read."""
_CONTRAST = 24
"""Of 255: less cannot be told from its background."""
_DRAWN_SCALE = 1.5
"""Pixels a point of the page that is looked at."""
_FAINT = 12
"""Of 255: text less opaque than this cannot be read."""
_TINY = 1 / 600
"""Of the page's height: 1.4 points on A4."""
_SCAN_SHARE = 0.5
"""A picture over so much of the page is a scan."""
_CHARACTERS_AN_OBJECT = 18
"""Where an object of the page holds fewer, to ask for the words one by one is quicker."""
_DEEPEST = 4
"""Drawings within drawings that are looked into at once."""
_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_NO_COMMENTS = (raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_POPUP)
_MOST_COMMENTS = 1_000
"""Looked at on one page."""

Box = tuple[float, float, float, float]
"""Left, right, bottom, top in points."""


class PageInk:
    """What is drawn on a page, looked at only when a word gives reason to."""

    def __init__(self, page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage) -> None:
        """Use an open page."""
        self._page = page
        self._text_page = text_page
        left, bottom, right, top = page.get_bbox()
        self._edges: Box = (left, right, bottom, top)
        self._tiny = _TINY * (top - bottom)
        self._color = (ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint())

    def unseen(self, index: int, box: Box) -> str:
        """Return how a word is kept from being seen, by its first character and its box; "" for one that is seen."""
        _, _, bottom, top = box
        if self._is_plain:
            return "tiny text" if top - bottom < self._tiny and self._is_tiny(index) else ""
        if self._is_invisible(index) and not self._is_scan:
            return "invisible text"
        if top - bottom < self._tiny and self._is_tiny(index):
            return "tiny text"
        return "white text" if self._is_white(index) and not self._stands_out(box) else ""

    def is_outside(self, box: Box) -> bool:
        """Whether a box lies beside the page, as the other half of a spread does."""
        across, up = (box[0] + box[1]) / 2, (box[2] + box[3]) / 2
        return not (self._edges[0] <= across <= self._edges[1] and self._edges[2] <= up <= self._edges[3])

    def comments(self) -> int:
        """Return how many annotations of the page say something."""
        count = 0
        for place in range(min(raw.FPDFPage_GetAnnotCount(self._page), _MOST_COMMENTS)):
            annotation = raw.FPDFPage_GetAnnot(self._page, place)
            if annotation:
                says = raw.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0) > 2  # noqa: PLR2004 - the end mark
                count += says and raw.FPDFAnnot_GetSubtype(annotation) not in _NO_COMMENTS
                raw.FPDFPage_CloseAnnot(annotation)
        return count

    @cached_property
    def _is_plain(self) -> bool:
        """Whether no text of the page is invisible, white or faint, as far as a short look at its objects tells."""
        most = self._text_page.count_chars() // _CHARACTERS_AN_OBJECT
        objects = list(islice(self._page.get_objects(max_depth=_DEEPEST), most + 1))
        return len(objects) <= most and not any(self._is_special(each) for each in objects)

    def _is_special(self, each: pypdfium2.PdfObject) -> bool:
        if each.type != raw.FPDF_PAGEOBJ_TEXT:
            return bool(each.type == raw.FPDF_PAGEOBJ_FORM) and each.level >= _DEEPEST - 1  # nobody looked into it
        if raw.FPDFTextObj_GetTextRenderMode(each) in _INVISIBLE:
            return True
        return bool(raw.FPDFPageObj_GetFillColor(each, *self._color)) and self._is_light

    @property
    def _is_light(self) -> bool:
        """Whether the colour last asked for is white or faint."""
        red, green, blue, opacity = self._color
        return opacity.value < _FAINT or (red.value >= _WHITE and green.value >= _WHITE and blue.value >= _WHITE)

    def _is_invisible(self, index: int) -> bool:
        text = raw.FPDFText_GetTextObject(self._text_page, index)
        return bool(text) and raw.FPDFTextObj_GetTextRenderMode(text) in _INVISIBLE

    def _is_tiny(self, index: int) -> bool:
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(self._text_page, index, matrix)
        size = raw.FPDFText_GetFontSize(self._text_page, index) * max(
            math.hypot(matrix.c, matrix.d), math.hypot(matrix.a, matrix.b)
        )
        return bool(size < self._tiny)

    def _is_white(self, index: int) -> bool:
        return bool(raw.FPDFText_GetFillColor(self._text_page, index, *self._color)) and self._is_light

    def _stands_out(self, box: Box) -> bool:
        """Whether anything can be told from its background where a word is drawn."""
        if self._drawn is None:
            return True
        pixels, width, height, scale = self._drawn
        left, right, bottom, top = box
        across = range(
            max(int((left - self._edges[0]) * scale), 0), min(int((right - self._edges[0]) * scale) + 1, width)
        )
        up = range(max(int((self._edges[3] - top) * scale), 0), min(int((self._edges[3] - bottom) * scale) + 1, height))
        rows = [pixels[row * width + across.start : row * width + across.stop] for row in up if across]
        return not rows or max(map(max, rows)) - min(map(min, rows)) > _CONTRAST

    @cached_property
    def _drawn(self) -> tuple[bytes, int, int, float] | None:
        """The page as it looks: a byte of grey for each pixel, width, height, pixels a point."""
        if self._page.get_rotation():
            return None
        width, height = self._page.get_size()
        scale = min(_DRAWN_SCALE, math.sqrt(limits.PAGE_PIXELS / max(width * height, 1)))
        picture = drawn(self._page, scale=scale)
        return (*picture, scale) if picture else None

    @cached_property
    def _is_scan(self) -> bool:
        left, right, bottom, top = self._edges
        area = max((right - left) * (top - bottom), 1.0)
        return sum(_area(box) for box in self._pictures) >= _SCAN_SHARE * area

    @cached_property
    def _pictures(self) -> list[Box]:
        return [_bounds(each) for each in self._page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])]


def _bounds(each: pypdfium2.PdfObject) -> Box:
    left, bottom, right, top = each.get_bounds()
    return left, right, bottom, top


def _area(box: Box) -> float:
    left, right, bottom, top = box
    return max(right - left, 0.0) * max(top - bottom, 0.0)
