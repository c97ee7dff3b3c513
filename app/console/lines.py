"""Files of JSON lines that a person gives a command: questions, texts, answers.

Knows lines and objects, not what becomes of them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from app.errors import AppError

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a character, which JSON can spell and no model can read."""


class InputFileError(AppError):
    """The file of questions cannot be read."""

    status = 422


def read_objects(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSONL file; empty lines are skipped.

    Raises:
        InputFileError: naming the file and the first line that is no object.
    """
    return [read for _, read in _objects(path)]


def read_lines(path: Path, *, name: str = "_id") -> list[dict[str, Any]]:
    """Return the objects of a JSONL file of questions, queries or texts; empty lines are skipped.

    Args:
        path: the file.
        name: the field that says which one an object is.

    Raises:
        InputFileError: naming the file and the first line that is no object with a "text".
    """
    objects = []
    for number, read in _objects(path):
        if name not in read or not isinstance(read.get("text"), str):
            raise InputFileError(f'Line {number} of {path} is no object with "{name}" and "text".')
        if not _is_history(read.get("history") or []):
            raise InputFileError(f'Line {number} of {path} has a "history" that is no list of {{"speaker","text"}}.')
        objects.append(read)
    return objects


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number of each line that is not empty, and its object."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise InputFileError(f"{path} cannot be read: {reason}.") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                read = whole(json.loads(line, parse_constant=_refuse))
            except (ValueError, RecursionError) as error:
                raise InputFileError(f"Line {number} of {path} is not JSON.") from error
            if not isinstance(read, dict):
                raise InputFileError(f"Line {number} of {path} is no JSON object.")
            yield number, read


def _refuse(constant: str) -> NoReturn:
    """Refuse NaN and the infinities, which are no JSON, so that no result repeats them."""
    raise ValueError(constant)


def whole(read: Any) -> Any:
    """Return what was read with a replacement character for each half of one."""
    if isinstance(read, str):
        return _HALF.sub("\ufffd", read)
    if isinstance(read, list):
        return [whole(each) for each in read]
    if isinstance(read, dict):
        return {whole(name): whole(value) for name, value in read.items()}
    return read


def _is_history(history: Any) -> bool:
    return isinstance(history, list) and all(
        isinstance(said, dict) and isinstance(said.get("speaker"), str) and isinstance(said.get("text"), str)
        for said in history
    )
