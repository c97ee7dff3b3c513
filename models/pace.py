"""How much of a prompt a step reads: always the same while nobody writes, else what is fair to the writers.

A step that also reads is the pause a writer notices. A prompt of usual length is read in a few large pieces, of some
seconds each: that is soon over, and takes the least time of all. A long one gets as much time as all writers, two get
twice as much and so on, up to a bound; where that is too little to be read efficiently, it takes part only in every so
manyth step. Learned from how long the steps took, so it fits any machine. Knows tokens and seconds.
"""

READ_USUAL = 256
"""Prompt tokens a step while nobody writes: progress shows every second or two. Always the same number, whatever was
measured: sums of other batches round otherwise, and the same question has to get the same answer."""
READ_MOST = 512
"""So many at most beside writers: each step of a prompt has them write, too, which is inefficient for a few."""
READ_SECONDS = 2.0
"""So long writers may wait for a piece of a prompt that is not long, if it is more than the usual one."""
USUAL = 1024
"""A prompt of so many tokens that are to be read is not long. Beside writers it is read as if there were none."""
READ_LEAST = 64
"""Tokens of a long prompt that a step reads at least: fewer are read far less efficiently (the small model on two
cores: 6.6 ms of CPU each by 256, 7.7 by 64, 10 by 32)."""
WORTH_A_STEP = 128
"""Tokens: a step that reads a prompt to its end and is so large reads no other, for which its first word would wait."""
LONGEST_PAUSE = 4.0
"""How many of its usual steps a step that also reads of a long prompt may last, unless that is less than the least."""
WEIGHT = 0.25
"""How much the latest step counts in an average."""


class Pace:
    """What steps take: of so many writers alone, and of a token that is read.

    Beside writers pieces are whole tiles and one more: llama.cpp computes the first token of every slot together and
    attends to the rest in tiles of 64, so that 65 tokens beside a writer take a seventh less than 64.
    """

    def __init__(self, *, least: int = READ_LEAST) -> None:
        """Know nothing yet; `least` tokens of a long prompt are read at a time, however long that takes."""
        self._least = least
        self._steps: dict[int, float] = {}
        """Writers -> seconds of a step in which nobody reads."""
        self._alone: float | None = None
        """Seconds of a token read while nobody writes, and while somebody does: small batches are less efficient."""
        self._shared: float | None = None
        self._latest = least
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
            if read >= self._least or self._alone is None:  # a few tokens take longer each
                self._alone = _averaged(self._alone, seconds / read)
        elif writers in self._steps:
            extra = max(0.0, seconds - self._steps[writers])
            self._shared = _averaged(self._shared or self._alone, extra / read)

    def room(self, *, writers: int, readers: int, long: bool) -> int:
        """Return how many prompt tokens the next step may read; `long` is whether the first prompt to be read is."""
        if not writers:
            return READ_USUAL
        if not long:
            return self._large() + 1
        token = self._shared or self._alone
        if not self._steps or not token:
            return self._least + 1
        usual = self._steps[min(self._steps, key=lambda known: abs(known - writers))]
        share = (min(LONGEST_PAUSE, 1.0 + readers) - 1.0) * usual / token
        piece = max(self._least, min(READ_USUAL, int(share), 2 * self._latest))
        piece -= piece % self._least
        self._spared += share
        if self._spared < piece:
            return 0
        self._spared = 0.0
        return piece + 1

    def _large(self) -> int:
        """Return the tokens of a large piece: those of two seconds, in whole tiles."""
        token = self._shared or self._alone
        piece = int(READ_SECONDS / token) if token else READ_USUAL
        return max(READ_USUAL, min(READ_MOST, piece - piece % READ_LEAST))


def _averaged(average: float | None, latest: float) -> float:
    return latest if average is None else average + WEIGHT * (latest - average)
