"""The device plan: what goes where, what gives way first, and how it is said."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.device import GIB, Gpu, Machine
from models.engine import Engine
from models.errors import NotEnoughMemoryError
from models.gguf import read_header
from models.loading import in_words, load, start_or_step_down
from models.pace import READ_MOST
from models.plan import Plan, Wish, make_plan, sentence, step_down
from models.shape import ModelShape, shape_of
from models.weights import find
from tests.fakes import ScriptedMemory
from tests.models.conftest import scripted_engine, weights

MIB = 2**20
SHAPE = ModelShape(
    layers=(100 * MIB,) * 28,
    output=200 * MIB,
    embeddings=150 * MIB,
    remembered=512,
    window=0,
    full_every=1,
    width=1536,
    inner_width=8960,
    vocabulary=150_000,
    trained_context=32_768,
)
WISH = Wish(context_tokens=8192, slots=4)


def machine(free: float = 32, *cards: float) -> Machine:
    """Return six cores with so many GiB free, and cards with so many GiB free of eight."""
    gpus = tuple(Gpu(name=f"card {number}", free=int(card * GIB), total=8 * GIB) for number, card in enumerate(cards))
    return Machine(processor="x", cores=6, memory=64 * GIB, free_memory=int(free * GIB), gpus=gpus, features="")


def plan(free: float = 32, *cards: float, wish: Wish = WISH, shape: ModelShape = SHAPE) -> Plan:
    return make_plan("model", shape, machine(free, *cards), wish)


def plan_on(features: str, shape: ModelShape, *cards: float) -> Plan:
    """Return the plan where llama.cpp says that of the processor."""
    return make_plan("model", shape, replace(machine(32, *cards), features=features), WISH)


def test_without_a_card_everything_is_the_processors() -> None:
    made = plan()
    assert (made.gpu_layers, made.split, made.stepped_down) == (0, (), False)
    assert made.host_bytes > sum(SHAPE.layers) + SHAPE.output
    assert sentence(made) == (
        "All 28 layers on 6 cores, 4.1 of 32.0 GiB of free memory; 4 people at once with 8,192 tokens each."
    )


def test_a_card_with_room_takes_everything_the_output_too() -> None:
    made = plan(32, 6)
    assert made.gpu_layers == 29
    assert made.host_bytes < GIB
    assert sentence(made).startswith("All 28 layers on card 0, ")
    assert "the rest" not in sentence(made)


def test_a_small_card_takes_the_last_layers_and_the_sentence_says_so() -> None:
    made = plan(32, 2)
    assert 0 < made.gpu_layers < 28
    assert made.cards[0].bytes <= 2 * GIB
    assert sentence(made).startswith(f"{made.gpu_layers} of 28 layers on card 0, ")
    assert sentence(made).endswith("; 4 people at once with 8,192 tokens each; the rest on 6 cores.")


def test_two_cards_share_and_a_full_one_takes_nothing() -> None:
    both = plan(32, 2, 2)
    assert len(both.split) == 2
    assert sum(both.split) == both.gpu_layers > plan(32, 2).gpu_layers
    assert plan(32, 0.1, 2).split[0] == 0


def test_eight_bits_are_used_where_they_bring_everything_onto_the_card() -> None:
    assert plan(32, 6).kv_type == "f16"
    assert plan(32, 4.0).kv_type == "q8_0"
    assert plan(32, 4.0).gpu_layers == 29
    assert plan(32, 2).kv_type == "f16"


def test_what_the_person_decided_stays() -> None:
    made = plan(32, 6, wish=replace(WISH, gpu_layers=3, threads=2))
    assert (made.gpu_layers, made.threads) == (3, 2)


def test_a_context_the_model_was_not_trained_for_is_not_offered() -> None:
    assert plan(wish=replace(WISH, context_tokens=10**6, slots=1)).context_tokens == 32_768


def test_too_little_memory_costs_context_first_then_people() -> None:
    less = plan(4.0)
    assert less.stepped_down
    assert (less.slots, less.context_tokens) == (4, 4096)
    least = plan(3.45)
    assert (least.slots, least.context_tokens) < (4, 4096)


def test_no_memory_is_a_sentence_with_the_numbers() -> None:
    with pytest.raises(NotEnoughMemoryError, match=r"The model model needs 3\.\d GiB of memory and 1\.0 GiB are free"):
        plan(1)


def test_stepping_down_frees_the_card_then_halves_context_and_people_and_ends() -> None:
    made: Plan | None = plan(32, 6)
    seen = []
    while made is not None:
        seen.append((made.gpu_layers, made.context_tokens, made.slots))
        made = step_down(made, SHAPE, machine(32, 6))
    assert seen[0] == (29, 8192, 4)
    assert seen[-1] == (0, 1536, 1)
    assert sorted(seen, reverse=True) == seen
    assert (0, 8192, 4) in seen


@given(
    free=st.floats(0.5, 40),
    cards=st.lists(st.floats(0, 12), max_size=3),
    context=st.integers(1, 200_000),
    slots=st.integers(1, 64),
)
def test_a_plan_never_promises_more_memory_than_there_is(
    free: float, cards: list[float], context: int, slots: int
) -> None:
    wish = Wish(context_tokens=context, slots=slots)
    try:
        made = plan(free, *cards, wish=wish)
    except NotEnoughMemoryError:
        return
    assert made.host_bytes <= made.host_free
    assert all(share.bytes <= share.card.free for share in made.cards)
    assert 1 <= made.slots <= slots
    assert 1 <= made.context_tokens <= context
    assert made.batch_tokens == READ_MOST + made.slots


def test_a_sliding_window_is_remembered_no_further_than_it_reaches() -> None:
    sliding = replace(SHAPE, window=512, full_every=6)
    sizes = [sliding.memory(layer, context_tokens=8192, slots=2, batch_tokens=258, kv_type="f16") for layer in range(6)]
    assert sizes[5] == 16_384 * 512 * 2
    assert set(sizes[:5]) == {1536 * 512 * 2}


def test_a_load_that_finds_no_memory_is_tried_again_with_less_and_that_is_said() -> None:
    told: list[str] = []
    tried: list[int] = []

    def start(_path: Path, plan: Plan) -> Engine:
        tried.append(plan.gpu_layers)
        if plan.gpu_layers > 10:
            raise NotEnoughMemoryError
        return scripted_engine(ScriptedMemory())

    made = plan(32, 6)
    engine, used = start_or_step_down(Path("m"), made, SHAPE, machine(32, 6), start=start, tell=told.append)
    engine.close()
    assert tried == [29, 22, 15, 8]
    assert used.gpu_layers == 8
    assert len(told) == 3
    assert "8 of 28 layers" in told[-1]


def test_a_load_that_never_finds_memory_fails_with_its_sentence() -> None:
    def start(_path: Path, _plan: Plan) -> Engine:
        raise NotEnoughMemoryError

    with pytest.raises(NotEnoughMemoryError):
        start_or_step_down(Path("m"), plan(), SHAPE, machine(), start=start, tell=lambda _: None)


@pytest.mark.weights
@pytest.mark.parametrize(("name", "layers", "window"), [("tiny", 18, 512), ("small", 24, 0)])
def test_the_header_of_a_real_file_tells_the_sizes(name: str, layers: int, window: int) -> None:
    path = find(name, directory=weights())
    shape = shape_of(read_header(path))
    assert len(shape.layers) == layers
    assert shape.window == window
    assert shape.vocabulary > 100_000
    assert 0.95 < (sum(shape.layers) + shape.embeddings) / path.stat().st_size < 1.0 or shape.output != shape.embeddings


@pytest.mark.weights
def test_a_real_model_is_loaded_by_its_plan_and_its_speed_remembered(tmp_path: Path) -> None:
    path = find("tiny", directory=weights())
    wish = Wish(context_tokens=512, slots=3, threads=1)
    loaded = load(path, wish, max_waiting=4, speeds=tmp_path, tell=lambda _: None)
    try:
        assert loaded.engine.context_tokens == 512
        assert loaded.engine.describe().slots == 3
        assert in_words(loaded.plan, loaded.speed).startswith("All 18 layers on 1 core, ")
        assert (tmp_path / "speeds.json").exists()
    finally:
        loaded.engine.close()
