"""A document as a reader opens it: its blocks around a place, the cited part marked.

Pure functions of a Document; the page only draws what they return. Of Markdown the signs are left out, never the text.
"""

import re
from collections.abc import Iterator
from itertools import chain, pairwise, repeat
from typing import Any

from retrieval.documents import Block, Document
from retrieval.headings import heading_text, section_in_words, within_document
from retrieval.tables import framed_cells, is_framed, repeated

SURROUNDINGS = 8_000
"""Characters shown before and after the cited part: several screens, and quick to draw on any machine."""
PARAGRAPH = re.compile(r"\S(?:.|\n(?!\s*\n))*")
SIGNS = re.compile(
    r"^[ \t]{0,3}(?:#{1,6}[ \t]+|>[ \t]?)|\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`+|!?\[(?=[^\]\n]{0,999}\]\()"
    r"|(?<=[^\s\]])\]\([^)\n]{0,2000}\)|(?<![ \t])[ \t]++#+[ \t]*$|\\(?=\|)",
    re.MULTILINE,
)
"""Longer texts and addresses of links are shown as they are written: nobody writes them, and brackets without end would
be read again from each of them."""
ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_PARTING = re.compile(r"\t| \| ")
RULE = re.compile(r"^[ \t|:\-+=]+$")


def document_view(document: Document, start: int, end: int) -> dict[str, Any]:
    """Return the blocks around `[start, end)` of a document's text, with that part marked.

    Each block has a `kind`, the number of the page that begins with it, if any, and `parts` of `{"text", "marked"}`;
    a list has `items` and a table has `rows` of such parts instead. `lines`: whether line ends have a meaning.
    """
    start, end = max(0, start), min(len(document.text), end)
    blocks = [block for block in blocks_of(document) if block.end > start - SURROUNDINGS]
    blocks = [block for block in blocks if block.start < end + SURROUNDINGS]
    drawn = [_draw(document, block, start, end) for block in blocks]
    return {
        "blocks": [block for block in drawn if block],
        "lines": document.media_type == "text/plain",
        "cut_before": bool(blocks) and bool(document.text[: blocks[0].start].strip()),
        "cut_after": bool(blocks) and bool(document.text[blocks[-1].end :].strip()),
    }


def section_of(document: Document, start: int) -> str:
    """Return how the section is called in which a place of a document stands; "" above its first heading."""
    path: list[tuple[int, str]] = []
    for block in document.blocks:
        if block.start > start:
            break
        if block.kind == "heading":
            said = heading_text(document.text[block.start : block.end])
            path = [*(above for above in path if above[0] < block.level), (block.level, said)]
    return section_in_words(within_document([said for _, said in path if said], document.title))


def blocks_of(document: Document) -> Iterator[Block]:
    """Yield the blocks of a document in order, and the text between them as paragraphs."""
    at = 0
    for block in document.blocks:
        yield from _paragraphs(document.text, at, block.start)
        yield block
        at = max(at, block.end)
    yield from _paragraphs(document.text, at, len(document.text))


def _paragraphs(text: str, start: int, end: int) -> Iterator[Block]:
    for found in PARAGRAPH.finditer(text, start, end):
        yield Block(kind="paragraph", start=found.start(), end=found.end())


def _draw(document: Document, block: Block, start: int, end: int) -> dict[str, Any]:
    marked = (start, end)
    signs = document.media_type == "text/markdown" and block.kind != "code"
    spans = {"list": _items, "table": _rows}.get(block.kind)
    drawn: dict[str, Any] = {"kind": block.kind, "level": block.level, "page": _page_at(document, block)}
    if spans is None:
        drawn["parts"] = _parts(document.text, block.start, block.end, marked, signs=signs)
        return drawn if any(part["text"].strip() for part in drawn["parts"]) else {}
    if block.kind == "list":
        lines = _items(document.text, block)
        drawn["items"] = [_parts(document.text, *line, marked, signs=signs) for line in lines]
    else:
        rows = _rows(document.text, block)
        drawn["rows"] = [[_parts(document.text, *cell, marked, signs=signs) for cell in row] for row in rows]
    return drawn


def _items(text: str, block: Block) -> list[tuple[int, int]]:
    """Return where each item of a list stands, without its bullet."""
    starts = list(ITEM.finditer(text, block.start, block.end))
    if not starts:
        return [(block.start, block.end)]
    ends = [following.start() for following in starts[1:]] + [block.end]
    return [(item.end(), end) for item, end in zip(starts, ends, strict=True)]


def _rows(text: str, block: Block) -> list[list[tuple[int, int]]]:
    """Return where each cell of a table stands, row by row; the line under the head is none.

    Below a drawn head a cell need not repeat the name of its column, as its text does.
    """
    lines = re.compile(r"[^\n]+").finditer(text, block.start, block.end)
    rows = [_cells(text, line.start(), line.end()) for line in lines if not RULE.match(line[0])]
    if not rows or not is_framed(text[block.start : block.end]):
        return rows
    names = [f"{repeated(text[start:end])}: " if start < end else "" for start, end in rows[0]]
    return [
        rows[0],
        *([_said(text, *cell) for cell in zip(row, chain(names, repeat("")), strict=False)] for row in rows[1:]),
    ]


def _said(text: str, cell: tuple[int, int], name: str) -> tuple[int, int]:
    """Return where a cell stands without the name of its column in front."""
    start, end = cell
    return (start + len(name) if text.startswith(name, start, end) else start), end


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    line = text[start:end]
    if is_framed(line):
        return [(start + cell, start + behind) for cell, behind in framed_cells(line)]
    borders = [
        (start, start),
        *((found.start(), found.end()) for found in _PARTING.finditer(text, start, end)),
        (end, end),
    ]
    cells = [(before[1], after[0]) for before, after in pairwise(borders)]
    return [(left, right) for left, right in cells if text[left:right].strip()]


def _parts(text: str, start: int, end: int, marked: tuple[int, int], *, signs: bool) -> list[dict[str, Any]]:
    """Cut a run of text where the marking begins and ends."""
    cuts = sorted({start, end, *(min(max(cut, start), end) for cut in marked)})
    parts = []
    for left, right in pairwise(cuts):
        shown = SIGNS.sub("", text[left:right]) if signs else text[left:right]
        parts.append({"text": shown, "marked": marked[0] <= left and right <= marked[1]})
    return parts


def _page_at(document: Document, block: Block) -> int | None:
    """Return the number of the page that begins in a block, if one does."""
    return next((page.number for page in document.pages if block.start <= page.start < block.end), None)
