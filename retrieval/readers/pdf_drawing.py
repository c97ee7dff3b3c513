"""Draw a page of a PDF in grey, in bounded memory."""

import pypdfium2
from pypdfium2 import raw

from retrieval.readers import limits


def drawn(page: pypdfium2.PdfPage, *, scale: float) -> tuple[bytes, int, int] | None:
    """Return the pixels of a page (one byte of grey each, row by row), width and height.

    None where it holds a vast picture or cannot be drawn.

    Args:
        page: an open page.
        scale: pixels a point.
    """
    if holds_vast_picture(page):
        return None
    try:
        bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    except pypdfium2.PdfiumError:
        return None
    try:
        data, step = bytes(bitmap.buffer), bitmap.stride
        rows = (data[row * step : row * step + bitmap.width] for row in range(bitmap.height))
        return b"".join(rows), bitmap.width, bitmap.height
    finally:
        bitmap.close()


def holds_vast_picture(page: pypdfium2.PdfPage) -> bool:
    """Whether a page holds a picture that would take too much memory to unpack."""
    return any(_is_vast(image) for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))


def _is_vast(image: pypdfium2.PdfObject) -> bool:
    width, height = image.get_px_size()
    return bool(width * height > limits.IMAGE_PIXELS)
