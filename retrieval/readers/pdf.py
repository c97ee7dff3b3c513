"""PDF: the text of every page with its number; lines become paragraphs and headings by their size and distance.

The text of scans is recognised where Tesseract is installed; else they are reported as unread. Reading order is
PDFium's.
"""
# ruff: noqa: RUF001 (dashes, quotes and full stops of other scripts are meant)

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2
from pypdfium2 import raw

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import clock, limits
from retrieval.readers.building import TextBuilder, has_names
from retrieval.readers.content import Content
from retrieval.readers.metadata import of_pdf
from retrieval.readers.pdf_lines import Line, page_lines
from retrieval.readers.pdf_scans import recognised_pages
from retrieval.readers.pdf_streams import inflates_too_much
from retrieval.readers.pdf_tables import columns_of, header_start, table_end, table_rows
from retrieval.readers.pdf_unseen import PageInk
from retrieval.readers.plain import paragraphs
from retrieval.readers.recognition import is_available
from retrieval.readers.titles import shown_title

_HYPHEN_AT_END = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]$")
_SENTENCE_END = re.compile(r"[.!?:;。！？][\"')\]”’»]*$")
_LIST_MARK = re.compile(r"^(?:[-•–*▪◦●‣]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")
_WIDE_GAP = 1.35
"""Lines whose distance is more than this times the usual one begin a new paragraph."""
_LARGER = 1.15
"""A line this much larger than the usual text is a heading."""
_HEADING_CHARACTERS = 160
_BOLD_HEADING_CHARACTERS = 80
_SCAN = "holds only images of text (a scan), so nothing in it could be read."
_REMEDY = " Install Tesseract (Debian, Ubuntu: tesseract-ocr) to have scans read, and load it again."
RUNNING_SHARE = 0.6
"""A line in the same place at the edge of this share of the pages belongs to none of them."""


def read(data: bytes) -> Content:
    """Return the text of the file page by page.

    Raises:
        UnreadableDocumentError: the file needs a password, is damaged or inflates too much.
    """
    if inflates_too_much(data):
        raise UnreadableDocumentError("The PDF inflates to far more than an honest document; it was not read.")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableDocumentError(
                "The PDF is protected by a password. Save it without one and try again."
            ) from error
        raise UnreadableDocumentError("The PDF is damaged and cannot be opened. Save or export it again.") from error
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
    builder = _build(reading.lines, recognised)
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
                lines, outside = page_lines(text_page, ink, self.left_out)
                self._outside += outside
                self.left_out["comments"] += ink.comments()
            finally:
                text_page.close()
            has_image = not lines and any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]))
        finally:
            page.close()
        return lines, has_image


