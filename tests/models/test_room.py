"""A second model is loaded beside the first only where it loses nothing by that."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from models.device import GIB, Gpu, Machine
from models.errors import NotEnoughMemoryError
from models.gguf import read_header
from models.plan import Plan, Wish, make_plan
from models.room import NotBesideError, check_beside, without
from models.shape import shape_of
from models.weights import find
from tests.models.conftest import weights

WISH = Wish(context_tokens=4096, slots=2)
MACHINE = Machine(processor="p", cores=2, memory=16 * GIB, free_memory=16 * GIB)
CARD = Gpu(name="Card", free=8 * GIB, total=8 * GIB)


@dataclass
class Present:
    """An engine that serves."""

    plan: Plan
    machine: Machine

    def look(self) -> Machine:
        return self.machine


@pytest.fixture(name="path", scope="module")
def _path() -> Path:
    return find("small", directory=weights())


def present(path: Path, machine: Machine, *, free: int, card_free: int = 0) -> Present:
    """Return the same model as loaded on an empty machine, which now has this much left."""
    plan = make_plan("present", shape_of(read_header(path)), machine, WISH)
    gpus = tuple(replace(gpu, free=card_free) for gpu in machine.gpus)
    return Present(plan, replace(machine, free_memory=free, gpus=gpus))


@pytest.mark.weights
def test_with_room_for_both_there_is_nothing_to_say(path: Path) -> None:
    check_beside(path, WISH, present(path, MACHINE, free=8 * GIB))


@pytest.mark.weights
def test_what_fits_only_alone_is_said_with_the_numbers(path: Path) -> None:
    with pytest.raises(NotBesideError, match=r"beside present: it needs 0\.\d GiB of memory, and 0\.2 GiB are free"):
        check_beside(path, WISH, present(path, MACHINE, free=GIB // 5))


@pytest.mark.weights
def test_a_smaller_context_for_the_sake_of_the_first_model_is_no_room(path: Path) -> None:
    alone = make_plan("alone", shape_of(read_header(path)), MACHINE, WISH)
    tight = present(path, MACHINE, free=round(alone.host_bytes * 0.95))
    assert make_plan("beside", shape_of(read_header(path)), tight.machine, WISH).stepped_down
    with pytest.raises(NotBesideError):
        check_beside(path, WISH, tight)


@pytest.mark.weights
def test_fewer_layers_on_the_card_for_the_sake_of_the_first_model_is_no_room(path: Path) -> None:
    machine = replace(MACHINE, gpus=(CARD,))
    check_beside(path, WISH, present(path, machine, free=15 * GIB, card_free=7 * GIB))
    with pytest.raises(NotBesideError):
        check_beside(path, WISH, present(path, machine, free=15 * GIB, card_free=GIB // 2))


@pytest.mark.weights
def test_what_does_not_even_fit_alone_is_another_error(path: Path) -> None:
    little = present(path, MACHINE, free=GIB // 9)
    little.machine = replace(little.machine, memory=GIB // 2)
    with pytest.raises(NotEnoughMemoryError):
        check_beside(path, WISH, little)


@pytest.mark.weights
def test_a_model_gives_back_what_it_took_and_no_more_than_there_is(path: Path) -> None:
    machine = replace(MACHINE, gpus=(CARD,))
    plan = make_plan("present", shape_of(read_header(path)), machine, WISH)
    left = replace(machine, free_memory=4 * GIB, gpus=(replace(CARD, free=2 * GIB),))
    freed = without(left, plan)
    assert freed.free_memory == 4 * GIB + plan.host_bytes
    assert freed.gpus[0].free == 2 * GIB + plan.cards[0].bytes
    assert without(machine, plan) == machine
