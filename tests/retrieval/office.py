"""Make small office and mail files, good and bad, for tests: XLSX, PPTX, ODT, MSG, ZIP."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """Return a ZIP of these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def related(targets: Mapping[str, tuple[str, str]]) -> str:
    """Return the part that says what another one refers to: id -> kind and target."""
    entries = (
        f'<Relationship Id="{each}" Type="{R}/{kind}" Target="{target}"/>' for each, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_RELATED}">{"".join(entries)}</Relationships>'


def cell(value: str, *, place: str = "", style: int = 0, formula: str = "") -> str:
    """Return a cell: a number as it is, any other text within the cell."""
    at = f' r="{place}"' if place else ""
    written = f"<f>{escape(formula)}</f>" if formula else ""
    if value.replace(".", "").replace("-", "").isdigit() or (formula and not value):
        return f'<c{at} s="{style}">{written}<v>{value}</v></c>' if value else f"<c{at}>{written}</c>"
    if formula:
        return f'<c{at} t="str">{written}<v>{escape(value)}</v></c>'
    return f'<c{at} s="{style}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def sheet(rows: Sequence[Sequence[str]], *, before: str = "") -> str:
    """Return a sheet of rows of values, or of cells that are written already."""
    written = ("".join(each if each.startswith("<c") else cell(each) for each in row) for row in rows)
    lines = "".join(f'<row r="{number}">{line}</row>' for number, line in enumerate(written, start=1))
    return f'<worksheet xmlns="{S}">{before}<sheetData>{lines}</sheetData></worksheet>'


def xlsx(
    sheets: Mapping[str, str], *, states: Mapping[str, str] = {}, styles: str = "", parts: Mapping[str, str] = {}
) -> bytes:
    """Return a workbook of these sheets, each as `sheet` writes it."""
    named = list(enumerate(sheets.items(), start=1))
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="r{n}" state="{states.get(name, "visible")}"/>'
        for n, (name, _) in named
    )
    targets = {f"r{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n, _ in named}
    targets |= {"rs": ("styles", "styles.xml"), "rt": ("sharedStrings", "sharedStrings.xml")}
    return zipped(
        {
            "[Content_Types].xml": "<x/>",
            "xl/workbook.xml": f'<workbook xmlns="{S}" xmlns:r="{R}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": related(targets),
            "xl/styles.xml": f'<styleSheet xmlns="{S}">{styles}</styleSheet>',
            **{f"xl/worksheets/sheet{n}.xml": content for n, (_, content) in named},
            **parts,
        }
    )


def text_shape(text: str, *, kind: str | None = None, more: str = "") -> str:
    """Return a shape with lines of text; with a kind (perhaps "") it is a placeholder."""
    holder = "" if kind is None else f'<p:ph type="{kind}"/>' if kind else '<p:ph idx="1"/>'
    lines = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in text.split("\n"))
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x" {more}/><p:cNvSpPr/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>'
        f"<p:txBody><a:bodyPr/>{lines}</p:txBody></p:sp>"
    )


def table_shape(rows: Sequence[Sequence[str]]) -> str:
    """Return a shape with a table."""
    written = "".join(
        "<a:tr>"
        + "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{each}</a:t></a:r></a:p></a:txBody></a:tc>" for each in row)
        + "</a:tr>"
        for row in rows
    )
    table = f"<a:graphic><a:graphicData><a:tbl>{written}</a:tbl></a:graphicData></a:graphic>"
    return f"<p:graphicFrame>{table}</p:graphicFrame>"


def slide(*shapes: str, more: str = "", root: str = "sld") -> str:
    """Return a slide, or its notes, of shapes."""
    tree = f"<p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld>"
    return f'<p:{root} xmlns:p="{P}" xmlns:a="{A}" {more}>{tree}</p:{root}>'


