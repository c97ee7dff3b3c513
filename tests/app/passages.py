"""Small passages made by hand, for the tests of the assistant's rooms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retrieval.documents import Passage


def passage(text: str, *, rank: int = 1, dense: float = 0.7, start: int = 0, title: str = "") -> Passage:
    """Return a passage of a document of its own."""
    return Passage(
        rank=rank,
        score=1.0,
        dense=dense,
        collection_id="c1",
        document_id=f"d{rank}",
        document=f"document-{rank}.md",
        title=title or f"Document {rank}",
        page=None,
        chunk_id=f"k{rank}",
        start=start,
        end=start + len(text),
        headings=(),
        text=text,
    )


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What stands beside passages: what `grow` adds behind each, and what `whole` makes of cut tables."""

    grow: Callable[[Passage], Passage | None] = lambda _passage: None
    whole: Callable[[Sequence[Passage]], Sequence[Passage]] = lambda passages: passages

    def whole_tables(self, passages: Sequence[Passage], /) -> Sequence[Passage]:
        return self.whole(passages)

    def with_next(self, passage: Passage, /) -> Passage | None:
        return self.grow(passage)

    def with_previous(self, passage: Passage, /) -> Passage | None:
        return None
