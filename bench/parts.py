"""The parts of a search, and how each is taken away: what `bench.ablation` measures.

Each part is a way to search (`Part.searching`) or a way to index (`Part.indexing`, a library of its own is filled for
it). Knows the retriever's own names; changes nothing outside of its block.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from retrieval import lexical, words
from retrieval import retriever as retrieving
from retrieval.documents import Chunk
from retrieval.finding import LexicalMatches
from retrieval.fusion import reciprocal_rank_fusion
from retrieval.lexical import Frequencies
from retrieval.retriever import Candidate, Retriever

Patch = AbstractContextManager[Any]
NOTHING = LexicalMatches(common=Frequencies(rows=0, of_term={}, costs={}), numbers=())
GROUPED = retrieving.grouped
MANY = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What the search is without, or has in its place."""

    name: str
    searching: Callable[[Retriever], Sequence[Patch]] = lambda _: ()
    indexing: Callable[[], Sequence[Patch]] | None = None
    """In force while a library is filled for it, and while that is searched; None for the product's."""

    @contextmanager
    def indexed(self) -> Iterator[None]:
        """Learn documents without it within the block."""
        with ExitStack() as stack:
            for each in self.indexing() if self.indexing else ():
                stack.enter_context(each)
            yield

    @contextmanager
    def taken(self, search: Retriever) -> Iterator[None]:
        """Search without it within the block."""
        with ExitStack() as stack:
            stack.enter_context(self.indexed())
            for each in self.searching(search):
                stack.enter_context(each)
            yield


def _no_words(*_: Any, **__: Any) -> LexicalMatches:
    return NOTHING


def _none(*_: Any, **__: Any) -> dict[str, Any]:
    return {}


def _no_pages(*_: Any, **__: Any) -> tuple[()]:
    return ()


def _no_terms(_: str) -> list[str]:
    return []


def _no_stop_words(_: Sequence[str]) -> frozenset[str]:
    return frozenset()


def _as_it_is(word: str, _language: str = "") -> str:
    return word


def _as_they_are(candidates: Sequence[Candidate], _: Mapping[Any, Any], **__: Any) -> list[Candidate]:
    return list(candidates)


def _ranks(dense: Sequence[float], own: Sequence[float]) -> list[float]:
    return list(reciprocal_rank_fusion(dense, own))


def diverse(most: int) -> Callable[..., list[list[Candidate]]]:
    """Return a grouping with at most so many groups of a document as long as there are others."""

    def groups(candidates: Sequence[Candidate], *, k: int) -> list[list[Candidate]]:
        count: dict[str, int] = {}
        first: list[list[Candidate]] = []
        later: list[list[Candidate]] = []
        for group in GROUPED(candidates, k=4 * k):
            document = group[0].found.chunk.document_id
            count[document] = count.get(document, 0) + 1
            (first if count[document] <= most else later).append(group)
        return [*first, *later][:k]

    return groups


def unlike(weight: float) -> Callable[..., list[list[Candidate]]]:
    """Return a grouping that takes next what is good and shares few words with what was taken (marginal relevance).

    Source: Carbonell and Goldstein, "The Use of MMR", SIGIR 1998; likeness is the share of words in common.
    """

    def groups(candidates: Sequence[Candidate], *, k: int) -> list[list[Candidate]]:
        left = GROUPED(candidates, k=3 * k)
        bags = [frozenset(words.terms(" ".join(member.found.chunk.text for member in group))) for group in left]
        top = max((abs(group[0].score) for group in left), default=1.0) or 1.0
        taken: list[int] = []
        while len(taken) < min(k, len(left)):
            worth = {
                place: group[0].score / top
                - weight * max((_jaccard(bags[place], bags[one]) for one in taken), default=0)
                for place, group in enumerate(left)
                if place not in taken
            }
            taken.append(max(worth, key=lambda place: (worth[place], -place)))
        return [left[place] for place in taken]

    return groups


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


def _with_repeats(candidates: Sequence[Candidate], *, k: int) -> list[list[Candidate]]:
    """Group as the product does, but keep texts that were seen before."""
    groups: list[list[Candidate]] = []
    for place, candidate in enumerate(candidates):
        group = retrieving._beside(groups, candidate) if place < retrieving.MERGED_FROM * k else None  # noqa: SLF001
        if group is not None:
            group.append(candidate)
        elif len(groups) < k:
            groups.append([candidate])
    return groups


def _set(name: str, value: object) -> Patch:
    return patch.object(retrieving, name, value)


PARTS: tuple[Part, ...] = (
    Part(name="product"),
    Part(name="without the words around a chunk", searching=lambda _: [_set("REACH", 0)]),
    Part(name="the words around all candidates", searching=lambda _: [_set("HEAD", MANY)]),
    Part(
        name="without the cosines of what words found",
        searching=lambda search: [patch.object(search, "_further", _none)],
    ),
    Part(name="30 candidates of each search", searching=lambda _: [_set("CANDIDATES", 30)]),
    Part(name="120 candidates of each search", searching=lambda _: [_set("CANDIDATES", 120)]),
    Part(name="all words choose candidates", searching=lambda _: [patch.object(lexical, "MOST_MATCHES", 10**9)]),
    Part(
        name="FTS5's constants (1.2, 0.75)",
        searching=lambda _: [patch.object(lexical, "K1", 1.2), patch.object(lexical, "B", 0.75)],
    ),
    Part(name="rank fusion in place of added scores", searching=lambda _: [_set("added_scores", _ranks)]),
    Part(
        name="without words (dense alone)",
        searching=lambda search: [patch.object(search._finder, "lexical", _no_words)],  # noqa: SLF001
    ),
    Part(
        name="without vectors (BM25 alone)",
        searching=lambda search: [patch.object(search, "_nearest", _none), patch.object(search, "_further", _none)],
    ),
    Part(
        name="without leaving out stop words", searching=lambda _: [patch.object(words, "stop_words", _no_stop_words)]
    ),
    Part(name="without stemming", indexing=lambda: [patch.object(words, "_stem", _as_it_is)]),
    Part(
        name="without codes as terms",
        searching=lambda _: [patch.object(retrieving, "wholes", _none)],
        indexing=lambda: [patch.object(words, "joined_terms", _no_terms)],
    ),
    Part(
        name="without headings in front of chunks",
        indexing=lambda: [patch.object(Chunk, "indexed_text", property(lambda chunk: chunk.text))],
    ),
    Part(name="without joining neighbours", searching=lambda _: [_set("MERGED_FROM", 0)]),
    Part(name="without dropping repeated texts", searching=lambda _: [_set("grouped", _with_repeats)]),
    Part(
        name="without preferring newer versions",
        searching=lambda search: [patch.object(search._relatives, "newer", _none)],  # noqa: SLF001
    ),
    Part(name="without verified answers first", searching=lambda _: [_set("answers_first", _as_they_are)]),
    Part(
        name="without versions and pages for citing",
        searching=lambda search: [
            patch.object(search._finder, "versions", _none),  # noqa: SLF001
            patch.object(search._finder, "pages", _no_pages),  # noqa: SLF001
        ],
    ),
    Part(name="with at most two passages of a document", searching=lambda _: [_set("grouped", diverse(2))]),
    Part(name="with at most one passage of a document", searching=lambda _: [_set("grouped", diverse(1))]),
    Part(name="with passages unlike each other (0.1)", searching=lambda _: [_set("grouped", unlike(0.1))]),
    Part(name="with passages unlike each other (0.5)", searching=lambda _: [_set("grouped", unlike(0.5))]),
)
