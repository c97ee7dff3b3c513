"""A file's chat template, rendered in a process of its own: one made to harm costs its own rendering and nothing else.

A sandbox keeps a template from files and modules, but not from loops without end or texts without bound. The process is
started anew with the next messages where it was ended.
"""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from models.child import Child, ChildGoneError
from models.errors import TemplateBrokenError

RENDER_SECONDS = 20.0
"""An honest template takes milliseconds, and its process a second to start on a busy machine."""


class TemplateProcess:
    """A chat template in a process of its own; may be called from several threads."""

    def __init__(self, source: str, special_texts: Mapping[str, str]) -> None:
        """Start the process and compile the template there.

        Raises:
            TemplateBrokenError: when it is not a template, or takes too long or too much memory.
        """
        self._given = {"source": source, "special_texts": dict(special_texts)}
        self._turn = threading.Lock()
        self._child: Child | None = None
        with self._turn:
            self._running()

    def render(self, messages: Sequence[tuple[str, str]]) -> list[tuple[str, bool]]:
        """Return the prompt in pieces; see `ChatTemplate.render`.

        Raises:
            InvalidRequestError: when the template refuses these messages.
            TemplateBrokenError: when it fails in another way, or takes too long or too much memory.
        """
        with self._turn:
            return self._ask(self._running(), {"messages": list(messages)})

    def close(self) -> None:
        """End the process; the next messages start it again."""
        with self._turn:
            self._end()

    def _running(self) -> Child:
        if self._child is not None and not self._child.alive:
            self._end()
        if self._child is None:
            self._child = Child("models.template_worker")
            try:
                self._ask(self._child, self._given)
            except TemplateBrokenError:
                self._end()
                raise
        return self._child

    def _ask(self, child: Child, frame: dict[str, Any]) -> list[tuple[str, bool]]:
        try:
            return child.ask(frame, _pieces, seconds=RENDER_SECONDS)
        except ChildGoneError as error:
            self._end()
            raise TemplateBrokenError(
                "The model's chat template took too long or too much memory and was ended. Choose another model file."
            ) from error

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.close()


def _pieces(answer: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return the pieces of a prompt; none where the process only says that it is ready."""
    if "ready" in answer:
        return []
    return [(str(text), bool(special)) for text, special in answer["pieces"]]
