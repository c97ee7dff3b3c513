"""Cut a document into chunks along headings, blocks and sentences, sized in the embedder's tokens.

Knows no format and no model: it is given the places of the tokens. A sentence or table row is cut only when it alone
is longer than a chunk may be. Chunks do not overlap and together hold every block.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from retrieval.documents import Block, Chunk, Document, Page, TokenOffsets
from retrieval.headings import heading_text
from retrieval.sentences import sentence_spans

ABOVE_TOKENS = 48
"""Most tokens the heading path may take in front of a chunk, and the header row of a table as well. Outer headings are
dropped first; a longer header row is not repeated."""
_SPACE = re.compile(r"\s")
_LETTER = re.compile(r"[^\W\u3000-\u9fff\uf900-\ufaff]|[\u0300-\u036f]")
"""What holds a word together; ideographs are tokens of their own."""
_TELLING = re.compile(r"[^\W\d_]{4}|[^\W\d_\x00-\u2fff]")
"""A title without a word of four letters (a file called 0017-b) tells neither reader nor embedder anything."""
_CELL_BORDER = "; "
"""Between the cells of a row that repeats its column names (retrieval/readers/building.py)."""
_CELL_BORDERS = (_CELL_BORDER, "|")
_CELL_CHARACTERS = 120
"""A longer first cell does not say which row it is."""
SEGMENT_CHARACTERS = 50_000
"""Tokenised at once: a tokenizer keeps some hundred bytes for each token while it works."""
WORD_CHARACTERS = 100
"""A longer word is a single token to a WordPiece tokenizer, so no cut falls into it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """The smallest piece that stays whole: a sentence, a table row, a line of code, a heading."""

    start: int
    end: int
    block: int
    """Which block it belongs to."""


class _Tokens:
    """How many tokens lie in any span of one text."""

    def __init__(self, text: str, token_offsets: TokenOffsets) -> None:
        self.starts = array("L")
        place = 0
        while place < len(text):
            end = _after_space(text, place + SEGMENT_CHARACTERS)
            self.starts.extend(place + start for start, _ in token_offsets(text[place:end]))
            place = end

    def count(self, start: int, end: int) -> int:
        return bisect_left(self.starts, end) - bisect_left(self.starts, start)

    def advance(self, start: int, tokens: int) -> int | None:
        """Return where the token lies that comes `tokens` after the first one at or behind start."""
        index = bisect_left(self.starts, start) + tokens
        return self.starts[index] if index < len(self.starts) else None


