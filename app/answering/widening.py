"""Passages grow by what stands beside them, where the prompt has room for it.

Small chunks are found best, and an answer often begins or goes on in the next one. Knows passages and token counts; not
where the chunks are. Worth, on chroma_chunking: docs/benchmarks.md.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.fencing import CountTokens, fenced_tokens
from retrieval.documents import Passage

Grow = Callable[[Passage], Passage | None]
"""A passage -> the same with what stands on one side of it; None where nothing of its section does."""


class Beside(Protocol):
    """Knows what stands beside passages."""

    def whole_tables(self, passages: Sequence[Passage], /) -> Sequence[Passage]:
        """Join passages between which a table was cut."""

    def with_next(self, passage: Passage, /) -> Passage | None:
        """Grow a passage by what follows it."""

    def with_previous(self, passage: Passage, /) -> Passage | None:
        """Grow a passage by what goes before it."""


def widened(
    passages: Sequence[Passage],
    sides: Sequence[Grow],
    *,
    tokens: int,
    count_tokens: CountTokens,
    shown: Callable[[Passage], Passage] = lambda passage: passage,
) -> tuple[Passage, ...]:
    """Return the passages, the best first grown by a neighbour on each side, as far as all fit whole into the prompt.

    Args:
        passages: best first; none is cut, and none grows into another.
        sides: what stands behind, and what stands before.
        tokens: how long all of them may be, with their fences.
        count_tokens: the model's own count.
        shown: a passage -> what the model reads of it, which may be longer.
    """

    def needed(number: int, passage: Passage) -> int:
        return fenced_tokens(number, shown(passage), count_tokens)

    kept = list(passages)
    takes = [needed(number, passage) for number, passage in enumerate(kept, start=1)]
    if sum(takes) >= tokens:
        return tuple(kept)
    for place in range(len(kept)):
        for grow in sides:
            wider = grow(kept[place])
            if wider is None or any(wider.overlaps(other) for other in (*kept[:place], *kept[place + 1 :])):
                continue
            taken = needed(place + 1, wider)
            if sum(takes) - takes[place] + taken <= tokens:
                kept[place], takes[place] = wider, taken
    return tuple(kept)
