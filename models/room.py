"""Is there room for a second model beside the one that serves?

Knows sizes only. The same plan must come out as if the machine were the second one's alone: a model that got a smaller
context, or fewer layers on a card, because of the one it replaces would keep it for good.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from models.device import GIB, Machine
from models.errors import ModelError, NotEnoughMemoryError
from models.gguf import read_header
from models.plan import Plan, Wish, make_plan
from models.shape import shape_of


class NotBesideError(ModelError):
    """There is no room for both models at once. With a pause the present one is closed first."""

    status = 409


class Holder(Protocol):
    """What is needed of the engine that serves."""

    @property
    def plan(self) -> Plan:
        """By which plan it is loaded."""

    def look(self) -> Machine:
        """Return what the machine offers now, beside it."""


def check_beside(path: Path, wish: Wish, present: Holder) -> None:
    """See that a model can be loaded beside the present one as well as without it.

    Raises:
        NotBesideError: only without it, with the numbers.
        NotEnoughMemoryError: not even without it.
        ModelMissingError, ModelFileDamagedError: the file cannot be used.
    """
    shape, machine = shape_of(read_header(path)), present.look()
    alone = make_plan(path.stem, shape, without(machine, present.plan), wish)
    try:
        beside: Plan | None = make_plan(path.stem, shape, machine, wish)
    except NotEnoughMemoryError:
        beside = None
    if beside is None or _what_it_gets(beside) != _what_it_gets(alone):
        needed, free = alone.host_bytes / GIB, machine.free_memory / GIB
        raise NotBesideError(
            f"There is no room for {path.stem} beside {present.plan.model}: it needs {needed:.1f} GiB of memory, and "
            f"{free:.1f} GiB are free. With a pause {present.plan.model} is closed first, and questions wait until "
            "the other one answers."
        )


def without(machine: Machine, plan: Plan) -> Machine:
    """Return what a machine would offer without the model loaded by this plan."""
    freed = {share.card.name: share.bytes for share in plan.cards}
    gpus = tuple(replace(gpu, free=min(gpu.total, gpu.free + freed.get(gpu.name, 0))) for gpu in machine.gpus)
    return replace(machine, free_memory=min(machine.memory, machine.free_memory + plan.host_bytes), gpus=gpus)


def _what_it_gets(plan: Plan) -> tuple[Any, ...]:
    return plan.gpu_layers, plan.context_tokens, plan.slots, plan.kv_type