def chunk_document(
    document: Document, *, document_id: str, token_offsets: TokenOffsets, max_tokens: int
) -> list[Chunk]:
    """Return the chunks of a document, in order; heading path, column names and text together fit `max_tokens`.

    Args:
        document: as it was read.
        document_id: what the chunk ids begin with.
        token_offsets: places of the embedder's tokens in a text.
        max_tokens: the most tokens of `Chunk.indexed_text`, special tokens not counted.
    """
    tokens = _Tokens(document.text, token_offsets)
    above = min(ABOVE_TOKENS, max_tokens * 2 // 5)  # heading path and header row leave a fifth for the text
    page_starts = [page.start for page in document.pages]

    @cache  # the same headings are asked for again and again
    def count(text: str) -> int:
        return len(token_offsets(text))

    chunks: list[Chunk] = []
    for section in _sections(document, lambda names: _path(document.title, names, count, token_offsets, above)):
        columns = _Columns(document, section.blocks, count, above)
        budget = max_tokens - count(" > ".join(section.path))
        units = _units(document, section.blocks, budget, tokens, columns)
        for start, end, header in _packed(units, tokens, columns, budget):
            ordinal = len(chunks)
            chunks.append(
                Chunk(
                    chunk_id=f"{document_id}-{ordinal}",
                    document_id=document_id,
                    ordinal=ordinal,
                    start=start,
                    end=end,
                    page=_page_of(document.pages, page_starts, start),
                    headings=section.path,
                    text=document.text[start:end],
                    columns=header,
                )
            )
    return chunks


def _page_of(pages: Sequence[Page], starts: Sequence[int], place: int) -> int | None:
    """Return the number of the page on which a place lies; not every part of a document need have pages."""
    page = pages[max(bisect_right(starts, place) - 1, 0)] if pages else None
    return page.number if page and page.start <= place <= page.end else None


def _after_space(text: str, place: int) -> int:
    """Return the first place behind white space at or after this one, so that no word is cut."""
    found = _SPACE.search(text, place)
    return found.end() if found and found.start() < place + SEGMENT_CHARACTERS else max(place, 0)


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


class _Columns:
    """The header row of each table of a section, for the chunks that begin below it."""

    def __init__(self, document: Document, blocks: Sequence[Block], count: Callable[[str], int], most: int) -> None:
        self._headers: dict[int, str] = {}
        for number, block in enumerate(blocks):
            if block.kind == "table":
                row = document.text[block.start : block.end].split("\n", 1)[0].strip()
                repeated = row.startswith("|") and count(row) <= most
                self._headers[number] = row if repeated else ""
        self._starts = {number: block.start for number, block in enumerate(blocks)}
        self._text = document.text
        self._count = count
        self._most = most

    def above(self, unit: _Unit) -> str:
        """Return what a chunk beginning with this unit has lost: the header row, the first cell of its row, or ""."""
        if unit.block not in self._headers or unit.start <= self._starts[unit.block]:
            return ""
        return self._headers[unit.block] or self.first_cell(unit)

    def first_cell(self, unit: _Unit) -> str:
        """Return the first cell of a row this unit is a later part of, with its name; "" for a whole row."""
        start = self._text.rfind("\n", self._starts[unit.block], unit.start) + 1 or self._starts[unit.block]
        cell = self._text[start : unit.start].partition(_CELL_BORDER)[0].strip()
        return cell if len(cell) <= _CELL_CHARACTERS and self._count(cell) <= self._most else ""

    def tokens(self, unit: _Unit) -> int:
        header = self.above(unit)
        return self._count(header) if header else 0


def _units(
    document: Document, blocks: Sequence[Block], budget: int, tokens: _Tokens, columns: _Columns
) -> Iterator[_Unit]:
    for number, block in enumerate(blocks):
        for start, end in _pieces(document.text, block):
            room = budget - columns.tokens(_Unit(start=start, end=end, block=number))
            if block.kind == "table" and tokens.count(start, end) > room:
                room = min(room, budget - columns.tokens(_Unit(start=end, end=end, block=number)))
            for piece_start, piece_end in _shortened(
                document.text, start, end, room, tokens, cells=block.kind == "table"
            ):
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


def _shortened(
    text: str, start: int, end: int, budget: int, tokens: _Tokens, *, cells: bool
) -> Iterator[tuple[int, int]]:
    """Yield the span, cut when it is longer than a chunk: between words, or, in one endless word, between tokens.

    A table row is cut between two cells where a cell ends in the second half of what fits.

    Never within a word of ordinary length: its second half alone may have more tokens than in its word.
    """
    while tokens.count(start, end) > budget:
        cut = tokens.advance(start, budget)
        if cut is None or cut >= end:
            break
        half = start + (cut - start) // 2
        border = max(text.rfind(mark, half, cut) for mark in _CELL_BORDERS) if cells else -1
        space = border if border > start else max(text.rfind(mark, half, cut) for mark in (" ", "\n", "|", ";"))
        cut = space + 1 if space > start else _word_border(text, start, cut)
        yield start, start + len(text[start:cut].rstrip())
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _word_border(text: str, start: int, cut: int) -> int:
    """Return the last place at or before the cut that no word goes across, or the cut where that is far off."""
    for border in range(cut, max(start, cut - WORD_CHARACTERS), -1):
        if not (_LETTER.match(text, border - 1) and _LETTER.match(text, border)):
            return border
    return cut


def _packed(units: Iterator[_Unit], tokens: _Tokens, columns: _Columns, budget: int) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, lost header row)` of chunks, each as many whole units as fit."""
    first: _Unit | None = None
    end = 0
    for unit in units:
        if first is not None and tokens.count(first.start, unit.end) + columns.tokens(first) > budget:
            yield first.start, end, columns.above(first)
            first = None
        first = first or unit
        end = unit.end
    if first is not None:
        yield first.start, end, columns.above(first)
