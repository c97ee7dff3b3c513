"""Messages -> the prompt a chat model expects, by the template in its own file.

A chat template is somebody else's program: it is rendered in a sandbox that can reach no attribute, file or module.
And a message is somebody else's text: were the rendered prompt tokenised as one string, a document holding
"<|im_end|>" could end its own message and speak as the system. So each message is fenced with two characters that
stand for nothing, and what lies between them is tokenised without marker tokens.

The sandbox bounds neither time nor memory, so files' templates are rendered apart (`models.template_process`). Knows no
engine; the fences are gone before anything else sees the prompt.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from jinja2.sandbox import ImmutableSandboxedEnvironment

from models.errors import InvalidRequestError, TemplateBrokenError

OPEN, CLOSE = "\ufdd0", "\ufdd1"
"""Unicode noncharacters: no text has a use for them, and they are taken out of messages."""

PLAIN = "{{ bos_token }}{% for m in messages %}{{ m.role | capitalize }}: {{ m.content }}\n\n{% endfor %}Assistant:"
"""For models that bring no template (base models)."""

_FENCES = re.compile(f"[{OPEN}{CLOSE}]")


class ChatTemplate:
    """A compiled chat template and the texts of the marker tokens it may ask for."""

    def __init__(self, source: str | None, special_texts: Mapping[str, str]) -> None:
        """Compile the template.

        Raises:
            TemplateBrokenError: when it is not a template.
        """
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
        environment.filters["tojson"] = lambda value, **_: json.dumps(value, ensure_ascii=False)
        environment.globals |= {"raise_exception": _refuse}
        self._special_texts = dict(special_texts)
        try:
            self._template = environment.from_string(source or PLAIN)
        except Exception as error:  # a template may also be too deep, or want too much memory
            raise TemplateBrokenError from error

    def render(self, messages: Sequence[tuple[str, str]]) -> list[tuple[str, bool]]:
        """Return the prompt in pieces, each with whether its marker tokens count.

        Args:
            messages: (role, text), with the roles system, user and assistant.

        Raises:
            InvalidRequestError: when the template refuses these messages (two of one role in a row, for instance).
            TemplateBrokenError: when it fails in another way.
        """
        fenced: list[dict[str, Any]] = [
            {"role": role, "content": OPEN + _FENCES.sub("", text) + CLOSE} for role, text in messages
        ]
        try:
            prompt = self._template.render(messages=fenced, add_generation_prompt=True, **self._special_texts)
        except _RefusedError as error:
            raise InvalidRequestError(f"The model cannot take these messages: {error}.") from error
        except Exception as error:  # somebody else's program: it may raise anything
            raise TemplateBrokenError from error
        pieces = []
        for index, piece in enumerate(_FENCES.split(prompt)):
            if piece:
                pieces.append((piece, index % 2 == 0))
        return pieces


class _RefusedError(Exception):
    """The template called raise_exception."""


def _refuse(reason: str) -> NoReturn:
    raise _RefusedError(reason)
