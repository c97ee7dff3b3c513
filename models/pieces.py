"""How large the pieces are in which a long prompt is read beside writers, so that each makes a short pause.

llama.cpp attends to what went before in tiles of 64 tokens; fewer at once take longer each, the more so the more went
before. So a prompt is read in tiles up to where one takes too long, and in much smaller pieces from there on. Learned
from how long pieces took, so it fits any machine. Knows tokens and seconds.
"""

import math

TILE = 64
"""Tokens. Beside four writers (small model, two cores), 256, 2,048 and 3,840 tokens on, each takes 3.9, 5.0 and 6.7 ms
by 64, 5.1, 9.4 and 14.5 ms by 32, 6.2, 10.3 and 16.0 ms by 16."""
LARGEST_PART = 16
"""Tokens: of 32 each takes hardly less, and the pause is half as long again."""
SMALLEST_PART = 8
"""Tokens, however long they take."""
FURTHER = 512
"""Tokens: so much further than the prompt before every other one is read in tiles; machines have slow moments."""
WEIGHT = 0.25
"""How much the latest step counts in an average."""


class Pieces:
    """What a token takes in tiles and in parts of one, and the place up to which tiles are short enough."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._tiles: float | None = None
        """Seconds of a token of the present prompt, read in whole tiles."""
        self._parts: float | None = None
        """Seconds of a token read in parts of a tile."""
        self._far: float = math.inf
        self._place = 0

    def choose(self, place: int, *, seconds: float, token: float) -> int:
        """Return how many tokens the next piece has: a tile, or as many as take no more than so many seconds.

        Args:
            place: how much of the prompt has been read.
            seconds: what the piece may take.
            token: the seconds of a token in large pieces, for as long as nothing better is known.
        """
        if place < self._place:
            self._tiles = None
            self._far += FURTHER
        self._place = place
        if TILE * (self._tiles or token) > seconds:
            self._far = min(self._far, place)
        if place < self._far:
            return TILE
        fitting = int(seconds / (self._parts or self._tiles or token))
        return max(SMALLEST_PART, min(LARGEST_PART, fitting - fitting % SMALLEST_PART))

    def token(self, piece: int) -> float | None:
        """Return the seconds of a token in pieces of this size, or None when nothing is known."""
        return self._tiles if piece >= TILE else self._parts

    def note(self, piece: int, seconds: float) -> None:
        """Take into account how long a piece took."""
        if piece >= TILE:
            self._tiles = averaged(self._tiles, seconds / piece)
        else:
            self._parts = averaged(self._parts, seconds / piece)


def averaged(average: float | None, latest: float) -> float:
    """Return an average in which the latest counts a quarter."""
    return latest if average is None else average + WEIGHT * (latest - average)
