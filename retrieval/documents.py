"""The values retrieval works on: Document, Page, Block, Chunk, Passage, and the functions it is given.

Knows no store and no model. All offsets count characters of `Document.text`, `[start, end)`; for plain text that is the
decoded file, unchanged, so offsets are also offsets into the file.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from retrieval.headings import within_document

if TYPE_CHECKING:  # the reading process would start with half its memory and half its time more
    import numpy as np
    from numpy.typing import NDArray

    from retrieval.quality import Quality

FloatMatrix: TypeAlias = "NDArray[np.float32]"
"""Shape (n, d): one row a text."""
FloatVector: TypeAlias = "NDArray[np.float32]"
"""Shape (d,), unit length where it is an embedding."""

Embed = Callable[[Sequence[str]], "FloatMatrix"]
"""Texts -> unit vectors, one row each, in order."""
EmbedQuery = Callable[[str], "FloatVector"]
"""One query -> its unit vector."""
CountTokens = Callable[[str], int]
"""A text -> its length in the embedder's tokens, special tokens not counted."""
TokenOffsets = Callable[[str], Sequence[tuple[int, int]]]
"""A text -> the character span of each of its tokens in the embedder, in order, special tokens left out."""
Rerank = Callable[[str, Sequence[str]], Sequence[float]]
"""A query and candidate texts -> a score each, higher is better."""

