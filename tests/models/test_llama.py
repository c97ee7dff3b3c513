"""The engine on real models: greedy is greedy, prefixes are reused rightly, sliding windows are not trusted."""

import threading
from pathlib import Path

import numpy as np
import pytest

from models.context import Context
from models.engine import Engine
from models.errors import ModelFileDamagedError, ModelMissingError
from models.generation import Finished, Reading, Text
from models.llama import Model
from models.request import Sampling
from models.slots import Slots
from models.weights import find
from tests.models.conftest import real_engine, weights

pytestmark = pytest.mark.weights

STORY = "Once upon a time there was a small engine that lived in a house by the sea. "


def write(engine: Engine, text: str, *, tokens: int = 12, sampling: Sampling | None = None) -> tuple[str, Finished]:
    prompt = engine.tokenize(text)
    if engine.model.begin is not None:
        prompt = [engine.model.begin, *prompt]
    events = list(engine.submit(prompt, max_tokens=tokens, sampling=sampling or Sampling()))
    assert isinstance(events[-1], Finished)
    return "".join(event.text for event in events if isinstance(event, Text)), events[-1]


def test_greedy_is_repeatable(tiny: Engine) -> None:
    assert write(tiny, STORY)[0] == write(tiny, STORY)[0] != ""


def test_a_seed_makes_chance_repeatable(tiny: Engine) -> None:
    warm = Sampling(temperature=1.0, top_k=50, seed=7)
    first, again = write(tiny, STORY, sampling=warm)[0], write(tiny, STORY, sampling=warm)[0]
    assert first == again
    others = {write(tiny, STORY, sampling=Sampling(temperature=1.0, seed=seed))[0] for seed in range(3)}
    assert len(others) > 1


@pytest.mark.parametrize(
    "sampling", [Sampling(repeat_penalty=1.8), Sampling(frequency_penalty=1.8), Sampling(presence_penalty=1.8)]
)
def test_a_penalty_changes_a_text_that_repeats_itself(tiny: Engine, sampling: Sampling) -> None:
    prompt = "one two one two one two one two"
    assert write(tiny, prompt)[0] != write(tiny, prompt, sampling=sampling)[0]


def test_probabilities_are_those_of_the_model(tiny: Engine) -> None:
    prompt = [tiny.model.begin or 0, *tiny.tokenize("The capital of France is")]
    events = list(tiny.submit(prompt, max_tokens=3, sampling=Sampling(logprobs=True)))
    logprobs = [event.logprob for event in events if isinstance(event, Text)]
    assert all(logprob is not None and -12 < logprob <= 0 for logprob in logprobs)


def test_emoji_and_accents_come_through_whole(small: Engine) -> None:
    text = "Zürich, naïve, 東京, 😀👩‍🚀"
    assert b"".join(small.model.piece(token) for token in small.tokenize(text)).decode() == text  # type: ignore[attr-defined]


def test_a_reused_prefix_gives_the_text_a_cold_prompt_gives(tiny: Engine) -> None:
    prompt = STORY * 3 + "Its name was"
    cold, _ = write(tiny, prompt)
    warm, finished = write(tiny, prompt)
    assert warm == cold
    assert finished.cached_tokens == finished.prompt_tokens - 1


def context(model: Model, *, batch_tokens: int = 512, slots: int = 2) -> Context:
    return Context(model, slot_tokens=2048, slots=slots, batch_tokens=batch_tokens, threads=2)


