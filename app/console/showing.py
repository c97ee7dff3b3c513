"""The one place that prints, and nothing it prints steers the terminal.

What is printed comes from documents, models and names of files. Knows no command and no shape.
"""

import json
import re
import sys
from typing import Any, TextIO

_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but for tabs and ends of lines, and what turns the direction of text around."""


def plain(text: str) -> str:
    """Return a text with a space for each sign that would steer the terminal."""
    return _STEERING.sub(" ", text)


def show_json(value: Any) -> None:
    """Print a value as JSON on one line, which says exactly what it holds: signs that would steer are spelled out."""
    written = json.dumps(value, ensure_ascii=False)
    print(_STEERING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written), flush=True)  # noqa: T201 - the one place


def show(text: str = "", *, end: str = "\n", to: TextIO | None = None) -> None:
    """Print a text, on standard output unless another stream is named, at once."""
    print(plain(text), end=end, file=to or sys.stdout, flush=True)
