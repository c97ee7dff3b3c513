"""ODT: headings, paragraphs, lists, tables and notes of an OpenDocument text.

Deleted text of tracked changes, comments and hidden text are left out. Short lines in a typeface for programs are code.
Source: OASIS OpenDocument 1.3, part 3.
"""

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits
from retrieval.readers.building import TextBuilder
from retrieval.readers.code_lines import CodeLines, is_fixed, names_code
from retrieval.readers.content import Content
from retrieval.readers.metadata import of_open_document
from retrieval.readers.package import Package
from retrieval.readers.titles import first_heading, shown_title

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_OFFICE, _TEXT = f"{{{_NAMES}office:1.0}}", f"{{{_NAMES}text:1.0}}"
_TABLE, _STYLE = f"{{{_NAMES}table:1.0}}", f"{{{_NAMES}style:1.0}}"
_FO = f"{{{_NAMES}xsl-fo-compatible:1.0}}"
_TYPEFACES = {f"{_STYLE}font-name", f"{_FO}font-family"}
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_LEFT_OUT = {
    f"{_OFFICE}annotation": "comments",
    f"{_TEXT}hidden-text": "hidden text",
    f"{_TEXT}hidden-paragraph": "hidden text",
}
_SIGNS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_PASSED_OVER = {f"{_TEXT}tracked-changes", f"{_TEXT}sequence-decls", f"{_OFFICE}forms", f"{_TEXT}note-citation"}
_WHITE = re.compile(r"#?fff(?:fff)?", re.IGNORECASE)
_HIDDEN_ROWS = {"collapse", "filter"}
_REPEATS = 50
"""An honest cell or row is repeated that often at most; the rest fills the sheet and is empty."""


def read(data: bytes) -> Content:
    """Return the text of the document and its blocks."""
    package = Package(data)
    manifest = package.read("META-INF/manifest.xml") or b""
    if b"encryption-data" in manifest:
        raise UnreadableDocumentError("The document is protected by a password. Save it without one and try again.")
    root = package.xml("content.xml")
    body = root.find(f"{_OFFICE}body/{_OFFICE}text") if root is not None else None
    if root is None or body is None:
        return Content(text="", blocks=(), emptiness="is damaged: it has no text part.")
    builder = TextBuilder()
    styles = package.xml("styles.xml")
    _Walk(builder, _Unseen(root, styles), _code_styles(root, styles)).container(body, depth=0)
    meta = package.xml("meta.xml")
    builder.note_properties(of_open_document(meta))
    title = (meta.findtext(f".//{_TITLE}") or "").strip() if meta is not None else ""
    pictures = any(name.startswith("Pictures/") for name in package.names())
    return builder.content(
        title=first_heading(builder) or shown_title(title, builder.text),
        emptiness="holds no text, only images." if pictures else "holds no text.",
    )


class _Unseen:
    """The styles whose text is not shown: hidden, or white without a background."""

    def __init__(self, *roots: etree._Element | None) -> None:
        self.hidden: set[str] = set()
        self.white: set[str] = set()
        for style in (style for root in roots if root is not None for style in root.iter(f"{_STYLE}style")):
            name = style.get(f"{_STYLE}name", "")
            properties = [each for each in style if str(each.tag).endswith("-properties")]
            given = {key: value for each in properties for key, value in each.attrib.items()}
            if given.get(f"{_TEXT}display") == "none":
                self.hidden.add(name)
            background = given.get(f"{_FO}background-color", "transparent")
            if _WHITE.fullmatch(given.get(f"{_FO}color", "")) and (
                background == "transparent" or _WHITE.fullmatch(background)
            ):
                self.white.add(name)


def _code_styles(*roots: etree._Element | None) -> frozenset[str]:
    """Return the names of the styles for programs: so called, set in a typeface for them, or made from such a style."""
    found: set[str] = set()
    for style in (style for root in reversed(roots) if root is not None for style in root.iter(f"{_STYLE}style")):
        name, parent = style.get(f"{_STYLE}name", ""), style.get(f"{_STYLE}parent-style-name", "")
        typefaces = [value for each in style for key, value in each.attrib.items() if key in _TYPEFACES]
        if names_code(name) or names_code(parent) or parent in found or any(map(is_fixed, typefaces)):
            found.add(name)
    return frozenset(found - {""})


