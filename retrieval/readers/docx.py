"""DOCX: paragraphs, headings, lists, tables, text boxes and notes of a Word document, in reading order.

Deleted text of tracked changes is left out, inserted text is kept. Hidden text is left out with a warning. Short lines
in a typeface for programs are code.
Source: ECMA-376 part 1, chapter 17 (WordprocessingML).
"""

import re
from collections.abc import Iterator
from itertools import takewhile

from lxml import etree

from retrieval.readers import limits
from retrieval.readers.building import TextBuilder
from retrieval.readers.code_lines import CodeLines, is_fixed, names_code
from retrieval.readers.content import Content
from retrieval.readers.metadata import of_package
from retrieval.readers.package import Package
from retrieval.readers.titles import first_heading, shown_title

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DELETED = frozenset({f"{_W}del", f"{_W}moveFrom", _FALLBACK, f"{_W}instrText", f"{_W}delText", f"{_W}pPr"})
_MOST_COLUMNS = 63
"""Word has no wider tables."""
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_HEADING_NAME = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop)\s*(\d)", re.IGNORECASE)


def read(data: bytes) -> Content:
    """Return the text of the document and its blocks."""
    package = Package(data)
    place = package.main_part("word/document.xml")
    main = package.xml(place)
    if main is None:
        return Content(text="", blocks=())
    styles = package.xml(next(iter(package.parts_of(place, "styles")), "word/styles.xml"))
    walk = _Walk(TextBuilder(), _heading_levels(styles), _code_styles(styles))
    walk.container(main, depth=0)
    folder = place.rpartition("/")[0]
    for part in ("footnotes.xml", "endnotes.xml"):
        notes = package.xml(f"{folder}/{part}")
        if notes is not None:
            walk.container(notes, depth=0)
    builder = walk.builder
    comments = package.xml(f"{folder}/comments.xml")
    builder.left_out["comments"] += len(comments.findall(f"{_W}comment")) if comments is not None else 0
    core = package.xml("docProps/core.xml")
    builder.note_properties(of_package(package))
    named = (core.findtext(_TITLE) or "").strip() if core is not None else ""
    return builder.content(
        title=first_heading(builder) or shown_title(named, builder.text),
        emptiness="holds no text, only images." if _has_images(package) else "holds no text.",
    )


class _Walk:
    """One pass over the body: each paragraph or table becomes a block; runs of list paragraphs become one list."""

    def __init__(self, builder: TextBuilder, levels: dict[str, int], code_styles: frozenset[str]) -> None:
        self.builder = builder
        self._levels = levels
        self._code_styles = code_styles
        self._list: list[str] = []
        self._code = CodeLines(builder)

    def container(self, element: etree._Element, *, depth: int) -> None:
        """Walk whatever holds paragraphs and tables: the body, a content control, a note, a text box."""
        for child in element:
            if child.tag == f"{_W}p":
                self._paragraph(child, depth)
            elif child.tag == f"{_W}tbl":
                self._end_list()
                self._code.end()
                self._table(child, depth)
            elif child.tag not in _DELETED and depth < limits.DEPTH:
                self.container(child, depth=depth + 1)
        self._end_list()
        self._code.end()

    def _paragraph(self, paragraph: etree._Element, depth: int) -> None:
        text = "".join(self._runs(paragraph))
        level = _outline_level(paragraph) or self._levels.get(_value(paragraph, "pPr/{}pStyle"), 0)
        if paragraph.find(f"{_W}pPr/{_W}numPr") is not None and not level:
            self._code.end()
            if text.strip():
                self._list.append(f"- {' '.join(text.split())}")
        else:
            self._end_list()
            if not self._code.goes_on(text, fixed=not level and self._is_code(paragraph)):
                self.builder.add("heading" if level else "paragraph", text, level=level)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if depth < limits.DEPTH and not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
                self.container(box, depth=depth + 1)

    def _is_code(self, paragraph: etree._Element) -> bool:
        """Whether the style of a paragraph, or of all its runs with text, is one for programs."""
        if _value(paragraph, "pPr/{}pStyle") in self._code_styles:
            return True
        runs = [run for run in paragraph.iter(f"{_W}r") if any(text.text for text in run.iter(f"{_W}t"))]
        return bool(runs) and all(
            _value(run, "rPr/{}rStyle") in self._code_styles or is_fixed(_typeface(run)) for run in runs
        )

    def _end_list(self) -> None:
        self.builder.add("list", "\n".join(self._list))
        self._list.clear()

    def _table(self, table: etree._Element, depth: int) -> None:
        rows = [row for row in table.iter(f"{_W}tr") if next(row.iterancestors(f"{_W}tbl")) is table]
        if table.find(f".//{_W}tbl") is not None:  # it parts the page: what stands in its cells are blocks
            for cell in (cell for row in rows for cell in _cells_of(row)):
                if depth < limits.DEPTH:
                    self.container(cell, depth=depth + 1)
            return
        above: dict[int, str] = {}
        heads = sum(1 for _ in takewhile(_is_head, rows))
        self.builder.add_table([list(self._cells(row, above)) for row in rows], heads=heads % max(len(rows), 1))

    def _cells(self, row: etree._Element, above: dict[int, str]) -> Iterator[str]:
        """Yield the text of each column; a cell that goes on from the row above says what that one says."""
        column = _span(row, "trPr/{}gridBefore")
        yield from [""] * column
        for cell in _cells_of(row):
            lines = ("".join(self._runs(paragraph)) for paragraph in cell.iter(f"{_W}p"))
            text = " ".join(line for line in lines if line.strip())
            merged = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merged is not None and merged.get(f"{_W}val", "continue") == "continue":
                text = text or above.get(column, "")
            width = max(_span(cell, "tcPr/{}gridSpan"), 1)
            yield from [text] * width if _is_head(row) else [text, *[""] * (width - 1)]
            above |= {column: text}
            column += width

    def _runs(self, element: etree._Element) -> Iterator[str]:
        """Yield the visible text of a paragraph, without deleted text, field codes and text boxes."""
        for child in element:
            if child.tag in _DELETED or child.tag == f"{_W}txbxContent":
                continue
            if child.tag == f"{_W}t":
                yield child.text or ""
            elif child.tag == f"{_W}tab":
                yield "\t"
            elif child.tag in {f"{_W}br", f"{_W}cr"}:
                yield "\n"
            elif child.tag == f"{_W}noBreakHyphen":
                yield "-"
            elif child.tag == f"{_W}r" and (unseen := _unseen(child)):
                self.builder.left_out[unseen] += any(text.text for text in child.iter(f"{_W}t"))
            else:
                yield from self._runs(child)


