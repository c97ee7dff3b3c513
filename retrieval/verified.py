"""Verified answers: documents that answer one question, found first by whoever asks it.

Knows chunks and cosines; who answers for an answer, and until when, it is told. The question is a chunk of its own,
the first: beside the words of its answer it would be further from the same question in other words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol, TypeVar

from retrieval.documents import Chunk, Document, Verified
from retrieval.finding import FoundChunk

SAME_QUESTION = 0.75
"""From this cosine on a question is taken for the one that is answered (docs/benchmarks.md)."""


class Scored(Protocol):
    """A chunk that was found, with its cosine to the query."""

    @property
    def found(self) -> FoundChunk:
        """The chunk."""

    @property
    def dense(self) -> float:
        """The cosine."""


Found = TypeVar("Found", bound=Scored)
Places = Mapping[tuple[str, str], Verified]
"""Collection id and name of a document -> who answers for it."""


def with_question(parts: Sequence[Chunk], document: Document, question: str) -> list[Chunk]:
    """Return the chunks of a verified answer behind one of its question alone, which is a line of its text."""
    start = document.text.index(question)
    head = replace(parts[0], start=start, end=start + len(question), headings=(), text=question, columns="", page=None)
    return [head, *(_one_later(part) for part in parts)]


def answers_first(candidates: Sequence[Found], verified: Places, *, today: date) -> list[Found]:
    """Return the candidates with one of each verified answer; those that hold and whose question is asked come first.

    An expired answer keeps the place that its words give it.
    """
    once: dict[str, Found] = {}
    asked: list[Found] = []
    others: list[Found] = []
    for candidate in candidates:
        found = candidate.found
        known = verified.get((found.collection_id, found.document))
        if known is None:
            others.append(candidate)
        elif known.holds(today) and found.chunk.ordinal == 0 and candidate.dense >= SAME_QUESTION:
            asked.append(candidate)
        elif found.chunk.document_id not in once:
            once[found.chunk.document_id] = candidate
            others.append(candidate)
    first = {candidate.found.chunk.document_id for candidate in asked}
    rest = [candidate for candidate in others if candidate.found.chunk.document_id not in first]
    return [*sorted(asked, key=lambda candidate: -candidate.dense), *rest]


def _one_later(part: Chunk) -> Chunk:
    ordinal = part.ordinal + 1
    return replace(part, ordinal=ordinal, chunk_id=f"{part.document_id}-{ordinal}")
