"""Build the PDF and Word documents of the demonstration handbook from their Markdown sources.

`assets/demo/sources/NAME.pdf.md` becomes `assets/demo/handbook/NAME.pdf`, `NAME.docx.md` becomes `NAME.docx`. The same
source gives the same bytes every time, so a rebuilt file differs only where its source does. A line `---` starts a new
page. Run: `python -m bench.build_demo`.
"""

import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

import docx
from docx.shared import Pt, RGBColor
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab import rl_config
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate, Paragraph, Table

DEMO = Path(__file__).resolve().parent.parent / "assets" / "demo"
COMPANY = "Tarnbeck Instruments"
INK = colors.HexColor("#1d3a4a")
LINE = colors.HexColor("#b9c6cd")
MARGIN = 24 * mm
SHADE = colors.HexColor("#e9eff2")
BUILT = datetime(2026, 1, 1)  # noqa: DTZ001 - Word keeps no time zone
"""The date written into every file: the clock would make each build different."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one style."""

    text: str
    style: Literal["", "strong", "em"] = ""


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A heading, a paragraph, a list, a table or a page break of a source."""

    kind: Literal["heading", "paragraph", "bullets", "steps", "table", "break"]
    lines: tuple[Line, ...] = ()
    """One for headings and paragraphs, one an item for lists."""
    rows: tuple[tuple[Line, ...], ...] = ()
    level: int = 0


def parts_of(markdown: str) -> Iterator[Part]:
    """Yield the parts of a source in order; only what the sources use is understood."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    position = 0
    while position < len(tokens):
        token = tokens[position]
        end = _closing(tokens, position)
        inside = tokens[position : end + 1]
        lines = tuple(_line(inner) for inner in inside if inner.type == "inline")
        match token.type:
            case "heading_open":
                yield Part(kind="heading", lines=lines, level=int(token.tag[1]))
            case "paragraph_open":
                yield Part(kind="paragraph", lines=lines)
            case "bullet_list_open":
                yield Part(kind="bullets", lines=lines)
            case "ordered_list_open":
                yield Part(kind="steps", lines=lines)
            case "table_open":
                yield Part(kind="table", rows=_rows(inside))
            case "hr":
                yield Part(kind="break")
        position = end + 1


