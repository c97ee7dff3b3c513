"""Each sentence of an answer -> the place in a document it rests on.

Knows answers, passages and offsets; trusts no number the model wrote. Citations are numbered from 1 in the order of
the answer; sentences that rest on the same words share a number.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.answers import Citation, Claim
from app.checks.claims import Examined, examine
from app.checks.judging import Revision
from app.checks.support import Source, Window
from retrieval.documents import Passage

CITED_FROM = 0.3
"""Fit below which a window is no citation: it shares hardly a word with the sentence."""
CONTAINS_FROM = 0.4
"""Coverage below which a window does not contain what a statement says, however near it is: it is no citation."""
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
    return revised, tuple(kept)


def sources_of(passages: Sequence[Passage]) -> list[Source]:
    """Return the passages as sources: their text, and above it title, headings and the columns of a table."""
    return [
        Source(text=passage.text, context="\n".join((passage.title, *passage.headings, passage.columns)))
        for passage in passages
    ]


def _cited(examined: Examined, passages: Sequence[Passage]) -> list[Window]:
    """Return the windows to cite: the nearest where it is close enough, and another document's that says the same."""
    near = [support for support in examined.supports if support.fit >= CITED_FROM]
    if not near or (examined.verdict == "not found" and near[0].coverage < CONTAINS_FROM):
        return []
    document = passages[near[0].window.source].document_id
    for support in near[1:]:
        says_the_same = not support.missing and support.coverage >= near[0].coverage - AGREES_WITHIN
        if says_the_same and passages[support.window.source].document_id != document:
            return [near[0].window, support.window]
    return [near[0].window]


def _number(citations: list[Citation], passage: Passage, window: Window) -> int:
    """Return the number of the citation of this window, adding it when it is new."""
    start, end = passage.start + window.start, passage.start + window.end
    for known in citations:
        if known.document_id == passage.document_id and known.start <= start and end <= known.end:
            return known.n
    citations.append(
        Citation(
            n=len(citations) + 1,
            collection_id=passage.collection_id,
            document_id=passage.document_id,
            document=passage.document,
            title=passage.title,
            page=passage.page_at(start),
            start=start,
            end=end,
            quote=passage.text[window.start : window.end],
            verified=passage.verified,
            headings=passage.section_at(start),
            sha256=passage.sha256,
            added=passage.added,
        )
    )
    return len(citations)
