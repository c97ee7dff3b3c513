"""Take sentences that give orders to an assistant out of what a model is shown.

Knows texts. Small models obey such sentences although they are told that passages are data (docs/benchmarks.md), so a
document that was released, or that screening let pass, must not show them either. What has nothing to do with the text
around it is left out too, unless it has to do with what was asked: the small model answered "What are the primary
functions of the liver?" in a mail about a payment. A reader who opens the document sees all of it.
"""

from dataclasses import replace

from app.checks.words import content_words
from app.guard.injection import THRESHOLD, judge, sentence_around
from app.guard.signs import Sign
from retrieval.documents import Passage

HARMLESS_TO_SHOW = frozenset({"private", "code"})
"""Signs of what a passage may hold although a document with them waited."""
FOREIGN = frozenset({"foreign task", "foreign question"})
LEFT_OUT = "[…]"


def without_orders(passage: Passage, *, asked: str = "") -> Passage:
    """Return a passage for a prompt: each sentence that is meant for an assistant is left out, with a mark.

    Args:
        passage: as it was found.
        asked: the question; what shares a word with it stays, unless it is plainly an order.
    """
    words = frozenset(content_words(asked))
    return replace(
        passage,
        title=_cleared(passage.title, words),
        headings=tuple(_cleared(heading, words) for heading in passage.headings),
        columns=_cleared(passage.columns, words),
        text=_cleared(passage.text, words),
    )


def _cleared(text: str, asked: frozenset[str]) -> str:
    while (verdict := judge(text, kind="document")).score >= THRESHOLD:
        orders = [sign for sign in verdict.signs if not _may_be_shown(text, sign, asked)]
        if not orders:
            break
        for start, end in sorted({sentence_around(text, sign) for sign in orders}, reverse=True):
            text = f"{text[:start]}{LEFT_OUT}{text[end:]}"
    return text


def _may_be_shown(text: str, sign: Sign, asked: frozenset[str]) -> bool:
    if sign.name in FOREIGN:
        return not asked.isdisjoint(content_words(text[sign.start : sign.end]))
    return sign.name in HARMLESS_TO_SHOW