BlockKind = Literal["heading", "paragraph", "list", "table", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A structural piece of a document's text; blocks are in order and do not overlap."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    """Depth of a heading, 1 for the topmost; 0 for everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a numbered page lies in a document's text; documents without pages have none."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file as it was understood."""

    sha256: str
    """Hex digest of the file's bytes: the document's identity."""
    name: str
    """Path relative to what was ingested, `/` between folders; for a single file its name."""
    title: str
    media_type: str
    text: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[Page, ...] = ()
    encoding: str = ""
    """How its characters were written, such as "utf-8"; "" where the format knows no choice."""
    language: str = ""
    """What most of it is written in, by its two letters of ISO 639-1; "" where that cannot be told."""
    warnings: tuple[str, ...] = ()
    """Sentences for the person who loaded it, such as "Page 3 holds only an image and could not be read"."""
    notes: tuple[str, ...] = ()
    """Sentences that need nobody's attention: what only its properties say and was left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A marked place on the picture of a page: shares of its width and height, 0..1, from the top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPage:
    """A page of a PDF as a picture."""

    picture: bytes
    """PNG."""
    width: int
    """Pixels."""
    height: int
    pages: int
    """How many the document has."""
    marks: tuple[Mark, ...] = ()
    exact: bool = True
    """Whether the marks are the quote itself; False where only most of its words were found near each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectPlace:
    """A sentence of a document that made it suspicious."""

    quote: str
    """The sentence, shortened where it is very long."""
    start: int
    end: int
    page: int | None
    reasons: tuple[str, ...]
    """What is odd about it, each a few words for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Why a document waits for a person to look at it."""

    score: float
    """0..1, higher is more suspicious."""
    places: tuple[SuspectPlace, ...]
    """At least one, the worst first."""


class ReadFile(Protocol):
    """A file's bytes -> what it says; raises UnreadableDocumentError with a sentence where it cannot be read."""

    def __call__(self, data: bytes, *, name: str) -> Document:
        """Return the file as a document of this name."""


DocumentState = Literal["pending", "arriving", "indexed", "quarantined"]
FOUND: tuple[DocumentState, ...] = ("arriving", "indexed")
"""States in which searches find a document."""
UNSETTLED: tuple[DocumentState, ...] = ("pending", "arriving")
"""States in which its vectors may not all be there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What tells documents apart: all that an ingest needs to know of those that are here."""

    document_id: str
    name: str
    sha256: str
    state: DocumentState

    @property
    def is_found(self) -> bool:
        """Whether searches find it."""
        return self.state in FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document as a list of documents shows it."""

    document_id: str
    collection_id: str
    name: str
    sha256: str
    state: DocumentState
    title: str
    media_type: str
    bytes: int
    """Size of the file."""
    chunks: int
    added: datetime
    warnings: tuple[str, ...]
    suspicion: Suspicion | None = None
    """What was suspicious about it, also after it was released."""
    same_as: str = ""
    """The id of the document of the same bytes that holds the chunks of both; "" for one with its own."""
    quality: "Quality | None" = None
    """How well it was understood; None until that has been looked at."""
    released: datetime | None = None
    """When a person said that it may be found all the same."""

    @property
    def is_found(self) -> bool:
        """Whether searches find it."""
        return self.state in FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that could not be learned, until it is or is removed."""

    name: str
    sentence: str
    """What is wrong with it and what to do."""
    noticed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The unit that is indexed: a run of a document's text."""

    chunk_id: str
    document_id: str
    ordinal: int
    """Position among the chunks of its document, from 0; neighbours differ by one."""
    start: int
    end: int
    page: int | None
    headings: tuple[str, ...]
    """The heading path above it, outermost first."""
    text: str
    """`Document.text[start:end]`, exactly."""
    columns: str = ""
    """Of the table row this chunk goes on with, where it was too long for one: its first cell, and the name of the
    column within whose cell the chunk begins. Of a document read by an older Inhouse: the table's header row."""

    @property
    def indexed_text(self) -> str:
        """What is embedded and searched: the heading path, the column names, then the text."""
        return "\n".join(part for part in (" > ".join(self.headings), self.columns, self.text) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Who answers for an answer that somebody has approved, and until when."""

    owner: str
    until: str
    """The last day on which it holds, YYYY-MM-DD."""

    def holds(self, today: date) -> bool:
        """Whether it is not expired."""
        return today.isoformat() <= self.until


AreVerified = Callable[[Collection[tuple[str, str]]], Mapping[tuple[str, str], Verified]]
"""Collection id and name of documents -> who answers for those of them that are verified answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """From where on other headings stand above a text."""

    start: int
    headings: tuple[str, ...]
    """Outermost first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A chunk, perhaps joined with its neighbours, that was found for a query."""

    rank: int
    """From 1, best first."""
    score: float
    """Fused score, higher is better; comparable only within one search."""
    dense: float
    """Cosine between query and chunk, -1..1: comparable between searches."""
    collection_id: str
    document_id: str
    document: str
    """The document's name."""
    title: str
    page: int | None
    """Where it begins."""
    chunk_id: str
    """The best chunk in it."""
    start: int
    end: int
    headings: tuple[str, ...]
    text: str
    """`Document.text[start:end]`, exactly."""
    columns: str = ""
    """As in `Chunk.columns`."""
    pages: tuple[Page, ...] = ()
    """The pages it lies on, whole, where the document has pages."""
    media_type: str = ""
    """Of its document."""
    verified: Verified | None = None
    """Where it is a verified answer, expired or not."""
    sections: tuple[Section, ...] = ()
    """Where it goes on under other headings than `headings`, which are those of its best chunk."""
    sha256: str = ""
    """Of its document's file: which version it is."""
    added: str = ""
    """When that came, in ISO 8601."""

    def overlaps(self, other: "Passage") -> bool:
        """Whether the two hold the same place of one document."""
        return self.document_id == other.document_id and self.start < other.end and other.start < self.end

    def section_at(self, start: int) -> tuple[str, ...]:
        """Return the headings above a place within this passage, outermost first, the document's title left out."""
        above = next((one.headings for one in reversed(self.sections) if one.start <= start), self.headings)
        return within_document(above, self.title)

    def page_at(self, start: int) -> int | None:
        """Return the page on which a place of the document lies that is within this passage."""
        return next((page.number for page in reversed(self.pages) if page.start <= start), self.page)
