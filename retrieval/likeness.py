"""How alike two documents are in their words: MinHash over runs of words.

Knows texts and numbers. A sketch is 512 bytes whatever the length of the text, and the share of equal numbers in two
sketches estimates the share of runs of three words that the texts have in common (standard error at most 0.045).

Source: Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
"""

import re
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

SIZE = 128
"""Numbers in a sketch."""
RUN = 3
"""Words in a run: of two, handbooks of one company share too many."""
FEWEST_RUNS = 20
"""Shorter texts (a form's headings, a menu) are like each other by chance."""
_WORD = re.compile(r"\w+")
_PART = 20_000
"""Runs at once, which keeps the memory of a sketch below 25 MB."""
_random = np.random.default_rng(20261122)
_FACTORS = _random.integers(1, 2**63, SIZE, dtype=np.uint64) | np.uint64(1)
_SUMMANDS = _random.integers(0, 2**63, SIZE, dtype=np.uint64)
_OF_PLACE = _random.integers(1, 2**63, RUN, dtype=np.uint64) | np.uint64(1)

Sketch = NDArray[np.uint32]
"""Shape (SIZE,); all zeros for a text too short to be compared."""


def sketch_of(text: str) -> Sketch:
    """Return the sketch of a text; capitals and punctuation do not matter."""
    words = np.array([_number(word) for word in _WORD.findall(text.lower())], dtype=np.uint64)
    runs = max(len(words) - RUN + 1, 0)
    if runs < FEWEST_RUNS:
        return np.zeros(SIZE, dtype=np.uint32)
    mixed = np.zeros(runs, dtype=np.uint64)
    for place in range(RUN):
        mixed = (mixed ^ (words[place : place + runs] * _OF_PLACE[place])) * np.uint64(0x9E3779B97F4A7C15)
    mixed = np.unique(mixed ^ (mixed >> np.uint64(29)))
    least = np.full(SIZE, np.iinfo(np.uint32).max, dtype=np.uint32)
    for start in range(0, len(mixed), _PART):
        hashed = np.outer(_FACTORS, mixed[start : start + _PART]) + _SUMMANDS[:, None]
        least = np.minimum(least, (hashed >> np.uint64(32)).astype(np.uint32).min(axis=1))
    return least


def likenesses(sketch: Sketch, others: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Return how like a text is to each of the others, 0..1; `others` has shape (n, SIZE), a row each."""
    if not len(others) or not sketch.any():
        return np.zeros(len(others))
    shares: NDArray[np.float64] = (others == sketch).mean(axis=1) * others.any(axis=1)
    return shares


@lru_cache(maxsize=50_000)
def _number(word: str) -> int:
    return zlib.crc32(word.encode())
