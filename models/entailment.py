"""P(a source supports a claim), by one token of a chat model.

Knows messages and probabilities; no document, no verdict. The source stands before the claim, so that claims about one
source share all but their last lines in the engine.
"""

import math
from collections.abc import Callable
from contextlib import closing
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

INSTRUCTIONS = "You compare a claim with a source. You answer with one word: Yes or No."
ASKED = "Source:\n{source}\n\nClaim: {claim}\n\nDoes the source state or clearly imply this claim? Answer Yes or No."
"""Asked whether the source contradicts the claim, small models say yes to most; asked whether it supports it they tell
both (AUROC 0.71 of supported against contradicted claims with the 0.5B model, 0.75 with the 1.5B)."""
SOURCE_CHARACTERS = 4000


class ChatEntailment:
    """Asks a chat model, at background priority, so that people who wait for an answer come first."""

    def __init__(self, chat: BaseChatModel, *, unwanted: Callable[[], bool] = lambda: False) -> None:
        """Ask this model, for as long as `unwanted` does not say that nobody wants to know any more."""
        self._chat = chat
        self._unwanted = unwanted

    def __call__(self, source: str, claim: str, *, seconds: float) -> float | None:
        """Return the probability that the source supports the claim, 0..1; None where the model does not say in time.

        So too where nobody wants to know any more, before it is asked or while it reads.

        Raises:
            ModelError: it cannot be asked.
        """
        options: dict[str, Any] = {"max_tokens": 1, "temperature": 0.0, "logprobs": True}
        options |= {"priority": "background", "deadline": max(seconds, 0.001)}
        if self._unwanted():
            return None
        stream = self._chat.stream(messages(source, claim), **options)
        with closing(stream):  # type: ignore[type-var]  # it is a generator
            for chunk in stream:
                if chunk.text.strip():
                    return _probability(chunk.text, *chunk.additional_kwargs.get("logprobs", ()))
                if self._unwanted():
                    return None
        return None


def messages(source: str, claim: str) -> list[BaseMessage]:
    """Return what the model is asked."""
    asked = ASKED.format(source=_plain(source)[:SOURCE_CHARACTERS], claim=_plain(claim))
    return [SystemMessage(INSTRUCTIONS), HumanMessage(asked, additional_kwargs={"once": True})]


def _plain(text: str) -> str:
    """Return a text on one line, so that it cannot pretend to be the question's own lines."""
    return " ".join(text.split())


def _probability(word: str, logprob: float | None = None) -> float | None:
    """Return P(yes) from the first word and how likely it was; None for another word."""
    said = word.strip().lower()
    if logprob is None or not said or not ("yes".startswith(said) or "no".startswith(said)):
        return None
    likely = min(math.exp(logprob), 1.0)
    return likely if said.startswith("y") else 1 - likely
