"""How much of a prompt a step reads: all it can while nobody writes, else what keeps the writers' pause short.

A step that also reads is the pause a writer notices. One reader gets as much time as all writers, two get twice as much
and so on, up to a bound. Where that is too little to be read efficiently, a long prompt takes part only in every so
manyth step. Learned from how long the steps took, so it fits any machine. Knows tokens and seconds.
"""

READ_ALONE = 256
"""Prompt tokens a step while nobody writes: reading is no faster with more, and progress shows every second or two."""
READ_SHARED = 64
"""Prompt tokens the first step while somebody writes; further ones at most twice as many as the one before."""
READ_LEAST = 64
"""Prompt tokens a step that reads at least, however long they take. Fewer are read far less efficiently: four answers of
the small model at once came at 0.96x a locked Llama's rate with 4, 1.01x with 32, 1.31x with 64 (bench/engine.py).
Pieces are multiples of it and one more: llama.cpp computes the first token of every slot together, and attends to the
rest in tiles of 64; 65 tokens beside a writer take a seventh less than 64. Twice as many where more people wait than
write."""
READ_AT_ONCE = 512
"""So much of a prompt is read in every step even if that gives it more time than its share: the writers' pace suffers for
some seconds, and the reader is one of them all the sooner."""
LONGEST_PAUSE = 4.0
"""How many of its usual steps a step that also reads may last."""
WEIGHT = 0.25
"""How much the latest step counts in an average."""


class Pace:
    """What steps take: of so many writers alone, and of a token that is read."""

    def __init__(self, *, least: int = READ_LEAST) -> None:
        """Know nothing yet; `least` tokens of a prompt are read a step, however long that takes."""
        self._least = least
        self._steps: dict[int, float] = {}
        """Writers -> seconds of a step in which nobody reads."""
        self._alone: float | None = None
        """Seconds of a token read while nobody writes, and while somebody does: small batches are less efficient."""
        self._shared: float | None = None
        self._latest = READ_SHARED // 2
        """Tokens read by the latest step in which somebody wrote."""
        self._spared = 0.0
        """Tokens that a long prompt was entitled to in the latest steps and did not read."""

    def note(self, *, writers: int, read: int, seconds: float) -> None:
        """Take into account how long a step took in which so many wrote one token each and so many tokens were read."""
        if read and writers:
            self._latest = read
        if seconds <= 0:
            return
        if not read:
            self._steps[writers] = _averaged(self._steps.get(writers), seconds)
        elif not writers:
            self._alone = _averaged(self._alone, seconds / read)
        elif writers in self._steps:
            extra = max(0.0, seconds - self._steps[writers])
            self._shared = _averaged(self._shared or self._alone, extra / read)

    def room(self, *, writers: int, readers: int, left: int) -> int:
        """Return how many prompt tokens the next step may read; the prompt to be read first has so many `left`."""
        if not writers:
            return READ_ALONE
        token = self._shared or self._alone
        if not self._steps or not token:
            return READ_SHARED + 1
        usual = self._steps[min(self._steps, key=lambda known: abs(known - writers))]
        share = (min(LONGEST_PAUSE, 1.0 + readers) - 1.0) * usual / token
        least = self._least * (2 if readers > writers else 1)
        piece = max(least, min(READ_ALONE, int(share), 2 * self._latest))
        piece -= piece % self._least
        self._spared += share
        if left > READ_AT_ONCE and self._spared < piece:
            return 0
        self._spared = 0.0
        return piece + 1


def _averaged(average: float | None, latest: float) -> float:
    return latest if average is None else average + WEIGHT * (latest - average)
