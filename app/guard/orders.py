"""Take sentences that give orders to an assistant out of what a model is shown.

Knows texts. Small models obey such sentences although they are told that passages are data (docs/benchmarks.md), so a
document that was released, or that screening let pass, must not show them either. A reader who opens the document
sees all of it.
"""

from dataclasses import replace

from app.guard.injection import THRESHOLD, judge, sentence_around
from retrieval.documents import Passage

HARMLESS_TO_SHOW = frozenset({"foreign task", "foreign question", "private", "code"})
"""Signs of what a passage may hold although a document with them waited: a question nobody asked is not an order."""
LEFT_OUT = "[…]"


def without_orders(passage: Passage) -> Passage:
    """Return a passage for a prompt: each sentence that is meant for an assistant is left out, with a mark."""
    return replace(
        passage,
        title=_cleared(passage.title),
        headings=tuple(_cleared(heading) for heading in passage.headings),
        columns=_cleared(passage.columns),
        text=_cleared(passage.text),
    )


def _cleared(text: str) -> str:
    while (verdict := judge(text, kind="document")).score >= THRESHOLD:
        orders = [sign for sign in verdict.signs if sign.name not in HARMLESS_TO_SHOW]
        if not orders:
            break
        for start, end in sorted({sentence_around(text, sign) for sign in orders}, reverse=True):
            text = f"{text[:start]}{LEFT_OUT}{text[end:]}"
    return text
