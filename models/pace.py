"""How much of a prompt a step reads: always the same while nobody writes, else what is fair to the writers.

A step that also reads is the pause a writer notices. A prompt of usual length is read in a few large pieces, of some
seconds each: that is soon over, and takes the least time of all. A long one gets as much time as all writers, two get
twice as much and so on, up to a bound; where that is too little for a piece (`models.pieces`), it takes part only in
every so manyth step. Learned from how long the steps took, so it fits any machine. Knows tokens and seconds.
"""

from models.pieces import TILE, Pieces, averaged

READ_USUAL = 256
"""Prompt tokens a step while nobody writes: progress shows every second or two. Always the same number, whatever was
measured: sums of other batches round otherwise, and the same question has to get the same answer."""
READ_MOST = 512
"""So many at most beside writers: each step of a prompt has them write, too, which is inefficient for a few."""
READ_SECONDS = 2.0
"""So long writers may wait for a piece of a prompt that is not long, if it is more than the usual one."""
ALONE_SECONDS = 1.5
"""A piece that is read sooner may be read without the writers, who then wait for it and the next."""
USUAL = 1024
"""A prompt of so many tokens that are to be read is not long. Beside writers it is read as if there were none."""
WORTH_A_STEP = 128
"""Tokens: a step that reads a prompt to its end and is so large reads no other, for which its first word would wait."""
LONGEST_PAUSE = 4.3
"""How many of its usual steps a step that also reads of a long prompt may last: 5 are promised, and single steps take
up to an eighth longer than those before."""
SHORT_PAUSE = 0.3
"""Seconds: so long a piece may take in any case, for fewer writers have shorter steps."""
SHARE = 0.95
"""Of the time that is a long prompt's: writers are promised that they become no more than twice as slow, and their own
steps take ever longer, too."""
MOST_SLOWED = 4.0
"""How much slower than usual writers become at most, however many long prompts are read."""


class Pace:
    """What steps take: of so many writers alone, and of a token that is read."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._steps: dict[int, float] = {}
        """Writers -> seconds of a step in which nobody reads."""
        self._alone: float | None = None
        """Seconds of a token read while nobody writes, and of large pieces while somebody does."""
        self._shared: float | None = None
        self._pieces = Pieces()
        self._granted = 0
        """Tokens of a long prompt that the present step may read, and the seconds they are expected to take."""
        self._cost = 0.0
        self._latest = TILE
        """Tokens read by the latest step in which somebody wrote."""
        self._due = 0.0
        """Seconds that a long prompt was entitled to in the latest steps and did not get."""

    def note(self, *, writers: int, read: int, seconds: float) -> None:
        """Take into account how long a step took in which so many wrote one token each and so many tokens were read."""
        if read and writers:
            self._latest = read
        if seconds <= 0:
            return
        if not read:
            self._steps[writers] = averaged(self._steps.get(writers), seconds)
        elif not writers:
            if read >= TILE:  # a few tokens take longer each
                self._alone = averaged(self._alone, seconds / read)
        elif writers in self._steps:
            self._note_shared(read, max(0.0, seconds - self._steps[writers]))

    def _note_shared(self, read: int, extra: float) -> None:
        if read >= TILE:
            self._shared = averaged(self._shared or self._alone, extra / read)
        if read == self._granted:
            self._pieces.note(read, extra)
            self._due += self._cost - extra

    def room(self, *, writers: int, readers: int, long: bool, place: int = 0) -> int:
        """Return how many prompt tokens the next step may read.

        Args:
            writers: how many write.
            readers: how many have a prompt to be read.
            long: whether the first of these prompts is.
            place: how much of it has been read.
        """
        self._granted = 0
        if not writers:
            return READ_USUAL
        if not long:
            return self._large()
        self._granted = self._piece(writers, readers, place)
        return self._granted

    def soon_read(self, tokens: int) -> bool:
        """Whether so many tokens are read soon enough for the writers to wait for them and for as many again."""
        token = self._shared or self._alone
        return token is not None and tokens * token <= ALONE_SECONDS

    def _piece(self, writers: int, readers: int, place: int) -> int:
        """Return how many tokens of a long prompt the next step reads; 0 until there is time for a whole piece."""
        token = self._shared or self._alone
        if not self._steps or not token:
            self._cost = 0.0
            return TILE
        usual = self._steps[min(self._steps, key=lambda known: abs(known - writers))]
        pause = max(SHORT_PAUSE, (LONGEST_PAUSE - 1.0) * usual)
        piece = self._pieces.choose(place, seconds=pause, token=token)
        token = self._pieces.token(piece) or token
        share = SHARE * (min(MOST_SLOWED, 1.0 + readers) - 1.0) * usual
        self._due = max(-piece * token, min(self._due, piece * token)) + share
        if piece == TILE:
            most = min(READ_USUAL, int(min(self._due, pause) / token), 2 * self._latest)
            piece = max(TILE, most - most % TILE)
        if self._due < piece * token:
            return 0
        self._cost = piece * token
        self._due -= self._cost
        return piece

    def _large(self) -> int:
        """Return the tokens of a large piece: those of two seconds, in whole tiles."""
        token = self._shared or self._alone
        piece = int(READ_SECONDS / token) if token else READ_USUAL
        return max(READ_USUAL, min(READ_MOST, piece - piece % TILE))
