"""Load a chat model by a device plan, and by a smaller one where the memory turns out too small after all.

Knows no product. What llama.cpp and a driver really take cannot be known before they have taken it, so an engine that
finds no memory is tried again with less, and whoever waits is told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from models.device import Machine, look
from models.engine import Engine
from models.errors import NotEnoughMemoryError
from models.gguf import read_header
from models.plan import Plan, Wish, make_plan, sentence, step_down
from models.saved import Place, SavedStates
from models.shape import ModelShape, shape_of
from models.speed import Speed, speed_of

Start = Callable[[Path, Plan], Engine]
SPEEDS = "speeds.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A running engine, by which plan it was loaded, and how fast it is."""

    engine: Engine
    plan: Plan
    speed: Speed


def in_words(plan: Plan, speed: Speed) -> str:
    """Return plan and speed in plain words."""
    return f"{sentence(plan)} It reads {speed.read:.0f} and writes {speed.written:.0f} tokens a second."


def plan_for(
    path: Path, wish: Wish, *, adapter: Path | None = None, machine: Machine | None = None
) -> tuple[Plan, ModelShape, Machine]:
    """Return the plan for a GGUF file on this machine (or another), with what it was made from.

    Raises:
        ModelMissingError, ModelFileDamagedError, NotEnoughMemoryError: with their sentences.
    """
    headers = [read_header(file) for file in (path, adapter) if file]
    shape, machine = shape_of(*headers), machine or look()
    return make_plan(path.stem, shape, machine, wish), shape, machine


def load(  # noqa: PLR0913 - what a product says of its engine
    path: Path,
    wish: Wish,
    *,
    adapter: Path | None = None,
    max_waiting: int,
    speeds: Path,
    tell: Callable[[str], None],
    less: int = 0,
    place: Place | None = None,
) -> Loaded:
    """Start an engine by the best plan that works, and measure its speed where that was not done before.

    Args:
        path: the GGUF file.
        wish: what somebody would like to have.
        adapter: a LoRA adapter to load with it.
        max_waiting: how many requests may wait.
        speeds: the folder in which measured speeds are remembered.
        tell: gets a sentence whenever it is less than was wished for.
        less: by how many steps the plan is to be smaller than the best one.
        place: where conversations are saved that leave the memory; None: nowhere.

    Raises:
        ModelMissingError, ModelFileDamagedError, NotEnoughMemoryError: with their sentences.
    """
    plan, shape, machine = plan_for(path, wish, adapter=adapter)
    for _ in range(less):
        plan = _smaller(plan, shape, machine)
    if plan.stepped_down:
        tell(f"There is less memory than was wished for. {sentence(plan)}")
    begin = partial(start, adapter=adapter, max_waiting=max_waiting, place=place)
    engine, plan = start_or_step_down(path, plan, shape, machine, start=begin, tell=tell)
    name = path.name + (f" with {adapter.name}" if adapter else "")
    key = f"{name} {path.stat().st_size} {plan.gpu_layers} layers, {plan.threads} threads, {machine.features}"
    return Loaded(engine=engine, plan=plan, speed=speed_of(engine, key=key, file=speeds / SPEEDS))


def start(
    path: Path, plan: Plan, *, adapter: Path | None = None, max_waiting: int = 64, place: Place | None = None
) -> Engine:
    """Load a GGUF file as planned and start an engine on it.

    Raises:
        ModelMissingError, ModelFileDamagedError, NotEnoughMemoryError: with their sentences.
    """
    from models import context, llama  # noqa: PLC0415 - loads llama.cpp, which a plan does not need

    model = llama.Model(path, adapter=adapter, gpu_layers=plan.gpu_layers, split=plan.split)
    memory = context.Context(
        model,
        slot_tokens=plan.context_tokens,
        slots=plan.slots,
        batch_tokens=plan.batch_tokens,
        threads=plan.threads,
        kv_type=plan.kv_type,
    )
    saved = SavedStates(place, about=_about(path, adapter, plan)) if place else None
    return Engine(model, memory, max_waiting=max_waiting, saved=saved)


def _about(path: Path, adapter: Path | None, plan: Plan) -> str:
    """Return all that what a model remembers depends on; a file that was written again counts as another model."""
    files = [(file.name, file.stat()) for file in (path, adapter) if file]
    told = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in files]
    return ", ".join([*told, plan.kv_type, f"llama-cpp-python {version('llama-cpp-python')}"])


def start_here(path: Path, wish: Wish, *, adapter: Path | None = None, place: Place | None = None) -> Engine:
    """Start an engine in this process by the best plan: for tests and measurements.

    Raises:
        ModelMissingError, ModelFileDamagedError, NotEnoughMemoryError: with their sentences.
    """
    plan, _, _ = plan_for(path, wish, adapter=adapter)
    return start(path, plan, adapter=adapter, place=place)


def start_or_step_down(
    path: Path,
    plan: Plan,
    shape: ModelShape,
    machine: Machine,
    *,
    start: Start,
    tell: Callable[[str], None],
) -> tuple[Engine, Plan]:
    """Start an engine by a plan, or by the next smaller one that works.

    Raises:
        NotEnoughMemoryError: when the smallest does not work either.
    """
    while True:
        try:
            return start(path, plan), plan
        except NotEnoughMemoryError:
            plan = _smaller(plan, shape, machine)
            tell(f"The model did not fit into memory as planned. Trying less: {sentence(plan)}")


def _smaller(plan: Plan, shape: ModelShape, machine: Machine) -> Plan:
    smaller = step_down(plan, shape, machine)
    if smaller is None:
        raise NotEnoughMemoryError(
            f"The model {plan.model} does not fit into this machine's memory. Choose a smaller model."
        )
    return smaller
