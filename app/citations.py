"""Each sentence of an answer -> the place in a document it rests on.

Knows answers, passages and offsets; trusts no number the model wrote. Citations are numbered from 1 in the order of
the answer; sentences that rest on the same words share a number.
"""

from collections.abc import Sequence

from app.answers import Citation, Claim
from app.checks.claims import Examined, examine
from app.checks.support import Source, Window
from retrieval.documents import Passage

CITED_FROM = 0.3
"""Fit below which a window is no citation: it shares hardly a word with the sentence."""


def attach(
    answer: str, passages: Sequence[Passage], *, question: str
) -> tuple[tuple[Citation, ...], tuple[Claim, ...]]:
    """Return the citations of an answer and its claims, each claim naming its citations."""
    sources = [Source(text=passage.text, context=_context(passage)) for passage in passages]
    citations: list[Citation] = []
    claims = []
    for examined in examine(answer, sources, question=question):
        window = _cited(examined)
        numbers = (_number(citations, passages[window.source], window),) if window else ()
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


def _context(passage: Passage) -> str:
    """Return what stands above a passage: title, headings, the columns of its table."""
    return "\n".join((passage.title, *passage.headings, passage.columns))


def _cited(examined: Examined) -> Window | None:
    """Return the window to cite for a sentence, if any is close enough."""
    support = examined.support
    return support.window if support and support.fit >= CITED_FROM else None


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
            page=passage.page,
            start=start,
            end=end,
            quote=passage.text[window.start : window.end],
        )
    )
    return len(citations)
