"""What the engine needs of a context: the memory of several sequences, and the batch that is decoded for any of them.

`models.context.Context` has it over llama.cpp, and so has the scripted one of the tests.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from models.request import Sampling
from models.sealed import Bytes


class Memory(Protocol):
    """The sequences ("slots") of one model, and one batch of tokens."""

    @property
    def slot_tokens(self) -> int:
        """How many tokens a slot can hold."""

    @property
    def slots(self) -> int:
        """How many slots there are."""

    @property
    def goes_back(self) -> bool:
        """Whether `keep` can always take back the newest tokens; not with sliding windows or recurrent layers."""

    def clear(self) -> None:
        """Begin a new batch."""

    def add(self, slot: int, tokens: Sequence[int], *, position: int, logits: int) -> int:
        """Append a slot's next tokens, the last `logits` of them with logits; returns the row of the first of these."""

    def decode(self) -> bool:
        """Compute the batch; False when it was interrupted."""

    @property
    def seconds(self) -> float:
        """How long the last batch took to compute."""

    def interrupt(self) -> None:
        """Make a running decode return early; may be called from any thread."""

    def check(self, sampling: Sampling) -> None:
        """Refuse what cannot be sampled, with an InvalidRequestError; may be called from any thread."""

    def sampler(self, sampling: Sampling) -> Any:
        """Return what chooses a request's tokens; it has `close`, unless it is None."""

    def choose(self, row: int, sampler: Any) -> int:
        """Return the next token after a row, and let the sampler remember it.

        Raises:
            InvalidRequestError: when the request's grammar allows none.
        """

    def logprob(self, row: int, token: int) -> float:
        """Return the log-probability of a token after a row."""

    def keep(self, slot: int, length: int) -> int:
        """Cut a slot back to its first tokens; returns how many are usable, all or 0."""

    def copy(self, source: int, target: int, length: int) -> int:
        """Give a slot another's first tokens; returns how many it got, all or 0."""

    def state(self, slot: int) -> Bytes:
        """Return what a slot holds, as only `restore` of the same model, types and version understands it."""

    def restore(self, slot: int, state: Bytes, length: int) -> int:
        """Give a slot the first tokens of a state in place of its own; returns how many are usable, all or 0."""

    def piece(self, token: int) -> bytes:
        """Return the bytes of a token."""

    def ends(self, token: int) -> bool:
        """Whether a token says that the answer is complete."""

    def close(self) -> None:
        """Free everything."""
