"""Scanned pages of a PDF: draw them and have their text recognised. Knows no paragraph of ordinary pages."""

import math
from collections.abc import Sequence

import pypdfium2

from retrieval.readers import clock, limits
from retrieval.readers.pdf_drawing import drawn
from retrieval.readers.recognition import is_available, recognise

_POINTS_PER_INCH = 72


def recognised_pages(document: pypdfium2.PdfDocument, indices: Sequence[int]) -> dict[int, str]:
    """Return index -> text for those of the pages that could be recognised in the time there is."""
    found: dict[int, str] = {}
    if not is_available():
        return found
    for index in indices:
        if clock.is_over(limits.RECOGNITION_SECONDS):
            break
        clock.sign_of_life()
        text = _recognised(document, index)
        if text and any(map(str.isalnum, text)):
            found[index] = text
    return found


def _recognised(document: pypdfium2.PdfDocument, index: int) -> str | None:
    page = document[index]
    try:
        width, height = page.get_size()
        fine, most = limits.DOTS_PER_INCH / _POINTS_PER_INCH, math.sqrt(limits.PAGE_PIXELS / max(width * height, 1))
        picture = drawn(page, scale=min(fine, most))
    finally:
        page.close()
    if picture is None:
        return None
    pixels, across, down = picture
    return recognise(pixels, width=across, height=down)
