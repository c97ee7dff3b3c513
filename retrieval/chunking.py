"""Cut a document into chunks along headings, blocks and sentences, sized in the embedder's tokens.

Knows no format and no model: it is given the places of the tokens. A sentence is cut only when it alone is longer than
a chunk may be, a table row when the embedder could not read it whole; then each part says which row and which column it
is of. Chunks do not overlap and together hold every block.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from retrieval.documents import Block, Chunk, Document, Page, TokenOffsets
from retrieval.headings import heading_text
from retrieval.sentences import sentence_spans
from retrieval.tables import BORDER, cells_in, names_in
from retrieval.token_places import Tokens, after_spaces, cut_between_words, shortened

ABOVE_TOKENS = 48
"""Most tokens the heading path may take in front of a chunk, and what is repeated of a table's row as well. Outer
headings are dropped first; of a row the name of the column stays, and of a longer name its beginning."""
_TELLING = re.compile(r"[^\W\d_]{4}|[^\W\d_\x00-\u2fff]")
"""A title without a word of four letters (a file called 0017-b) tells neither reader nor embedder anything."""
_CELL_CHARACTERS = 120
"""A longer first cell does not say which row it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """The smallest piece that stays whole: a sentence, a table row, a line of code, a heading."""

    start: int
    end: int
    block: int
    """Which block it belongs to."""