def _cells_of(row: etree._Element) -> Iterator[etree._Element]:
    """Yield the cells of a row, also those within a content control."""
    return (cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row)


def _is_head(row: etree._Element) -> bool:
    """Whether a row is repeated on every page its table is on: it names the columns."""
    head = row.find(f"{_W}trPr/{_W}tblHeader")
    return head is not None and head.get(f"{_W}val") not in {"0", "false"}


def _span(element: etree._Element, path: str) -> int:
    """Return a count of columns that is noted with a row or cell; 0 where none is."""
    noted = element.find(f"{_W}{path.format(_W)}")
    count = noted.get(f"{_W}val", "") if noted is not None else ""
    return min(int(count), _MOST_COLUMNS) if count.isascii() and count.isdigit() else 0


def _unseen(run: etree._Element) -> str:
    """Return how the text of a run is kept from being seen, "" for text that is shown."""
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return ""
    vanish = properties.find(f"{_W}vanish")
    if vanish is not None and vanish.get(f"{_W}val") not in {"0", "false"}:
        return "hidden text"
    if _value(properties, "color").upper() == "FFFFFF" and not _is_on_colour(run):
        return "white text"
    return "tiny text" if _value(properties, "sz") in {"1", "2"} else ""


def _is_on_colour(run: etree._Element) -> bool:
    """Whether something coloured may lie behind a run: a shade, a highlight, or the shape it stands in."""
    around = [run, *run.iterancestors(f"{_W}p", f"{_W}tc", f"{_W}tbl")]
    shades = (f"{_W}{part}/{_W}{name}" for part in ("rPr", "pPr", "tcPr", "tblPr") for name in ("shd", "highlight"))
    paths = list(shades)
    in_shape = next(run.iterancestors(f"{_W}txbxContent"), None) is not None
    styled = any(each.find(f"{_W}tblPr/{_W}tblStyle") is not None for each in around)
    return in_shape or styled or any(each.find(path) is not None for each in around for path in paths)


def _heading_levels(styles: etree._Element | None) -> dict[str, int]:
    """Return style id -> heading level (1 topmost), following what a style is based on."""
    if styles is None:
        return {}
    own: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in styles.findall(f"{_W}style"):
        identifier = style.get(f"{_W}styleId", "")
        name = _value(style, "name")
        match = _HEADING_NAME.match(name)
        level = 1 if name.lower() == "title" else int(match.group(1)) if match else _outline_level(style)
        if level:
            own[identifier] = level
        based[identifier] = _value(style, "basedOn")
    return own | {style: own[parent] for style, parent in based.items() if style not in own and parent in own}


def _code_styles(styles: etree._Element | None) -> frozenset[str]:
    """Return the ids of the styles that are named as those of programs, or set in a typeface for them."""
    return frozenset(
        style.get(f"{_W}styleId", "")
        for style in (styles.findall(f"{_W}style") if styles is not None else ())
        if names_code(_value(style, "name")) or is_fixed(_typeface(style))
    ) - {""}


def _typeface(element: etree._Element) -> str:
    fonts = element.find(f"{_W}rPr/{_W}rFonts")
    return "" if fonts is None else fonts.get(f"{_W}ascii", "")


def _outline_level(element: etree._Element) -> int:
    """Return the paragraph's or style's own outline level as a heading level, 0 for body text."""
    outline = element.find(f"{_W}pPr/{_W}outlineLvl")
    value = outline.get(f"{_W}val", "9") if outline is not None else "9"
    return int(value) + 1 if value.isdigit() and int(value) < 9 else 0  # noqa: PLR2004 (9 is body text in ECMA-376)


def _value(element: etree._Element, path: str) -> str:
    child = element.find(f"{_W}{path.format(_W)}")
    return "" if child is None else child.get(f"{_W}val", "")


def _has_images(package: Package) -> bool:
    return any(name.startswith("word/media/") for name in package.names())
