"""How well a document was understood: what is missing or odd about it, in words for whoever loaded it.

Knows the document as it was read; no file, no store and no model. The thresholds are such that none of the 313 files
of two real handbooks is named.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from retrieval.documents import Document
from retrieval.tables import BORDER, framed_cells, is_framed, names_in

VERSION = "2"
"""Raised whenever a document may be told of differently; stored documents are then looked at again."""
FaultKind = Literal["no_text_layer", "unread_pages", "garbled", "little_text", "broken_tables"]

_UNREAD = re.compile(r"\b(?:Pages?|Slides?) (?P<pages>[\d, …]+) (?:holds?|is) [^.]*\bnot be read\b")
_CUT = re.compile(r"Only the first (\d+) of (\d+) pages were read")
_RECOGNISED = re.compile(r"\bPages? (?P<pages>[\d, …]+) holds? .*\brecognised\b")
_NUMBER = re.compile(r"\d+")
_WORD = re.compile(r"\w+")
_GARBLED = re.compile(
    "\ufffd|[\ue000-\uf8ff]|\\(cid:\\d+\\)|[ÃÂâ][\u0080-\u00bf€™œ‚„†‡ˆ‰Šš‹ŒŽ‘’“”•–—˜›Ÿ]|[\x00-\x08\x0e-\x1f]|\\b[b-df-hj-np-tv-xz]{9,}\\b"  # noqa: RUF001
)
"""Replacement and private characters, glyph numbers, UTF-8 read as Latin-1, words without vowels."""
MOST_GARBLED = 0.01
"""Share of the words; a handful may be formulas, icons or examples."""
FEWEST_WORDS, FEWEST_ON_PAGES = 5, 10
"""Of a document, and on each of its pages on average: with fewer most of it is not text."""
_FEWEST_ROWS = 4
MOST_UNEVEN = 0.2
"""Share of a table's rows with another number of cells than its first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something about a document that a person should look at."""

    kind: FaultKind
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What was understood of a document."""

    words: int
    pages: int
    """0 where the format has none."""
    tables: int
    language: str
    """As in `Document.language`."""
    encoding: str
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    """As in `Document.notes`."""


def quality_of(document: Document) -> Quality:
    """Return what was understood of a document, the gravest fault first."""
    words = len(_WORD.findall(document.text))
    return Quality(
        words=words,
        pages=len(document.pages),
        tables=sum(block.kind == "table" for block in document.blocks),
        language=document.language,
        encoding=document.encoding,
        faults=tuple(_faults(document, words)),
        notes=document.notes,
    )


def quality_row(quality: Quality) -> str:
    """Return a quality as it is stored."""
    return json.dumps(asdict(quality), ensure_ascii=False)


def quality_from(stored: str) -> Quality | None:
    """Return the quality that was stored; None for a document nobody has looked at yet."""
    if not stored:
        return None
    fields = json.loads(stored)
    told = {"faults": tuple(Fault(**fault) for fault in fields["faults"]), "notes": tuple(fields.get("notes", ()))}
    return Quality(**fields | told)


def _faults(document: Document, words: int) -> Iterator[Fault]:
    if unread := _pages_told(document, _UNREAD):
        sentence = f"{_counted(unread, 'page')} could not be read: what stands there is not found."
        yield Fault(kind="unread_pages", sentence=sentence)
    if document.pages and _pages_told(document, _RECOGNISED) >= len(document.pages) - unread:
        yield Fault(kind="no_text_layer", sentence="It is a scan: its words were recognised, perhaps with mistakes.")
    garbled = sum(1 for _ in _GARBLED.finditer(document.text))
    if garbled > max(MOST_GARBLED * words, 2):
        sentence = f"{_counted(garbled, 'place')} with letters that make no sense: its fonts or encoding are faulty."
        yield Fault(kind="garbled", sentence=sentence)
    if words < max(FEWEST_WORDS, FEWEST_ON_PAGES * len(document.pages)):
        yield Fault(kind="little_text", sentence=f"It holds only {_counted(words, 'word')}: little that can be found.")
    tables = (document.text[block.start : block.end] for block in document.blocks if block.kind == "table")
    broken = sum(_is_broken(table) for table in tables)
    if broken:
        sentence = f"{_counted(broken, 'table')} with more cells than columns: values may stand under the wrong name."
        yield Fault(kind="broken_tables", sentence=sentence)


def _pages_told(document: Document, telling: re.Pattern[str]) -> int:
    """Return of how many pages the reader says this; where it names ten and more, all but the pages with text."""
    told = 0
    for warning in document.warnings:
        cut = _CUT.search(warning) if telling is _UNREAD else None
        found = telling.search(warning)
        if cut:
            told += int(cut[2]) - int(cut[1])
        elif found:
            empty = sum(not document.text[page.start : page.end].strip() for page in document.pages)
            told += max(len(_NUMBER.findall(found["pages"])), empty if "…" in found["pages"] else 0)
    return told


def _is_broken(table: str) -> bool:
    """Whether many rows of a table have too many cells for its columns; empty cells are not written."""
    rows = [row for row in table.splitlines() if row.strip()]
    if len(rows) < _FEWEST_ROWS:
        return False
    if is_framed(rows[0]):
        cells = [len(framed_cells(row)) for row in rows]
        return sum(count != cells[0] for count in cells) > MOST_UNEVEN * len(rows)
    names = names_in(rows[0])
    if len(names) < 2:  # noqa: PLR2004 (a column alone is no table)
        return False
    # the first column may have no name
    most = [len(names) + (not row.startswith(f"{names[0]}: ")) for row in rows[1:]]
    wide = sum(row.count(BORDER) >= count for row, count in zip(rows[1:], most, strict=True))
    return wide > MOST_UNEVEN * len(rows)


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"