class _Walk:
    """One pass over the body."""

    def __init__(self, builder: TextBuilder, unseen: _Unseen, code_styles: frozenset[str]) -> None:
        self._builder = builder
        self._unseen = unseen
        self._code_styles = code_styles
        self._code = CodeLines(builder)
        self._notes: list[etree._Element] = []

    def container(self, element: etree._Element, *, depth: int) -> None:
        """Walk whatever holds paragraphs, lists and tables; its footnotes follow it."""
        for child in element:
            if child.tag not in _PASSED_OVER and depth <= limits.DEPTH:
                self._block(child, depth)
        self._code.end()
        notes, self._notes = self._notes, []
        for note in notes:
            self.container(note, depth=depth + 1)

    def _block(self, child: etree._Element, depth: int) -> None:
        tag = child.tag
        if tag == f"{_TEXT}p":
            style, text = child.get(f"{_TEXT}style-name", ""), self._inline(child)
            if not self._code.goes_on(text, fixed=style in self._code_styles or names_code(style)):
                self._builder.add("paragraph", text)
            return
        self._code.end()
        if tag == f"{_TEXT}section" and child.get(f"{_TEXT}display") in {"none", "condition"}:
            self._builder.left_out["hidden sections"] += 1
        elif tag == f"{_TEXT}h":
            self._builder.add("heading", self._inline(child), level=_number(child, f"{_TEXT}outline-level", 10))
        elif tag == f"{_TEXT}list":
            self._builder.add("list", "\n".join(self._items(child)))
        elif tag == f"{_TABLE}table":
            self._table(child, depth)
        else:
            self.container(child, depth=depth + 1)

    def _items(self, element: etree._Element) -> Iterator[str]:
        for item in element.iter(f"{_TEXT}p", f"{_TEXT}h"):
            if text := " ".join(self._inline(item).split()):
                yield f"- {text}"

    def _table(self, table: etree._Element, depth: int) -> None:
        own = [row for row in table.iter(f"{_TABLE}table-row") if next(row.iterancestors(f"{_TABLE}table")) is table]
        if table.find(f".//{_TABLE}table") is not None:  # it parts the page: what stands in its cells are blocks
            for cell in (cell for row in own for cell in row if row.get(f"{_TABLE}visibility") not in _HIDDEN_ROWS):
                self.container(cell, depth=depth + 1)
            return
        heads = [row for row in own if row.getparent().tag == f"{_TABLE}table-header-rows"]
        named, below = list(self._rows(heads)), list(self._rows(row for row in own if row not in heads))
        self._builder.add_table([*named, *below], heads=len(named) if below else 0)

    def _rows(self, rows: Iterable[etree._Element]) -> Iterator[list[str]]:
        for row in rows:
            cells = list(self._cells(row))
            if not any(cells):
                continue
            if row.get(f"{_TABLE}visibility") in _HIDDEN_ROWS:
                self._builder.left_out["hidden rows"] += 1
                continue
            yield from [cells] * _number(row, f"{_TABLE}number-rows-repeated", _REPEATS)

    def _cells(self, row: etree._Element) -> Iterator[str]:
        for cell in row:
            if cell.tag in {f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"}:
                lines = (self._inline(paragraph) for paragraph in cell.iter(f"{_TEXT}p", f"{_TEXT}h"))
                text = " ".join(line for line in lines if line.strip())
                yield from [text] * _number(cell, f"{_TABLE}number-columns-repeated", _REPEATS)

    def _inline(self, element: etree._Element, depth: int = 0) -> str:
        """Return the visible text of a paragraph; its notes are remembered."""
        name = element.get(f"{_TEXT}style-name", "")
        if name in self._unseen.hidden or name in self._unseen.white:
            if "".join(element.itertext()).strip():
                self._builder.left_out["hidden text" if name in self._unseen.hidden else "white text"] += 1
            return ""
        parts = [element.text or ""]
        for child in element:
            parts.append(self._inner(child, depth))
            parts.append(child.tail or "")
        return "".join(parts)

    def _inner(self, child: etree._Element, depth: int) -> str:
        tag = child.tag
        if tag in _PASSED_OVER or depth > limits.DEPTH or not isinstance(tag, str):
            return ""
        if tag in _LEFT_OUT:
            self._builder.left_out[_LEFT_OUT[tag]] += 1
            return ""
        if tag == f"{_TEXT}note":
            self._notes += child.findall(f"{_TEXT}note-body")
            return ""
        if tag == f"{_TEXT}s":
            return " " * _number(child, f"{_TEXT}c", 80)
        space = " " if tag == f"{_TEXT}p" else ""  # a paragraph in a text box
        return _SIGNS.get(tag) or space + self._inline(child, depth + 1) + space


def _number(element: etree._Element, name: str, most: int) -> int:
    """Return a count given as an attribute, 1 where there is none."""
    count = element.get(name, "1")
    return min(int(count), most) if count.isdigit() else 1
