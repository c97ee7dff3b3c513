"""What a page's event brings, before a handler works with it: texts, lists of texts, and which message is meant.

Gradio passes on whatever a browser sends. Knows types; no handler and no product.
"""

import inspect
from collections.abc import Sequence
from dataclasses import is_dataclass

from app.errors import AppError
from app.store.history import StoredTurn

TEXT, TEXTS = (str, str | None), (list[str], list[str] | None)


class UnfitValueError(AppError):
    """The page sent something that cannot be used. Load it again, then try once more."""

    status = 422


def fitted(parameters: Sequence[inspect.Parameter], values: Sequence[object]) -> list[object]:
    """Return values as the types of a handler's parameters promise them; what is missing is an empty one.

    Texts, lists of texts and values of ours are looked at: requests and what Gradio tells of an event are Gradio's own.

    Raises:
        UnfitValueError: one is something else.
    """
    return [_fitted(parameter.annotation, value) for parameter, value in zip(parameters, values, strict=True)]


def _fitted(kind: object, value: object) -> object:
    if kind in TEXT:
        return _text(value) if value is not None else "" if kind is str else None
    if kind in TEXTS:
        if isinstance(value, list):
            return [_text(one) for one in value]
        if value is not None:
            raise UnfitValueError
        return [] if kind == list[str] else None
    if isinstance(kind, type) and is_dataclass(kind) and not isinstance(value, kind):
        raise UnfitValueError
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise UnfitValueError
    return value.encode(errors="ignore").decode()  # half of a pair of surrogates is a str, but cannot be stored


def turn_at(turns: Sequence[StoredTurn], index: object) -> StoredTurn:
    """Return the turn to which a message of the page belongs; question and answer take a message each.

    Args:
        turns: of the conversation.
        index: the message's number from 0, or a list that begins with it.

    Raises:
        UnfitValueError: the conversation has no such message.
    """
    position = index[0] if isinstance(index, list | tuple) and index else index
    if not isinstance(position, int) or not 0 <= position < 2 * len(turns):
        raise UnfitValueError
    return turns[position // 2]
