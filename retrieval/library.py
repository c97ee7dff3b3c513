"""Everything that learning a document needs: the two stores, the embedder, the reader, and who judges.

Knows values and functions; does nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from retrieval.chunks import ChunkStore
from retrieval.conflicts import UNCOMPARED, Comparing
from retrieval.documents import Embed, ReadFile, TokenOffsets
from retrieval.index import VectorIndex
from retrieval.quarantine import Quarantine
from retrieval.screening import UNSCREENED, Screening
from retrieval.turn import Turn

CHUNKING = "9"
"""Raised whenever reading or chunking changes: documents read by an older number are learned again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The two stores, and the embedder's part in filling them."""

    chunks: ChunkStore
    index: VectorIndex
    embed: Embed
    token_offsets: TokenOffsets
    read: ReadFile
    max_tokens: int
    """Of a chunk with its headings, special tokens not counted."""
    reads_tokens: Callable[[], int] = lambda: 0
    """Tells how many tokens of a text the embedder reads, special ones not counted; 0 where nobody knows."""
    screening: Screening = UNSCREENED
    comparing: Comparing = UNCOMPARED
    turn: Turn = field(default_factory=Turn, compare=False, repr=False)
    """Held by the one ingest that is running; others wait for it."""
    gives_way: bool = False
    """Whether others who learn go first, after each file."""

    @property
    def recipe(self) -> str:
        """How documents are cut now."""
        return f"{CHUNKING}/{self.max_tokens}"

    @property
    def quarantine(self) -> Quarantine:
        """The documents that wait for a person."""
        return self.chunks.quarantine