def _closing(tokens: list[Token], position: int) -> int:
    """Return where the part that begins at a position ends."""
    depth = 0
    for index in range(position, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def _line(inline: Token) -> Line:
    """Return the runs of an inline token; a line break in the source is a space."""
    runs: list[Run] = []
    style: Literal["", "strong", "em"] = ""
    for child in inline.children or []:
        if child.type == "strong_open":
            style = "strong"
        elif child.type == "em_open":
            style = "em"
        elif child.type in ("strong_close", "em_close"):
            style = ""
        else:
            runs.append(Run(" " if child.type == "softbreak" else child.content, style))
    return tuple(run for run in runs if run.text)


def _rows(tokens: list[Token]) -> tuple[tuple[Line, ...], ...]:
    """Return the cells of a table, its heading row first."""
    rows: list[list[Line]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_line(token))
    return tuple(tuple(row) for row in rows)


def _text(line: Line) -> str:
    return "".join(run.text for run in line)


def build_pdf(markdown: str) -> bytes:
    """Return a PDF of A4 pages with running titles and page numbers."""
    parts = list(parts_of(markdown))
    title = _text(parts[0].lines[0])
    buffer = io.BytesIO()
    rl_config.invariant = 1
    template = BaseDocTemplate(buffer, pagesize=A4, title=title, author=COMPANY, lang="en")
    frame = Frame(MARGIN, MARGIN, A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    template.addPageTemplates(PageTemplate(frames=[frame], onPageEnd=partial(_footer, title=title)))
    template.build([flowable for part in parts for flowable in _flowables(part)])
    return buffer.getvalue()


def _footer(canvas: Canvas, template: BaseDocTemplate, *, title: str) -> None:
    left, right = MARGIN, A4[0] - MARGIN
    canvas.setStrokeColor(LINE)
    canvas.line(left, 18 * mm, right, 18 * mm)
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(INK)
    canvas.drawString(left, 13 * mm, f"{COMPANY} - {title}")
    canvas.drawRightString(right, 13 * mm, f"Page {template.page}")


_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=14.5, spaceAfter=7)
_ITEM = ParagraphStyle("item", parent=_BODY, leftIndent=12, firstLineIndent=-8, spaceAfter=4)
_CELL = ParagraphStyle("cell", parent=_BODY, fontSize=9, leading=12, spaceAfter=0)
_HEADING = partial(ParagraphStyle, fontName="Helvetica-Bold", textColor=INK, keepWithNext=1)
_HEADINGS = {
    1: _HEADING("h1", fontSize=22, leading=28, spaceAfter=10),
    2: _HEADING("h2", fontSize=13, leading=17, spaceBefore=11, spaceAfter=5),
    3: _HEADING("h3", fontSize=11, leading=15, spaceBefore=8, spaceAfter=4),
}


def _flowables(part: Part) -> list[Flowable]:
    match part.kind:
        case "heading":
            return [Paragraph(_markup(part.lines[0]), _HEADINGS[part.level])]
        case "table":
            return [_pdf_table(part)]
        case "break":
            return [PageBreak()]
        case "bullets":
            return [Paragraph(f"\u2022 {_markup(line)}", _ITEM) for line in part.lines]
        case "steps":
            return [Paragraph(f"{number}. {_markup(line)}", _ITEM) for number, line in enumerate(part.lines, start=1)]
        case _:
            return [Paragraph(_markup(part.lines[0]), _BODY)]


def _pdf_table(part: Part) -> Flowable:
    cells = [[Paragraph(_markup(line, bold=row == 0), _CELL) for line in cells] for row, cells in enumerate(part.rows)]
    style = [
        ("BACKGROUND", (0, 0), (-1, 0), SHADE),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    widths = _widths(part, A4[0] - 2 * MARGIN)
    return Table(cells, colWidths=widths, style=style, repeatRows=1, spaceAfter=9, hAlign="LEFT")


def _widths(part: Part, width: float) -> list[float]:
    """Share the width among the columns by the square root of their longest cell, so that short ones stay readable."""
    weights = [max(6, *(len(_text(row[column])) for row in part.rows)) ** 0.5 for column in range(len(part.rows[0]))]
    return [width * weight / sum(weights) for weight in weights]


def _markup(line: Line, *, bold: bool = False) -> str:
    tags = {"strong": "b", "em": "i"}
    marked = "".join(
        f"<{tags[run.style]}>{escape(run.text)}</{tags[run.style]}>" if run.style else escape(run.text) for run in line
    )
    return f"<b>{marked}</b>" if bold else marked


def build_docx(markdown: str) -> bytes:
    """Return a Word document with real headings, lists and tables."""
    document = docx.Document()
    _dress(document)
    parts = list(parts_of(markdown))
    properties = document.core_properties
    properties.title, properties.author = _text(parts[0].lines[0]), COMPANY
    properties.created = properties.modified = BUILT
    properties.comments = ""
    for part in parts:
        _add(document, part)
    buffer = io.BytesIO()
    document.save(buffer)
    return _undated(buffer.getvalue())


def _dress(document: Any) -> None:
    body = document.styles["Normal"]
    body.font.name, body.font.size = "Calibri", Pt(10.5)
    for level in (1, 2, 3):
        style = document.styles[f"Heading {level}"]
        style.font.color.rgb = RGBColor(0x1D, 0x3A, 0x4A)


def _add(document: Any, part: Part) -> None:
    match part.kind:
        case "heading":
            document.add_heading(_text(part.lines[0]), level=part.level)
        case "break":
            document.add_page_break()
        case "table":
            table = document.add_table(rows=len(part.rows), cols=len(part.rows[0]), style="Light Grid Accent 1")
            for row, cells in zip(table.rows, part.rows, strict=True):
                for cell, line in zip(row.cells, cells, strict=True):
                    _write(cell.paragraphs[0], line)
            document.add_paragraph()
        case _:
            style = {"bullets": "List Bullet", "steps": "List Number"}.get(part.kind)
            for line in part.lines:
                _write(document.add_paragraph(style=style), line)


def _write(paragraph: Any, line: Line) -> None:
    for run in line:
        written = paragraph.add_run(run.text)
        written.bold = run.style == "strong" or None
        written.italic = run.style == "em" or None


def _undated(data: bytes) -> bytes:
    """Return the same package with fixed dates on its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, BUILT.timetuple()[:6]), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


BUILDERS = {".pdf": build_pdf, ".docx": build_docx}


def build(source: Path) -> tuple[str, bytes]:
    """Return the name and the bytes of the document that a source describes."""
    name = source.stem
    return name, BUILDERS[Path(name).suffix](source.read_text(encoding="utf-8"))


def main() -> None:
    """Build every document and say how large it became."""
    for source in sorted((DEMO / "sources").glob("*.md")):
        name, data = build(source)
        (DEMO / "handbook" / name).write_bytes(data)
        sys.stdout.write(f"{name}: {len(data) / 1000:.1f} kB\n")


if __name__ == "__main__":
    main()
