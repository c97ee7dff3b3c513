"""PDF: the text of every page with its number.

The text of scans is recognised where Tesseract is installed; else they are reported as unread. Reading order is
PDFium's.
"""

import re
from collections import Counter
from collections.abc import Sequence

import pypdfium2
from pypdfium2 import raw

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import clock, limits
from retrieval.readers.building import TextBuilder
from retrieval.readers.content import Content
from retrieval.readers.metadata import of_pdf
from retrieval.readers.pdf_blocks import written
from retrieval.readers.pdf_filling import Filling
from retrieval.readers.pdf_grids import GridFinder
from retrieval.readers.pdf_lines import Line, page_lines
from retrieval.readers.pdf_rules import as_seen, rules_of
from retrieval.readers.pdf_scans import recognised_pages
from retrieval.readers.pdf_streams import inflates_too_much
from retrieval.readers.pdf_unseen import PageInk
from retrieval.readers.recognition import is_available
from retrieval.readers.titles import shown_title

_SCAN = "holds only images of text (a scan), so nothing in it could be read."
_REMEDY = " Install Tesseract (Debian, Ubuntu: tesseract-ocr) to have scans read, and load it again."


def read(data: bytes) -> Content:
    """Return the text of the file page by page.

    Raises:
        UnreadableDocumentError: the file needs a password, is damaged or inflates too much.
    """
    document = _opened(data)
    reading = _Reading(document)
    try:
        reading.pages()
        recognised = recognised_pages(document, reading.without_text)
        properties = document.get_metadata_dict()
        title = str(properties.get("Title", "")).strip()
        if attached := document.count_attachments():
            reading.warnings.append(f"Files attached to the PDF ({attached}) were not read.")
    finally:
        document.close()
    builder = written(reading.lines, recognised)
    builder.left_out.update(reading.left_out)
    builder.note_properties(
        (name, said) for name, said in of_pdf(properties, data) if name != "title" or _is_title(said)
    )
    unread = [index + 1 for index in reading.without_text if index not in recognised]
    sentences = [_pages_sentence(unread, "only an image", "only images", "could not be read")] if unread else []
    if recognised:
        read = sorted(index + 1 for index in recognised)
        sentences.append(_pages_sentence(read, "a scan", "scans", "was recognised, perhaps with mistakes"))
    title = shown_title(title, builder.text) if _is_title(title) else ""
    return builder.content(
        title=title or _first_heading(builder),
        warnings=[*reading.warnings, *(sentences if builder.blocks else [])],
        emptiness=_SCAN if unread and is_available() else _SCAN + _REMEDY if unread else "holds no text.",
    )


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    if inflates_too_much(data):
        raise UnreadableDocumentError("The PDF inflates to far more than an honest document; it was not read.")
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableDocumentError(
                "The PDF is protected by a password. Save it without one and try again."
            ) from error
        raise UnreadableDocumentError("The PDF is damaged and cannot be opened. Save or export it again.") from error


class _Reading:
    """The pages of a document as they are read."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self.lines: list[list[Line]] = []
        self.without_text: list[int] = []
        """Places, from 0, of pages with pictures but no text."""
        self.warnings: list[str] = []
        self.left_out: Counter[str] = Counter()
        self._outside = 0
        self._finder = GridFinder()

    def pages(self) -> None:
        """Read the lines of each page, as many as there is time for."""
        characters, total = 0, len(self._document)
        for index in range(total):
            if index >= limits.PAGES or characters > limits.CHARACTERS or clock.is_over():
                self.warnings.append(f"Only the first {index} of {total} pages were read: the file is too large.")
                break
            try:
                lines, has_image = self._page(index)
            except pypdfium2.PdfiumError:
                lines, has_image = [], False
                self.warnings.append(f"Page {index + 1} is damaged and could not be read.")
            if not lines and has_image:
                self.without_text.append(index)
            characters += sum(len(line.text) for line in lines)
            self.lines.append(lines)
        if self._outside:
            self.warnings.append(f"Words beside the visible pages ({self._outside:,}) were read too.")

    def _page(self, index: int) -> tuple[list[Line], bool]:
        page = self._document[index]
        try:
            text_page = page.get_textpage()
            try:
                ink = PageInk(page, text_page)
                filling = Filling(text_page, self._finder.grids(rules_of(page)), as_seen(page))
                lines, outside = page_lines(text_page, ink, self.left_out, filling)
                self._outside += outside
                self.left_out["comments"] += ink.comments()
            finally:
                text_page.close()
            has_image = not lines and any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
        finally:
            page.close()
        return lines, has_image


def _pages_sentence(numbers: Sequence[int], one: str, many: str, what: str) -> str:
    if len(numbers) == 1:
        whose = "its text " if "recognised" in what else ""
        return f"Page {numbers[0]} holds {one} and {whose}{what}."
    whose = "their text " if "recognised" in what else ""
    shown = ", ".join(str(number) for number in numbers[:10]) + (", …" if len(numbers) > 10 else "")  # noqa: PLR2004
    return f"Pages {shown} hold {many} and {whose}{what}."


def _is_title(title: str) -> bool:
    return bool(title) and not re.search(r"\.\w{2,4}$|^untitled|^microsoft word|^\(?anonymous", title, re.IGNORECASE)


def _first_heading(builder: TextBuilder) -> str:
    return next((builder.text[block.start : block.end] for block in builder.blocks if block.kind == "heading"), "")
