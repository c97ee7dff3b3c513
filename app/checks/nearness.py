"""How near a statement's meaning is to its window's, by an embedder, where whoever checks has one.

It tells nothing of a changed number or a denial, and much of the same thing said in other words, so it is added to an
answer's score and never changes a verdict. Knows texts and vectors; no model.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from app.checks.claims import Examined
from app.checks.support import Source

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Texts -> one unit row each."""
SHARE = 0.5
"""How much of the cosine is added to a score; 0.3 to 0.7 do nearly the same (docs/checks.md)."""
MIDDLE = 0.6
"""The cosine that changes nothing: above it a score rises."""


def nearer(stated: Sequence[Examined], sources: Sequence[Source], embed: Embed) -> list[float]:
    """Return the statements' scores with their nearness; one that no source comes near keeps its own."""
    pairs = [(one.sentence.text, _window(one, sources)) for one in stated]
    texts = list(dict.fromkeys(text for claim, window in pairs if window for text in (claim, window)))
    if not texts:
        return [one.score for one in stated]
    rows = dict(zip(texts, embed(texts), strict=True))
    cosines = [float(rows[claim] @ rows[window]) if window else MIDDLE for claim, window in pairs]
    return [one.score + SHARE * (cosine - MIDDLE) for one, cosine in zip(stated, cosines, strict=True)]


def _window(one: Examined, sources: Sequence[Source]) -> str:
    """Return the window a statement is nearest to by its words, "" where there is none."""
    if not one.supports:
        return ""
    window = one.supports[0].window
    return sources[window.source].text[window.start : window.end]
