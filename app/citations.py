"""Each sentence of an answer -> the place in a document it rests on.

Knows answers, passages and offsets; trusts no number the model wrote. Citations are numbered from 1 in the order of
the answer; sentences that rest on the same words share a number. A sentence that was not found cites nothing; where the
sources come nearest to it is kept beside it.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.answers import Citation, Claim
from app.checks.claims import Examined, examine
from app.checks.judging import Revision
from app.checks.support import Source, Support, Window
from retrieval.documents import Passage

CITED_FROM = 0.3
"""Fit below which a window is no citation: it shares hardly a word with the sentence."""
NEAR_FROM = 0.4
"""Coverage below which a window is not even near to a statement that was not found. Of 529 places from here on (three
labelled sets, docs/benchmarks.md) 285 support their statement: too few to be citations, too many to be hidden."""
AGREES_WITHIN = 0.1
"""A second document is cited too when it covers a sentence as well as the best one, but for this much."""


def attach(
    answer: str, passages: Sequence[Passage], *, question: str
) -> tuple[tuple[Citation, ...], tuple[Claim, ...]]:
    """Return the citations of an answer and its claims, each claim naming its citations."""
    citations: list[Citation] = []
    claims = []
    for examined in examine(answer, sources_of(passages), question=question):
        windows = _cited(examined, passages)
        numbers = tuple(dict.fromkeys(_number(citations, passages[window.source], window) for window in windows))
        claims.append(
            Claim(
                text=examined.sentence.text,
                start=examined.sentence.start,
                end=examined.sentence.end,
                verdict=examined.verdict,
                score=round(examined.score, 3),
                citations=numbers,
                nearest=_nearest(examined, passages),
            )
        )
    return tuple(citations), tuple(claims)


def judged(
    claim: Claim, revision: Revision, citations: Sequence[Citation], passages: Sequence[Passage]
) -> tuple[Claim, tuple[Citation, ...]]:
    """Return a claim as the second tier left it, and the citations with it.

    The present ones keep their numbers. One is added where the claim had none and something now stands against it.
    """
    kept = list(citations)
    numbers = claim.citations
    if not numbers:
        windows = _cited(revision.examined, passages)
        numbers = tuple(dict.fromkeys(_number(kept, passages[window.source], window) for window in windows))
    found = revision.examined
    probability = None if revision.probability is None else round(revision.probability, 3)
    revised = replace(claim, verdict=found.verdict, score=round(found.score, 3), citations=numbers, judged=probability)
    return replace(revised, nearest=None if numbers else claim.nearest), tuple(kept)


def sources_of(passages: Sequence[Passage]) -> list[Source]:
    """Return the passages as sources: their text, and above it title, headings and the columns of a table."""
    return [
        Source(text=passage.text, context="\n".join((passage.title, *passage.headings, passage.columns)))
        for passage in passages
    ]


def _cited(examined: Examined, passages: Sequence[Passage]) -> list[Window]:
    """Return the windows to cite: the nearest where it is close enough, and another document's that says the same."""
    near = _near(examined)
    if not near or examined.verdict == "not found":
        return []
    document = passages[near[0].window.source].document_id
    for support in near[1:]:
        says_the_same = not support.missing and support.coverage >= near[0].coverage - AGREES_WITHIN
        if says_the_same and passages[support.window.source].document_id != document:
            return [near[0].window, support.window]
    return [near[0].window]


def _nearest(examined: Examined, passages: Sequence[Passage]) -> Citation | None:
    """Return where the sources come nearest to a sentence that was not found; None where nothing is near."""
    near = _near(examined)
    if not near or examined.verdict != "not found" or near[0].coverage < NEAR_FROM:
        return None
    window = near[0].window
    return _citation(passages[window.source], window, n=0)


def _near(examined: Examined) -> list[Support]:
    return [support for support in examined.supports if support.fit >= CITED_FROM]


def _number(citations: list[Citation], passage: Passage, window: Window) -> int:
    """Return the number of the citation of this window, adding it when it is new."""
    wanted = _citation(passage, window, n=len(citations) + 1)
    for known in citations:
        if known.document_id == wanted.document_id and known.start <= wanted.start and wanted.end <= known.end:
            return known.n
    citations.append(wanted)
    return wanted.n


def _citation(passage: Passage, window: Window, *, n: int) -> Citation:
    start = passage.start + window.start
    return Citation(
        n=n,
        collection_id=passage.collection_id,
        document_id=passage.document_id,
        document=passage.document,
        title=passage.title,
        page=passage.page_at(start),
        start=start,
        end=passage.start + window.end,
        quote=passage.text[window.start : window.end],
        verified=passage.verified,
        headings=passage.section_at(start),
        sha256=passage.sha256,
        added=passage.added,
    )
