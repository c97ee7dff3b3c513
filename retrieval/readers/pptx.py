"""PPTX: the slides of a presentation with their numbers, titles, lists, tables and speaker's notes.

Hidden slides and shapes are left out with a warning. Short lines in a typeface for programs are code.
Source: ECMA-376 part 1, chapters 19 and 21.
"""

from collections.abc import Iterator, Sequence

from lxml import etree

from retrieval.readers import clock, limits
from retrieval.readers.building import TextBuilder
from retrieval.readers.code_lines import is_fixed, parted
from retrieval.readers.content import Content
from retrieval.readers.metadata import of_package
from retrieval.readers.package import Package
from retrieval.readers.pptx_ground import is_plain_white, is_white

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_TITLES = {"title", "ctrTitle"}
_FURNITURE = {"dt", "ftr", "hdr"}
"""Placeholders for date, footer and header: mostly the same on every slide, so each is written once."""
_BULLETED = {"body", "obj", ""}


def read(data: bytes) -> Content:
    """Return the visible slides; a slide is a page."""
    package = Package(data)
    main = package.main_part("ppt/presentation.xml")
    presentation = package.xml(main)
    if presentation is None:
        return Content(text="", blocks=(), emptiness="is damaged: it has no presentation.")
    builder = TextBuilder()
    related = package.related(main)
    furniture: set[str] = set()
    warnings: list[str] = []
    for number, entry in enumerate(presentation.iter(f"{_P}sldId"), start=1):
        slide = related.get(entry.get(f"{_R}id", ""))
        root = package.xml(slide.part) if slide else None
        if number > limits.PAGES or clock.is_over():
            warnings.append(f"Only the first {number - 1} slides were read: the file is too large.")
            break
        if slide is None or root is None:
            warnings.append(f"Slide {number} is damaged and could not be read.")
        elif root.get("show") in {"0", "false"}:
            builder.left_out["hidden slides"] += 1
        else:
            builder.begin_page(number)
            if not _Slide(builder, package, furniture, part=slide.part, number=number).write(root) and _has_picture(
                root
            ):
                warnings.append(f"Slide {number} holds only an image and could not be read.")
    builder.end_page()
    builder.note_properties(of_package(package))
    return builder.content(title=_title(builder), warnings=warnings)


