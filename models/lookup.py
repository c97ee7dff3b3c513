"""Prompt lookup: guess an answer's next tokens from where its last ones stood before.

An answer that quotes its passages repeats what the prompt holds. A guess costs a part of a step and saves whole ones
when the model agrees, so each answer keeps account of what its guesses brought. Only for somebody who writes alone:
beside others guesses are computed apart, and four writers cost 15 % more with them (`bench/native.py`). Knows tokens
only; the model's own choice decides what of a guess is kept (`models.batching`).

Source: Saxena, "Prompt Lookup Decoding", 2023 (github.com/apoorvumang/prompt-lookup-decoding).
"""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_GUESS = 8
"""Tokens guessed at once; the logits of each take 0.6 MB (small and starter model)."""
ALIKE = 3
"""So many last tokens must have stood together before: guesses from two cost as much as they brought."""
PRICE = 0.4
"""What a guessed token costs beside one writer's step (two cores: small model 48 of 112 ms, starter 36 of 173)."""
CREDIT = 6.0
"""Steps that an answer's guesses may lose before they pause."""
PAUSE = 16
"""Tokens the first pause lasts; every further one without a gain lasts twice as long."""
LONGEST_PAUSE = 256


def find_match(tokens: Sequence[int]) -> tuple[int, int]:
    """Return where what followed the newest tokens before begins, and how many of them stood there.

    The place with most of the newest tokens counts (up to `LONGEST_GUESS`), the latest of several; (0, 0) when not even
    `ALIKE` stood together before.
    """
    newest_first = tokens[::-1]
    place, size, at = 0, ALIKE - 1, 0
    while size < LONGEST_GUESS:
        try:
            at = newest_first.index(newest_first[0], at + 1)
        except (ValueError, IndexError):
            break
        alike = _alike(newest_first, at)
        if alike > size:
            place, size = len(tokens) - at, alike
    return (place, size) if place else (0, 0)


def _alike(newest_first: Sequence[int], at: int) -> int:
    """Return how many tokens from a place on equal the newest ones, at most `LONGEST_GUESS`."""
    there, here = newest_first[at : at + LONGEST_GUESS], newest_first[:LONGEST_GUESS]
    return next((count for count, pair in enumerate(zip(there, here, strict=False)) if pair[0] != pair[1]), len(there))


@dataclass(slots=True)
class Drafts:
    """The guesses of one answer, and the account of what they brought."""

    _credit: float = CREDIT
    _pause: int = PAUSE
    _resting: int = 0

    def propose(self, tokens: Sequence[int], *, limit: int) -> list[int]:
        """Return a guess of what follows, at most `limit` tokens and often none: the longer the match, the longer."""
        if self._resting:
            self._resting -= 1
            return []
        if limit < 1:
            return []
        place, size = find_match(tokens)
        if not size:
            return []
        return list(tokens[place : place + min(limit, LONGEST_GUESS, 2 ** (size - 2))])

    def note(self, drafted: int, right: int) -> None:
        """Enter into the account how many of the guessed tokens were right."""
        gain = right - PRICE * drafted
        self._credit = min(CREDIT, self._credit + gain)
        if gain > 0:
            self._pause = PAUSE
        if self._credit < 0:
            self._credit, self._resting = CREDIT / 2, self._pause
            self._pause = min(LONGEST_PAUSE, 2 * self._pause)