def chunk_document(
    document: Document, *, document_id: str, token_offsets: TokenOffsets, max_tokens: int, row_tokens: int = 0
) -> list[Chunk]:
    """Return the chunks of a document, in order; heading path, column names and text together fit `max_tokens`.

    Args:
        document: as it was read.
        document_id: what the chunk ids begin with.
        token_offsets: places of the embedder's tokens in a text.
        max_tokens: the most tokens of `Chunk.indexed_text`, special tokens not counted.
        row_tokens: a row of a table stays whole up to so many, what the embedder reads at once, also in a chunk longer
            than others.
    """
    tokens = Tokens(document.text, token_offsets)
    above = min(ABOVE_TOKENS, max_tokens * 2 // 5)  # heading path and header row leave a fifth for the text
    page_of = _page_finder(document.pages)

    @cache  # the same headings are asked for again and again
    def count(text: str) -> int:
        return len(token_offsets(text))

    chunks: list[Chunk] = []
    for section in _sections(document, lambda names: _path(document.title, names, count, token_offsets, above)):
        rows = _Rows(document, section.blocks, token_offsets, above)
        headed = count(" > ".join(section.path))
        budget, whole = max_tokens - headed, max(max_tokens, row_tokens) - headed
        units = _units(document, section.blocks, budget, tokens, rows, whole)
        for start, end, lost in _packed(units, tokens, rows, budget):
            ordinal = len(chunks)
            chunks.append(
                Chunk(
                    chunk_id=f"{document_id}-{ordinal}",
                    document_id=document_id,
                    ordinal=ordinal,
                    start=start,
                    end=end,
                    page=page_of(start),
                    headings=section.path,
                    text=document.text[start:end],
                    columns=lost,
                )
            )
    return chunks


def _page_finder(pages: Sequence[Page]) -> Callable[[int], int | None]:
    """Return what tells the number of the page on which a place lies; not every part of a document need have pages."""
    starts = [page.start for page in pages]

    def page_of(place: int) -> int | None:
        page = pages[max(bisect_right(starts, place) - 1, 0)] if pages else None
        return page.number if page and page.start <= place <= page.end else None

    return page_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Section:
    path: tuple[str, ...]
    blocks: tuple[Block, ...]


def _sections(document: Document, path_of: Callable[[Sequence[str]], tuple[str, ...]]) -> Iterator[_Section]:
    """Yield runs of blocks under one heading path; the heading itself is the first block of its section."""
    path: list[tuple[int, str]] = []
    blocks: list[Block] = []
    for block in document.blocks:
        if block.kind == "heading":
            if any(gathered.kind != "heading" for gathered in blocks):
                yield _Section(path=path_of([name for _, name in path]), blocks=tuple(blocks))
                blocks = []
            path = [entry for entry in path if entry[0] < block.level]
            path.append((block.level, heading_text(document.text[block.start : block.end])))
        blocks.append(block)
    if blocks:
        yield _Section(path=path_of([name for _, name in path]), blocks=tuple(blocks))


def _path(
    title: str, headings: Sequence[str], count: Callable[[str], int], token_offsets: TokenOffsets, most: int
) -> tuple[str, ...]:
    """Return the heading path, outermost first, within so many tokens: the title leads it, the innermost stays."""
    names = [name for name in headings if name]
    if _TELLING.search(title) and (not names or names[0].casefold() != title.casefold()):
        names.insert(0, title)
    while len(names) > 1 and count(" > ".join(names)) > most:
        del names[0]
    if names and count(names[0]) > most:
        names = [names[0][: token_offsets(names[0])[most - 1][1]]]
    return tuple(names)


class _Rows:
    """The tables of a section: where the cells of a row begin, and what a later part of it has lost."""

    def __init__(self, document: Document, blocks: Sequence[Block], token_offsets: TokenOffsets, most: int) -> None:
        tables = {number: block for number, block in enumerate(blocks) if block.kind == "table"}
        self._starts = {number: block.start for number, block in tables.items()}
        self._text = document.text
        self._token_offsets = token_offsets
        self._most = most
        self._read: tuple[int, list[tuple[int, str]]] = (-1, [])

    def cells(self, row: int, end: int, block: int) -> list[tuple[int, str]]:
        """Return where each cell of the row `[row, end)` begins, with the name of its column; nothing for the names."""
        table = self._starts[block]
        if row == table:
            return []
        if self._read[0] != row:  # or the parts of a long row would take their square
            names = names_in(self._text[table : _line_end(self._text, table)])
            self._read = row, [(row + start, name) for start, name in cells_in(self._text[row:end], names)]
        return self._read[1]

    def lost(self, unit: _Unit) -> str:
        """Return what a chunk beginning with this unit does not say: of which row and of which column it is a part."""
        if unit.block not in self._starts:
            return ""
        row = self._text.rfind("\n", self._starts[unit.block], unit.start) + 1 or self._starts[unit.block]
        return self.repeated(self.cells(row, _line_end(self._text, unit.start), unit.block), unit.start)

    def repeated(self, cells: Sequence[tuple[int, str]], start: int) -> str:
        """Return the first cell of a row of these cells and the column of the cell within which a part begins."""
        if not cells or start <= cells[0][0]:
            return ""
        first, follows = cells[0][0], cells[1][0] if len(cells) > 1 else start
        place, name = cells[bisect_right(cells, start, key=_place) - 1]
        column = f"{name}:" if name and place < start else ""
        opening = self._text[first:follows].strip(" ;|\n") if place > first else ""
        if len(opening) > _CELL_CHARACTERS:
            opening = ""
        whole = BORDER.join(part for part in (opening, column) if part)
        kept = whole if self.tokens(whole) <= self._most else column or ""
        offsets = self._token_offsets(kept)
        return kept if len(offsets) <= self._most else kept[: offsets[self._most - 1][1]]

    def tokens(self, lost: str) -> int:
        """Return how many tokens what is repeated takes."""
        return len(self._token_offsets(lost)) if lost else 0


def _place(cell: tuple[int, str]) -> int:
    return cell[0]


def _line_end(text: str, place: int) -> int:
    """Return where the line ends that a place is in."""
    end = text.find("\n", place)
    return end if end >= 0 else len(text)


def _units(
    document: Document, blocks: Sequence[Block], budget: int, tokens: Tokens, rows: _Rows, whole: int
) -> Iterator[_Unit]:
    """Yield the units of a section; each fits the budget, but for a row of a table that fits `whole`."""
    for number, block in enumerate(blocks):
        for start, end in _pieces(document.text, block):
            if block.kind != "table":
                spans = shortened(document.text, start, end, budget, tokens)
            elif tokens.count(start, end) <= whole:
                spans = iter([(start, end)])
            else:
                spans = _row_parts(document.text, (start, end), budget, tokens, rows, number)
            for piece_start, piece_end in spans:
                yield _Unit(start=piece_start, end=piece_end, block=number)


def _pieces(text: str, block: Block) -> list[tuple[int, int]]:
    if block.kind == "heading":
        return [(block.start, block.end)]
    if block.kind in {"table", "code"}:
        return _line_spans(text, block.start, block.end)
    if block.kind == "list":
        lines = _line_spans(text, block.start, block.end)
        return [span for start, end in lines for span in sentence_spans(text, start, end)]
    return sentence_spans(text, block.start, block.end)


def _line_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    position = start
    for line in text[start:end].splitlines(keepends=True):
        if line.strip():
            spans.append((position, position + len(line.rstrip())))
        position += len(line)
    return spans


def _row_parts(
    text: str, row: tuple[int, int], budget: int, tokens: Tokens, rows: _Rows, block: int
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a row the embedder cannot read whole: between cells, or within one that is too long itself.

    Each leaves room for what it repeats.
    """
    start, end = row
    cells = rows.cells(start, end, block)

    def room(place: int) -> int:
        return budget - rows.tokens(rows.repeated(cells, place))

    while tokens.count(start, end) > room(start):
        cut = cut_between_words(text, start, end, room(start), tokens)
        if cut is None:
            break
        behind = bisect_right(cells, cut, key=_place)
        border = cells[behind - 1][0] if behind else start
        following = cells[behind][0] if behind < len(cells) else end
        half_full = border > start + (cut - start) // 2
        if half_full or (border > start and tokens.count(border, following) <= room(border)):
            cut = border
        said = text[start:cut].rstrip()
        yield start, start + len(said[:-1].rstrip() if cut == border and said.endswith((";", "|")) else said)
        start = after_spaces(text, cut, end)
    if start < end:
        yield start, end


def _packed(units: Iterator[_Unit], tokens: Tokens, rows: _Rows, budget: int) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, what is repeated of its row)` of chunks, each as many whole units as fit."""
    first: _Unit | None = None
    end, lost = 0, ""
    for unit in units:
        if first is not None and tokens.count(first.start, unit.end) + rows.tokens(lost) > budget:
            yield first.start, end, lost
            first = None
        if first is None:
            first, lost = unit, rows.lost(unit)
        end = unit.end
    if first is not None:
        yield first.start, end, lost
