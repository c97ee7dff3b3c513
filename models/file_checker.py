"""P(a source supports a claim), by a chat model trained to say so with one word: MiniCheck as a GGUF file.

It is asked what MiniCheck was trained on, in the model's own chat template, and its "yes" is weighed against its "no".
Knows texts and probabilities; no document, no verdict. `models.checker` does the same with a CrossEncoder.

Source: Tang, Laban and Durrett, "MiniCheck: Efficient Fact-Checking of LLMs on Grounding Documents", EMNLP 2024; the
prompts of the published code (minicheck/utils.py).
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from models.adapters import is_adapter
from models.chat import LocalChat
from models.checker import NEUTRAL
from models.entailment import first_word, messages, says_yes
from models.errors import ModelMissingError, NotCheckerError
from models.gguf import read_header
from models.kinds import kind_of

INSTRUCTIONS = (
    "Determine whether the provided claim is consistent with the corresponding document. Consistency in this context "
    "implies that all information presented in the claim is substantiated by the document. If not, it should be "
    "considered inconsistent. Please assess the claim's consistency with the document by responding with either "
    '"Yes" or "No".'
)
ASKED = "Document: {source}\nClaim: {claim}"
YES, NO = ("Yes", " Yes", "yes", " yes"), ("No", " No", "no", " no")
"""Ways to write either word, of which each counts that is one token of the model."""
TOKENS, SPACES = "tokenizer.ggml.tokens", "\u2581\u0120"
"""The vocabulary in a file, and how its tokens show the space before a word."""


def check(path: Path) -> None:
    """See that a file holds a chat model that can say yes and no with one token each, without loading it.

    Raises:
        ModelMissingError: there is no such file.
        NotCheckerError: it is a model for something else, or cannot.
        ModelFileDamagedError: it is no GGUF file, or a damaged one.
    """
    if not path.is_file():
        raise ModelMissingError(
            f"The checker {path} is not there. Copy its file there, or take the line `checker` out of inhouse.toml."
        )
    header = read_header(path, arrays=frozenset({TOKENS}))
    if is_adapter(header) or kind_of(header) != "chat":
        raise NotCheckerError(
            f"The file {path} holds no chat model, and so none that could judge statements. Name another one "
            "(`checker`), or take that line out of inhouse.toml."
        )
    tokens = header.metadata.get(TOKENS)
    known = {token.lstrip(SPACES) for token in tokens} if isinstance(tokens, list) else set()
    for words in (YES, NO):
        if known.isdisjoint(words):
            raise _speechless(path.stem, words)


class FileChecker:
    """Asks a loaded chat model, at background priority."""

    def __init__(self, chat: LocalChat, *, unwanted: Callable[[], bool] = lambda: False) -> None:
        """Ask this model, for as long as `unwanted` does not say that nobody wants to know any more.

        Raises:
            NotCheckerError: its vocabulary has no token for "yes", or none for "no".
            ModelError: it cannot be asked.
        """
        self._chat = chat
        self._unwanted = unwanted
        self._yes, self._no = _tokens(chat, YES), _tokens(chat, NO)

    def __call__(self, source: str, claim: str, *, seconds: float) -> float | None:
        """Return how likely the source supports the claim, 0.5..1: a "no" does not say that the source says otherwise.

        None where the model does not say in time, or says another word, and where nobody wants to know any more.

        Raises:
            ModelError: it cannot be asked.
        """
        asked = messages(source, claim, instructions=INSTRUCTIONS, asked=ASKED)
        both = self._yes + self._no
        word = first_word(self._chat, asked, seconds=seconds, unwanted=self._unwanted, compared=both)
        if word is None or says_yes(word.text) is None:
            return None
        likely = [math.exp(one) for one in word.additional_kwargs["compared"]]
        supported = sum(likely[: len(self._yes)]) / sum(likely)
        return supported + NEUTRAL * (1 - supported)


def _tokens(chat: LocalChat, words: Sequence[str]) -> tuple[int, ...]:
    """Return the tokens that are one of the words."""
    found = [chat.engine.tokenize(word) for word in words]
    alone = {tokens[0] for tokens in found if len(tokens) == 1}
    if not alone:
        raise _speechless(chat.engine.model.name, words)
    return tuple(sorted(alone))


def _speechless(name: str, words: Sequence[str]) -> NotCheckerError:
    return NotCheckerError(
        f"The model {name} has no token for {words[0]!r}, and so cannot judge statements. Name another one "
        "(`checker`), or take that line out of inhouse.toml."
    )
