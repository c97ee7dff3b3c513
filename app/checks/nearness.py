"""How near a statement's meaning is to its window's, by an embedder, where whoever checks has one.

It tells nothing of a changed number or a denial, and much of the same thing said in other words, so it is added to the
score of an answer and never changes a verdict. Knows texts and vectors; no model.
"""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt

from app.checks.claims import Examined
from app.checks.support import Source

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Texts -> one unit row each."""
SHARE = 0.4
"""How much of the cosine is added to a score (docs/checks.md)."""
MIDDLE = 0.55
"""The cosine that changes nothing: above it a score rises."""
MOST_STATEMENTS = 1
"""Of an answer that is looked at: embedding more would cost more than the 15 ms an answer may cost, and an answer of
several is told well enough by its words."""
WINDOW_CHARACTERS = 300
"""Of a window that are embedded: more costs half as much again and tells no more."""

Stated = tuple[Sequence[Examined], Sequence[Source]]
"""What an answer states, and the sources it was given."""


def nearer(answers: Iterable[Stated], embed: Embed) -> list[list[float]]:
    """Return the statements' scores with their nearness, answer by answer; all texts are embedded at once.

    A statement that no source comes near, or that has too much company, keeps its own score.
    """
    pairs = [
        [(one, _window(one, sources) if len(stated) <= MOST_STATEMENTS else "") for one in stated]
        for stated, sources in answers
    ]
    near = [(one.sentence.text, window) for some in pairs for one, window in some if window]
    texts = list(dict.fromkeys(text for pair in near for text in pair))
    rows = dict(zip(texts, embed(texts), strict=True)) if texts else {}
    return [
        [
            one.score + (_gain(one, float(rows[one.sentence.text] @ rows[window])) if window else 0.0)
            for one, window in some
        ]
        for some in pairs
    ]


def _gain(one: Examined, cosine: float) -> float:
    """Return what a cosine adds to a score; where something speaks against a statement or ranks otherwise: none."""
    gain = SHARE * (cosine - MIDDLE)
    return min(gain, 0.0) if one.finding.speaks_against or one.finding.course < 1 else gain


def _window(one: Examined, sources: Sequence[Source]) -> str:
    """Return the window a statement is nearest to by its words, "" where there is none."""
    if not one.supports:
        return ""
    window = one.supports[0].window
    return sources[window.source].text[window.start : window.end][:WINDOW_CHARACTERS]
