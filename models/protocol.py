"""The words a product and its engine exchange through a pipe: frames of JSON, and values as JSON.

Not pickle: whoever takes over the engine's process through a cunning model file must not gain the product with it.
Knows no process and no engine.
"""

import json
import struct
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from models import errors
from models.device import Gpu, Machine
from models.generation import Event, Finished, Reading, Text, Waiting
from models.plan import CardShare, Plan
from models.saved import Place

FRAME_BYTES = 64 * 2**20
"""Longer than any honest frame: a prompt of a million tokens is 8 MB."""
_LENGTH = struct.Struct("<I")
_EVENTS = {event.__name__: event for event in (Finished, Reading, Text, Waiting)}


class BrokenPipeProtocolError(errors.ModelError):
    """The engine's process said something that cannot be understood. It is started again."""

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
    except ValueError as error:
        raise BrokenPipeProtocolError from error
    if not isinstance(value, dict):
        raise BrokenPipeProtocolError
    return value


def pack_event(event: Event | BaseException) -> dict[str, Any]:
    """Return an event, or the error that ends a generation, as JSON."""
    if isinstance(event, BaseException):
        return pack_error(event)
    return {"event": type(event).__name__, **asdict(event)}


def unpack_event(value: dict[str, Any]) -> Event | BaseException:
    """Return what `pack_event` packed."""
    if "error" in value:
        return unpack_error(value)
    fields = dict(value)
    return _EVENTS[fields.pop("event")](**fields)


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


def unpack_plan(value: dict[str, Any]) -> Plan:
    """Return the plan that `dataclasses.asdict` took apart."""
    cards = tuple(CardShare(**share | {"card": Gpu(**share["card"])}) for share in value["cards"])
    return Plan(**value | {"cards": cards})


def pack_place(place: Place | None) -> dict[str, Any] | None:
    """Return where states are saved, and with which key, as JSON."""
    if place is None:
        return None
    return {"folder": str(place.folder), "key": place.key.hex(), "most_bytes": place.most_bytes}


def unpack_place(value: dict[str, Any] | None) -> Place | None:
    """Return what `pack_place` packed."""
    if value is None:
        return None
    return Place(folder=Path(value["folder"]), key=bytes.fromhex(value["key"]), most_bytes=value["most_bytes"])


def unpack_machine(value: dict[str, Any]) -> Machine:
    """Return the machine that `dataclasses.asdict` took apart."""
    return Machine(**value | {"gpus": tuple(Gpu(**gpu) for gpu in value["gpus"])})