class _Slide:
    """One slide: title first, then its shapes in their order, then the notes."""

    def __init__(self, builder: TextBuilder, package: Package, furniture: set[str], *, part: str, number: int) -> None:
        self._builder = builder
        self._package = package
        self._part = part
        self._number = number
        self._furniture = furniture

    def write(self, root: etree._Element) -> bool:
        """Write the slide; return whether it holds any text."""
        self._leave_out_white(root)
        tree = root.find(f"{_P}cSld/{_P}spTree")
        shapes = list(self._shapes(tree, depth=0)) if tree is not None else []
        titles = [shape for shape in shapes if _placeholder(shape) in _TITLES and _words(shape)]
        heading = " ".join(" ".join(_words(shape).split()) for shape in titles)
        notes = [words for body in self._notes() if (words := _words(body))]
        others = [shape for shape in shapes if not any(shape is title for title in titles)]
        has_text = bool(heading or notes) or any(_words(shape) or _is_diagram(shape) for shape in others)
        if has_text:
            self._builder.add("heading", heading or f"Slide {self._number}", level=1)
        for shape in others:
            self._shape(shape)
        for words in notes:
            self._builder.add("paragraph", f"Notes: {words}")
        self._builder.left_out["comments"] += sum(
            sum(1 for each in comments.iter() if str(each.tag).rpartition("}")[2] in {"cm", "reply"})
            for part in self._package.parts_of(self._part, "comments")
            if (comments := self._package.xml(part)) is not None
        )
        return has_text

    def _leave_out_white(self, root: etree._Element) -> None:
        white = [run for run in root.iter(f"{_A}r") if is_white(run)]
        if white and is_plain_white(self._package, self._part):
            for run in white:
                run.clear()
            self._builder.left_out["white text"] += len(white)

    def _shapes(self, tree: etree._Element, depth: int) -> Iterator[etree._Element]:
        for shape in tree:
            properties = next(shape.iter(f"{_P}cNvPr"), None) if isinstance(shape.tag, str) else None
            if properties is not None and properties.get("hidden") in {"1", "true"}:
                self._builder.left_out["hidden shapes"] += 1
            elif shape.tag == f"{_P}grpSp" or (isinstance(shape.tag, str) and shape.tag.endswith("}AlternateContent")):
                if depth < limits.DEPTH:
                    yield from self._shapes(shape, depth + 1)
            elif isinstance(shape.tag, str) and shape.tag.endswith("}Choice"):
                yield from self._shapes(shape, depth + 1)
            elif shape.tag in {f"{_P}sp", f"{_P}graphicFrame"} and self._is_new(shape):
                yield shape

    def _is_new(self, shape: etree._Element) -> bool:
        kind = _placeholder(shape)
        if kind not in _FURNITURE:
            return kind != "sldNum"
        words = _words(shape)
        known = words in self._furniture
        self._furniture.add(words)
        return not known

    def _shape(self, shape: etree._Element) -> None:
        for table in shape.iter(f"{_A}tbl"):
            rows = [[_words(cell) for cell in row.iterchildren(f"{_A}tc")] for row in table.iterchildren(f"{_A}tr")]
            self._builder.add_table(rows, heads=_heads(table, rows))
        for diagram in shape.iter(_DIAGRAM):
            self._diagram(diagram.get(f"{_R}dm", ""))
        body = shape.find(f"{_P}txBody")
        if body is None:
            return
        paragraphs = ((_line(paragraph), _is_code(paragraph, body)) for paragraph in body.iterchildren(f"{_A}p"))
        for is_program, lines in parted(paragraphs):
            if is_program:
                self._builder.add("code", "\n".join(lines).rstrip())
            else:
                self._prose(shape, [line for line in lines if line.strip()])

    def _prose(self, shape: etree._Element, lines: Sequence[str]) -> None:
        if len(lines) > 1 and _placeholder(shape) in _BULLETED:
            self._builder.add("list", "\n".join(f"- {line}" for line in lines))
        else:
            self._builder.add("paragraph", "\n".join(lines))

    def _diagram(self, identifier: str) -> None:
        data = self._package.related(self._part).get(identifier)
        root = self._package.xml(data.part) if data else None
        if root is not None:
            texts = (_line(paragraph) for paragraph in root.iter(f"{_A}p"))
            self._builder.add("list", "\n".join(f"- {text}" for text in texts if text.strip()))

    def _notes(self) -> Iterator[etree._Element]:
        for part in self._package.parts_of(self._part, "notesSlide"):
            root = self._package.xml(part)
            if root is not None:
                yield from (shape for shape in root.iter(f"{_P}sp") if _placeholder(shape) == "body")


def _placeholder(shape: etree._Element) -> str | None:
    """Return the kind of placeholder a shape is, "" for one of no kind, None for none."""
    holder = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return None if holder is None else holder.get("type", "")


def _heads(table: etree._Element, rows: Sequence[Sequence[str]]) -> int:
    """Return how many rows are drawn as the head of a table: one, where it has several names, or none."""
    properties = table.find(f"{_A}tblPr")
    drawn = properties is not None and properties.get("firstRow") in {"1", "true"}
    return int(drawn and len(rows) > 1 and sum(bool(cell.strip()) for cell in rows[0]) > 1)


def _words(element: etree._Element) -> str:
    return "\n".join(line for paragraph in element.iter(f"{_A}p") if (line := _line(paragraph)).strip())


def _line(paragraph: etree._Element) -> str:
    runs = paragraph.iter(f"{_A}t", f"{_A}br")
    return "".join("\n" if run.tag == f"{_A}br" else run.text or "" for run in runs)


def _is_code(paragraph: etree._Element, body: etree._Element) -> bool:
    """Whether all runs with text are in a typeface for programs: their own, or that of the shape's text."""
    usual = _typeface(body.find(f"{_A}lstStyle/{_A}lvl1pPr/{_A}defRPr"))
    runs = [run for run in paragraph.iter(f"{_A}r") if "".join(run.itertext()).strip()]
    return bool(runs) and all(is_fixed(_typeface(run.find(f"{_A}rPr")) or usual) for run in runs)


def _typeface(properties: etree._Element | None) -> str:
    latin = properties.find(f"{_A}latin") if properties is not None else None
    return "" if latin is None else latin.get("typeface", "")


def _is_diagram(shape: etree._Element) -> bool:
    return next(shape.iter(_DIAGRAM), None) is not None


def _has_picture(root: etree._Element) -> bool:
    return next(root.iter(f"{_P}pic"), None) is not None


def _title(builder: TextBuilder) -> str:
    first = builder.blocks[0] if builder.blocks else None
    text = builder.text[first.start : first.end] if first else ""
    return "" if text.startswith("Slide ") else text
