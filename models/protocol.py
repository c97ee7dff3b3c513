"""The words a product and its engine exchange: values as JSON, for the frames of `models.frames`.

Knows no process and no engine.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.device import Gpu, Machine
from models.frames import pack_error, unpack_error
from models.generation import Event, Finished, Reading, Text, Waiting
from models.plan import CardShare, Plan
from models.saved import Place

_EVENTS = {event.__name__: event for event in (Finished, Reading, Text, Waiting)}


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