def _build(pages: Sequence[Sequence[Line]], recognised: Mapping[int, str]) -> TextBuilder:
    builder = TextBuilder()
    body = _usual_size(pages)
    sizes = sorted({line.size for page in pages for line in page if line.size > body * _LARGER}, reverse=True)
    running = _running_lines(pages)
    above: _Names | None = None
    for index, lines in enumerate(pages):
        builder.begin_page(index + 1)
        above = _add_page(builder, [line for line in lines if _place(line) not in running], sizes, above)
        for paragraph in paragraphs(recognised.get(index, "")):
            builder.add("paragraph", _joined(paragraph.split("\n")))
    builder.end_page()
    return builder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The names of the columns of a table that a page ends with, and the line that tells where these stand."""

    names: list[str]
    columns: Line


def _add_page(
    builder: TextBuilder, lines: Sequence[Line], sizes: Sequence[float], above: _Names | None
) -> _Names | None:
    """Write the tables of a page as tables and what is between them as paragraphs and headings.

    Returns:
        The names of the table with which the page ends; the next page may go on with it (`above`).
    """
    written = place = 0
    last: _Names | None = None
    while place < len(lines):
        end = table_end(lines, place)
        if end == place:
            place += 1
            continue
        named = lines[place].bold
        head = place if named else max(header_start(lines, place), written)
        _add_paragraphs(builder, lines[written:head], sizes)
        first, named = place == 0, named or head < place
        last = _add_table(builder, lines[place:end], lines[head:place], named=named, above=above if first else None)
        written = place = end
    _add_paragraphs(builder, lines[written:], sizes)
    return last if written == len(lines) else None


def _add_table(
    builder: TextBuilder, lines: Sequence[Line], names: Sequence[Line], *, named: bool, above: _Names | None
) -> _Names | None:
    """Write a table; one that goes on from the page before gets the names of its columns from there."""
    if above and not named and None not in columns_of(lines[0], above.columns):
        rows = table_rows(lines, columns=above.columns)
        if above.names not in rows[:1]:
            rows = [above.names, *rows]
        builder.add_table(rows, heads=1)
        return above
    rows = table_rows(lines, names=names)
    builder.add_table(rows, named=named)
    return _Names(names=rows[0], columns=lines[0]) if has_names(rows, named=named) else None


def _add_paragraphs(builder: TextBuilder, lines: Sequence[Line], sizes: Sequence[float]) -> None:
    for paragraph in _paragraphs(lines):
        level = _heading_level(paragraph, sizes)
        builder.add("heading" if level else "paragraph", _joined([line.text for line in paragraph]), level=level)


def _running_lines(pages: Sequence[Sequence[Line]]) -> set[tuple[str, int]]:
    """Return the text (digits as 0) and height of the top and bottom lines of most pages, such as page numbers."""
    full = [sorted(lines, key=lambda line: line.bottom) for lines in pages if len(lines) > 2]  # noqa: PLR2004
    edges = Counter(_place(line) for lines in full for line in (lines[0], lines[-1]))
    needed = max(2, RUNNING_SHARE * len(pages))
    return {place for place, count in edges.items() if count >= needed}


def _place(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "0", line.text), round(line.bottom)


def _usual_size(pages: Sequence[Sequence[Line]]) -> float:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[line.size] += len(line.text) if len(line.cells) == 1 else 0  # tables are often set smaller
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    usual = _usual_gap(lines)
    paragraphs: list[list[Line]] = []
    for line in lines:
        previous = paragraphs[-1][-1] if paragraphs else None
        if previous is None or _begins_paragraph(previous, line, usual):
            paragraphs.append([line])
        else:
            paragraphs[-1].append(line)
    return paragraphs


def _usual_gap(lines: Sequence[Line]) -> float:
    """Return the distance of two lines of one paragraph: the smallest among the common ones."""
    gaps = Counter(round(above.bottom - below.bottom) for above, below in pairwise(lines))
    forward = {gap: count for gap, count in gaps.items() if gap > 1}
    return min((gap for gap, count in forward.items() if 2 * count >= max(forward.values())), default=0)


def _begins_paragraph(previous: Line, line: Line, usual: float) -> bool:
    gap = previous.bottom - line.bottom
    if abs(previous.size - line.size) > 0.5 or (previous.bold != line.bold and len(previous.text) < 80):  # noqa: PLR2004
        return True
    if gap < -1:  # a new column: a paragraph may go on there
        return bool(_SENTENCE_END.search(previous.text))
    return gap > usual * _WIDE_GAP or bool(_LIST_MARK.match(line.text))


def _heading_level(paragraph: Sequence[Line], sizes: Sequence[float]) -> int:
    """Return 1 for the largest letters, 2 for the next...; short bold lines come last; 0 for ordinary text."""
    text = " ".join(line.text for line in paragraph)
    if len(text) > _HEADING_CHARACTERS or not any(character.isalpha() for character in text):
        return 0
    if paragraph[0].size in sizes:
        return min(sizes.index(paragraph[0].size) + 1, 6)
    lone = len(paragraph) == 1 and paragraph[0].bold and len(text) <= _BOLD_HEADING_CHARACTERS
    return min(len(sizes) + 1, 6) if lone and not _SENTENCE_END.search(text) else 0


def _joined(lines: Sequence[str]) -> str:
    text = ""
    for line in lines:
        if text and _HYPHEN_AT_END.search(text) and line[:1].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text


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