def pptx(slides: Sequence[str], *, notes: Mapping[int, str] = {}, parts: Mapping[str, str] = {}) -> bytes:
    """Return a presentation of slides, each as `slide` writes it; notes by the number of the slide."""
    numbers = range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="r{n}"/>' for n in numbers)
    held = {f"ppt/slides/slide{n}.xml": content for n, content in zip(numbers, slides, strict=True)}
    for n, text in notes.items():
        held[f"ppt/slides/_rels/slide{n}.xml.rels"] = related({"n": ("notesSlide", f"../notesSlides/n{n}.xml")})
        held[f"ppt/notesSlides/n{n}.xml"] = slide(text_shape(text, kind="body"), root="notes")
    return zipped(
        {
            "[Content_Types].xml": "<x/>",
            "ppt/presentation.xml": (
                f'<p:presentation xmlns:p="{P}" xmlns:r="{R}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>'
            ),
            "ppt/_rels/presentation.xml.rels": related({f"r{n}": ("slide", f"slides/slide{n}.xml") for n in numbers}),
            **held,
            **parts,
        }
    )


def odt(body: str, *, styles: str = "", parts: Mapping[str, str] = {}) -> bytes:
    """Return an OpenDocument text with this body."""
    spaces = " ".join(f'xmlns:{name}="{ODF}{name}:1.0"' for name in ("office", "text", "table", "style"))
    spaces += f' xmlns:fo="{ODF}xsl-fo-compatible:1.0"'
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content, **parts})


_END, _FREE, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFF
_SECTOR = 512
_SMALLEST = 4096
"""Shorter streams would lie in the mini stream; these are filled up instead."""

Tree = dict[str, "bytes | Tree"]


def compound_file(tree: Tree) -> bytes:
    """Return an OLE compound file of streams and storages. Source: Microsoft [MS-CFB]."""
    sectors: list[bytes] = []
    chain: list[int] = []

    def put(data: bytes) -> int:
        first, count = len(sectors), max(1, -(-len(data) // _SECTOR))
        for number in range(count):
            sectors.append(data[number * _SECTOR : (number + 1) * _SECTOR].ljust(_SECTOR, b"\x00"))
            chain.append(first + number + 1 if number < count - 1 else _END)
        return first

    entries = _entries(tree, put)
    directory = put(b"".join(entries))
    table = len(sectors)
    count = -(-(len(chain) + 1) // (_SECTOR // 4 - 1))
    chain += [0xFFFFFFFD] * count
    fat = b"".join(each.to_bytes(4, "little") for each in chain).ljust(count * _SECTOR, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + bytes.fromhex("3e000300feff09000600") + bytes(6)
    numbers = [0, count, directory, 0, _SMALLEST, _END, 0, _END, 0, *range(table, table + count)]
    header += b"".join(each.to_bytes(4, "little") for each in numbers)
    return header.ljust(_SECTOR, b"\xff") + b"".join(sectors) + fat


def _entries(tree: Tree, put: "object") -> list[bytes]:
    """Return the directory: the root and, below it, every storage and stream."""
    rows: list[list[object]] = [["Root Entry", 5, _NONE, _NONE, _END, 0]]

    def add(content: Tree) -> int:
        """Add the children of one storage as a list to the right; return the first."""
        places = []
        for name in sorted(content, key=lambda each: (len(each), each.upper())):
            places.append(len(rows))
            held = content[name]
            if isinstance(held, dict):
                rows.append([name, 1, _NONE, _NONE, 0, 0])
                rows[places[-1]][3] = add(held)
            else:
                filled = held.ljust(_SMALLEST, b"\x00")
                rows.append([name, 2, _NONE, _NONE, put(filled), len(filled)])  # type: ignore[operator]
        for place, following in pairwise(places):
            rows[place][2] = following
        return places[0] if places else _NONE

    rows[0][3] = add(tree)
    return [_entry(*row) for row in rows]  # type: ignore[arg-type]


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\x00\x00"
    numbers = [_NONE, right, child]
    data = wide.ljust(64, b"\x00") + len(wide).to_bytes(2, "little") + bytes([kind, 1])
    data += b"".join(each.to_bytes(4, "little") for each in numbers) + bytes(36)
    return data + start.to_bytes(4, "little") + size.to_bytes(8, "little")


def msg(*, texts: Mapping[int, str] = {}, binaries: Mapping[int, bytes] = {}, more: Tree | None = None) -> Tree:
    """Return the storage of a mail as Outlook keeps it: texts and binaries by the numbers of their properties."""
    streams: Tree = {f"__substg1.0_{number:04X}001F": text.encode("utf-16-le") for number, text in texts.items()}
    streams |= {f"__substg1.0_{number:04X}0102": data for number, data in binaries.items()}
    return {"__properties_version1.0": bytes(32), **streams, **(more or {})}
