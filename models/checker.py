"""P(a source supports a claim), by a CrossEncoder made for it: for natural language inference, or for checking facts.

Knows texts and probabilities; no document, no verdict. Three kinds are understood, by the names of their scores:
entailment, neutral and contradiction in any order; two, of which one is support (MiniCheck: the second); and one, the
log-odds of support. Only the first kind can tell that a source says otherwise.
"""

import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.crossencoder import Kind, Labels

INFERENCE = frozenset({"entailment", "neutral", "contradiction"})
SUPPORT = frozenset({"label_1", "entailment", "supported", "consistent"})
"""What the score of support may be called where there are two."""
NEUTRAL = 0.5
"""What counts of a probability that the source says neither."""


def _fits(labels: Labels) -> bool:
    if len(labels) == len(INFERENCE):
        return set(labels.values()) == INFERENCE
    return len(labels) == 1 or (len(labels) == 2 and len(SUPPORT & set(labels.values())) == 1)  # noqa: PLR2004 - two scores


CHECKER = Kind(
    setting="checker", scores="scores of entailment, neutral and contradiction, of support, or one score", fits=_fits
)


class Checker:
    """A loaded CrossEncoder; may be called from several threads, one claim at a time is read."""

    def __init__(self, model: Any, labels: Labels) -> None:
        """Hold a loaded model whose scores are called so; `Checker.load` makes one."""
        self._model = model
        self._labels = labels
        self._turn = threading.Lock()

    @classmethod
    def load(cls, folder: Path) -> "Checker":
        """Load the folder as `Kind.load` does."""
        return cls(*CHECKER.load(folder))

    def __call__(self, source: str, claim: str) -> float:
        """Return how likely the source supports the claim, 0..1; 0.5 where it says neither yes nor no."""
        import torch  # noqa: PLC0415 - seconds; loaded with the model

        with self._turn:
            logits = self._model.predict([(source, claim)], activation_fn=torch.nn.Identity(), show_progress_bar=False)[
                0
            ]
        return support([float(score) for score in logits.reshape(-1)], self._labels)


def support(logits: Sequence[float], labels: Labels) -> float:
    """Return P(supported), half of what is neither support nor contradiction with it."""
    if len(logits) == 1:
        supported, contradicted = 1 / (1 + math.exp(-max(min(logits[0], 50.0), -50.0))), 0.0
    else:
        weights = [math.exp(score - max(logits)) for score in logits]
        shares = {labels[place]: weight / sum(weights) for place, weight in enumerate(weights)}
        supported = next(share for label, share in shares.items() if label in SUPPORT)
        contradicted = shares.get("contradiction", 0.0)
    return supported + NEUTRAL * (1 - supported - contradicted)