def logits_after(memory: Context, slot: int, tokens: list[int], *, held: int) -> np.ndarray:
    """Feed the rest of the tokens and return the logits after the last."""
    row = 0
    size = memory.batch_tokens
    for begin in range(held, len(tokens), size):
        memory.clear()
        piece = tokens[begin : begin + size]
        row = memory.add(slot, piece, position=begin, logits=begin + size >= len(tokens))
        assert memory.decode()
    return memory._logits(row).copy()


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether logits differ by rounding only: 0.15 on average where memory is laid out otherwise, 2.6 when wrong."""
    return float(np.abs(one - other).mean()) < 0.5


def test_a_sliding_window_that_moved_on_is_not_gone_back_to() -> None:
    """llama.cpp reports success when such a prefix is kept, and then computes wrong logits."""
    model = Model(find("tiny", directory=weights()))
    assert model.window > 0
    memory = context(model, batch_tokens=128)
    start = [model.begin or 0, *model.tokenize(STORY * 8)][:120]
    long = start + model.tokenize(STORY * 100)[: 5 * model.window // 2]
    other = start + model.tokenize("But the sea was far away.")
    right = logits_after(memory, 0, other, held=0)

    logits_after(memory, 1, long, held=0)
    assert memory.copy(1, 0, len(start)) == 0, "the window no longer holds the prefix: it cannot be copied"
    kept = memory.keep(1, len(start))
    assert kept == 0, "nor kept"
    assert alike(logits_after(memory, 1, other, held=kept), right)
    memory.close()


def test_a_sliding_window_that_still_holds_the_prefix_is_used() -> None:
    model = Model(find("tiny", directory=weights()))
    memory = context(model)
    start = [model.begin or 0, *model.tokenize(STORY)]
    longer = start + model.tokenize("But the sea was far away.")
    right = logits_after(memory, 0, longer, held=0)
    logits_after(memory, 1, start, held=0)
    assert memory.keep(1, len(start)) == len(start)
    assert alike(logits_after(memory, 1, longer, held=len(start)), right)
    memory.close()


def test_a_prefix_copied_from_another_slot_gives_the_same_logits() -> None:
    model = Model(find("small", directory=weights()))
    memory = context(model)
    start, rest = model.tokenize(STORY), model.tokenize("But the sea was far away.")
    right = logits_after(memory, 0, start + rest, held=0)
    assert memory.copy(0, 1, len(start)) == len(start)
    assert alike(logits_after(memory, 1, start + rest, held=len(start)), right)
    memory.close()


@pytest.mark.parametrize("name", ["tiny", "small"])
def test_two_conversations_that_change_places_go_on_as_they_would_have(name: str) -> None:
    model = Model(find(name, directory=weights()))
    memory = context(model, slots=3)
    slots = Slots(memory)
    first, between, last = slots.free
    for slot, text in ((first, "Short."), (between, "But the sea was far away."), (last, STORY * 29 + "The end")):
        slot.sequence = model.tokenize(text)
        logits_after(memory, slot.number, slot.sequence[:-1], held=0)
        slot.held = len(slot.sequence) - 1
    right = [logits_after(memory, slot.number, slot.sequence, held=slot.held) for slot in (between, last)]
    assert [memory.keep(slot.number, slot.held) for slot in (between, last)] == [between.held, last.held]
    slots.gather([first, last])
    assert [slot.number for slot in (first, last, between)] == [0, 1, 2]
    for slot, logits in zip((between, last), right, strict=True):
        assert slot.remaining == 1
        assert alike(logits_after(memory, slot.number, slot.sequence, held=slot.held), logits)
    memory.close()


def test_rejected_guesses_leave_no_trace_in_the_memory() -> None:
    model = Model(find("small", directory=weights()))
    memory = context(model)
    assert memory.goes_back
    start, rest = model.tokenize(STORY), model.tokenize("But the sea was far away.")
    right = [
        logits_after(memory, 0, start + rest[:end], held=0 if end == 1 else len(start) + end - 1) for end in (1, 2)
    ]

    logits_after(memory, 1, start, held=0)
    memory.clear()
    guesses = [*rest[:2], *model.tokenize(" wrong words entirely")]
    row = memory.add(1, guesses, position=len(start), logits=len(guesses))
    assert memory.decode()
    assert alike(memory._logits(row), right[0]), "each guess has logits of its own"
    assert alike(memory._logits(row + 1), right[1])
    assert memory.keep(1, len(start) + 2) == len(start) + 2
    expected = logits_after(memory, 0, start + rest, held=len(start) + 2)
    assert alike(logits_after(memory, 1, start + rest, held=len(start) + 2), expected)
    memory.close()


def test_a_copying_answer_is_written_by_guesses(small: Engine) -> None:
    text = "Red Ada lives at 12 Harbour Lane. Blue Bo lives at 7 Mill Road. Green Cy lives at 93 Station Street. "
    before = small.describe().counters
    _, finished = write(small, text * 3 + "Red Ada lives at", tokens=24)
    counters = small.describe().counters
    assert finished.completion_tokens == 24
    assert counters["accepted_tokens"] - before["accepted_tokens"] > 12
    assert counters["steps"] - before["steps"] < 14


def test_a_model_that_cannot_go_back_is_never_guessed_for(tiny: Engine) -> None:
    write(tiny, "one two three four five. " * 6)
    assert tiny.describe().counters["drafted_tokens"] == 0


def test_reading_a_long_prompt_is_interrupted_within_its_step() -> None:
    model = Model(find("small", directory=weights()))
    memory = context(model)
    memory.clear()
    memory.add(0, model.tokenize(STORY * 40)[:256], position=0, logits=True)
    threading.Timer(0.05, memory.interrupt).start()
    assert not memory.decode(), "it returned before the batch was computed"
    assert memory.keep(0, 0) == 0
    memory.clear()
    memory.add(0, model.tokenize(STORY), position=0, logits=True)
    assert memory.decode(), "and the next batch is computed"
    memory.close()


def test_a_cancelled_reading_frees_the_slot_and_the_next_is_right(small: Engine) -> None:
    expected = write(small, "The capital of France is", tokens=3)[0]
    long = small.submit(small.tokenize(STORY * 40)[:900], max_tokens=5)
    for event in long:
        if isinstance(event, Reading):
            long.cancel()
    assert write(small, "The capital of France is", tokens=3)[0] == expected


def test_several_people_are_answered_at_once(tiny: Engine) -> None:
    steps = tiny.describe().counters["steps"]
    prompts = [
        [tiny.model.begin or 0, *tiny.tokenize(f"{name} went to the market and")] for name in ("Ada", "Bo", "Cy")
    ]
    generations = [tiny.submit(prompt, max_tokens=10, person=str(n)) for n, prompt in enumerate(prompts)]
    for generation in generations:
        assert any(isinstance(event, Text) for event in generation)
    assert tiny.describe().counters["steps"] - steps < 3 * 10


def test_no_more_context_than_the_model_was_trained_for() -> None:
    engine = real_engine("tiny", context_tokens=1_000_000, slots=1)
    assert engine.context_tokens == 32_768
    engine.close()


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="is not there"):
        Model(tmp_path / "none.gguf")


def test_a_file_llama_cannot_load_is_a_sentence_with_its_reason(tmp_path: Path) -> None:
    file = tmp_path / "odd.gguf"
    file.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ModelFileDamagedError, match=r"odd\.gguf cannot be loaded"):
        Model(file)
