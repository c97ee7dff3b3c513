"""What a product and its child processes exchange through pipes: frames of JSON, and errors as JSON.

Not pickle: whoever takes over a child through a cunning model file must not gain the product with it. Knows no process.
"""

import json
import struct
from typing import Any, BinaryIO

from models import errors

FRAME_BYTES = 64 * 2**20
"""Longer than any honest frame: a prompt of a million tokens is 8 MB."""
_LENGTH = struct.Struct("<I")


class BrokenPipeProtocolError(errors.ModelError):
    """A child process said something that cannot be understood. It is started again."""

    status = 503


def write_frame(stream: BinaryIO, value: dict[str, Any]) -> None:
    """Write one frame: four bytes of length, then JSON."""
    data = json.dumps(value, separators=(",", ":")).encode("ascii")
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> dict[str, Any] | None:
    """Return the next frame; None where the stream ends, in the middle of a frame too.

    Raises:
        BrokenPipeProtocolError: it is no frame.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > FRAME_BYTES:
        raise BrokenPipeProtocolError
    data = stream.read(length)
    if len(data) < length:
        return None
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenPipeProtocolError from error
    if not isinstance(value, dict):
        raise BrokenPipeProtocolError
    return value


def pack_error(error: BaseException) -> dict[str, Any]:
    """Return an error as JSON: the name of its class and its own sentence, "" where the class has it."""
    known = isinstance(error, errors.ModelError)
    return {"error": type(error).__name__ if known else "ModelError", "sentence": str(error) if known else ""}


def unpack_error(value: dict[str, Any]) -> errors.ModelError:
    """Return the error `pack_error` packed; a class this module does not know becomes the plain ModelError."""
    found = getattr(errors, str(value["error"]), errors.ModelError)
    known = found if isinstance(found, type) and issubclass(found, errors.ModelError) else errors.ModelError
    sentence = str(value.get("sentence", ""))
    return known(sentence) if sentence else known()
