"""Prompt lookup: guess an answer's next tokens from where its last ones stood before.

An answer that quotes its passages repeats what the prompt holds. A guess costs a part of a step and saves whole ones
when the model agrees, so each answer keeps account of what its guesses brought, apart for those from the prompt and
those from its own words. Only for somebody who writes alone: beside others guesses are computed apart, and four writers
cost 15 % more with them (`bench/native.py`). Knows tokens only; the model's own choice decides what of a guess is kept
(`models.batching`).

Source: Saxena, "Prompt Lookup Decoding", 2023 (github.com/apoorvumang/prompt-lookup-decoding).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile

LONGEST_GUESS = 8
"""Tokens guessed at once; the logits of each take 0.6 MB (small and starter model)."""
ALIKE = 3
"""So many last tokens must have stood together before: guesses from two cost as much as they brought."""
PRICE = 0.4
"""What a guessed token costs beside one writer's step (two cores: small model 48 of 112 ms, starter 36 of 173)."""
CREDIT = 6.0
"""Steps that guesses of one kind may lose at most before they end."""
TRUST = 3.0
"""Steps that guesses must have brought, had they been made, before they are made (again)."""


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
class Account:
    """What guesses of one kind brought, or would have brought, in steps."""

    credit: float
    trusted: bool
    """Whether they are made."""

    def enter(self, *, drafted: int, right: int) -> None:
        """Note how many guessed tokens were right."""
        self.credit = max(-1.0, min(CREDIT, self.credit + right - PRICE * drafted))
        self.trusted = self.credit >= (0.0 if self.trusted else TRUST)


class Drafts:
    """The guesses of one answer, and the accounts of what they brought.

    What the prompt holds is trusted until it proves wrong. An answer's own words are not: of free text's guesses from
    them one in six was right. So these are only compared with what the model writes, which costs nothing, until an
    answer has shown that it repeats itself.
    """

    def __init__(self, prompt: int, *, ends: Callable[[int], bool]) -> None:
        """Begin the answer to a prompt of so many tokens; `ends` tells of a token whether it ends a message."""
        self._prompt = prompt
        self._ends = ends
        self._quoted = Account(CREDIT, trusted=True)
        self._repeated = Account(0.0, trusted=False)
        self._latest = self._quoted
        self._expected: tuple[int, int] | None = None
        """How many tokens there were when a guess was not made, and the token it would have begun with."""

    def propose(self, tokens: Sequence[int], *, limit: int) -> list[int]:
        """Return a guess of what follows, at most `limit` tokens and often none: the longer the match, the longer."""
        self._compare(tokens)
        if limit < 1:
            return []
        place, size = find_match(tokens)
        if not size:
            return []
        self._latest = self._quoted if place < self._prompt else self._repeated
        if not self._latest.trusted:
            self._expected = len(tokens), tokens[place]
            return []
        return self._within_message(tokens[place : place + min(limit, LONGEST_GUESS, 2 ** (size - 2))])

    def _within_message(self, guess: Sequence[int]) -> list[int]:
        """Return a guess up to where a message ends, and none of a single token there.

        An answer that repeats the question goes on where the question ended.
        """
        within = list(takewhile(lambda token: not self._ends(token), guess))
        return [] if len(within) == 1 < len(guess) else within

    def _compare(self, tokens: Sequence[int]) -> None:
        """Enter the guess that was not made, now that the token it was about is known."""
        expected, self._expected = self._expected, None
        if expected and len(tokens) == expected[0] + 1:
            self._latest.enter(drafted=1, right=int(tokens[-1] == expected[1]))

    def note(self, drafted: int, right: int) -> None:
        """Enter how many of the guessed tokens were right."""
        if drafted:
            self._latest.enter(drafted=drafted, right=right)
