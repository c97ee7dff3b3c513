"""What is asked of the engine: the prompt, how its tokens are chosen, when the answer ends, whose turn it uses.

Plain checked values; knows no llama.cpp and no slot.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from models.errors import InvalidRequestError
from models.grammar import check_grammar

Priority = Literal["person", "background"]
"""Whether somebody waits for the answer; background work gets what is left over."""

STOP_STRINGS = 16
"""More are refused: each is searched for after every token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is chosen; the default is greedy, so the same prompt gives the same text."""

    temperature: float = 0.0
    """0: always the most likely token, whatever the other fields say but for penalties and grammar. At most 2."""
    top_k: int = 40
    """Choose among this many most likely tokens; 0: among all."""
    top_p: float = 0.95
    min_p: float = 0.0
    repeat_penalty: float = 1.0
    """1: none. Above 1 tokens of the last 64 become less likely."""
    frequency_penalty: float = 0.0
    """Taken from a token's logit for each time it stands among the last 64."""
    presence_penalty: float = 0.0
    """Taken from a token's logit when it stands among the last 64."""
    seed: int | None = None
    logprobs: bool = False
    """Whether each `Text` carries the natural logarithm of its token's probability; costs 0.5 ms a token."""
    compared: tuple[int, ...] = ()
    """Tokens of which each `Text` tells how likely they were in the place of its own, in natural logarithms."""
    grammar: str | None = None
    """GBNF that the answer obeys from its first character to its last, unless it becomes too long."""

    def __post_init__(self) -> None:
        """Refuse values no sampler can use.

        Raises:
            InvalidRequestError: naming the value and its range.
        """
        self._check("temperature", self.temperature, 0.0, 2.0)
        self._check("top_k", self.top_k, 0, 1_000_000)
        self._check("top_p", self.top_p, 0.001, 1.0)
        self._check("min_p", self.min_p, 0.0, 1.0)
        self._check("repeat_penalty", self.repeat_penalty, 0.5, 2.0)
        self._check("frequency_penalty", self.frequency_penalty, -2.0, 2.0)
        self._check("presence_penalty", self.presence_penalty, -2.0, 2.0)
        self._check("seed", self.seed or 0, 0, 2**32 - 1)
        if self.grammar is not None:
            check_grammar(self.grammar)

    @property
    def plain(self) -> bool:
        """Whether the most likely token is chosen, and nothing weighs on that but a grammar."""
        return (self.temperature, self.repeat_penalty, self.frequency_penalty, self.presence_penalty) == (0, 1, 0, 0)

    @staticmethod
    def _check(name: str, value: float, low: float, high: float) -> None:
        if not (math.isfinite(value) and low <= value <= high):
            raise InvalidRequestError(f"{name} must be between {low:g} and {high:g}, not {value:g}.")


GREEDY = Sampling()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, checked."""

    prompt: tuple[int, ...]
    max_tokens: int
    """How long the answer may be; it also ends when the slot is full."""
    sampling: Sampling = GREEDY
    stop: tuple[str, ...] = ()
    """Strings that end the answer, themselves left out."""
    person: str = ""
    """Whose turn it uses in the fair queue."""
    priority: Priority = "person"
    deadline: float | None = None
    """Seconds from now after which nobody needs the answer any more."""
    lasting: int | None = None
    """How many of the prompt's tokens later prompts will begin with; None: all, with the answer behind them."""

    def __post_init__(self) -> None:
        """Refuse what cannot be asked.

        Raises:
            InvalidRequestError: naming the value.
        """
        if self.max_tokens < 1:
            raise InvalidRequestError(f"max_tokens must be at least 1, not {self.max_tokens}.")
        if len(self.stop) > STOP_STRINGS or not all(self.stop):
            raise InvalidRequestError(f"At most {STOP_STRINGS} stop strings are possible, and none may be empty.")
        if self.priority not in get_args(Priority):
            raise InvalidRequestError(f"The priority is person or background, not {self.priority!r}.")
        if self.deadline is not None and not self.deadline > 0:
            raise InvalidRequestError(f"The deadline must be some seconds ahead, not {self.deadline:g}.")
        if self.lasting is not None and not 0 <= self.lasting <= len(self.prompt):
            raise InvalidRequestError(f"The lasting part is 0 to {len(self.prompt)} tokens, not {self.lasting}.")
