"""Conversations that leave the engine's memory for a file and come back, on a scripted context."""

import errno
import os
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import numpy as np
import pytest

from models.batching import Batching
from models.errors import NotErasedError
from models.generation import Event, Finished, Reading
from models.saved import Place, SavedStates, destroy
from models.sealed import Bytes
from models.slots import WORTH_FETCHING, WORTH_SAVING
from tests.fakes import ScriptedMemory
from tests.models.conftest import scripted_engine
from tests.models.test_batching import answered, events, request, run, text_of
from tests.models.test_engine import SECONDS, until

SYSTEM = "You are kind, and you know this house by the sea very well. "
STORY = "A zeppelin landed in the garden, and out of it came an old xylophonist with a walrus. " * 4
OTHER = "Tell me about something else, about bread and salt and lamps and letters, please. " * 4
KEY = bytes(range(32))

Open = Callable[..., SavedStates]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


@pytest.fixture(name="open_saved")
def _open_saved(folder: Path) -> Iterator[Open]:
    opened: list[SavedStates] = []

    def open_saved(*, about: str = "scripted", key: bytes = KEY, most_bytes: int = 10**6) -> SavedStates:
        opened.append(SavedStates(Place(folder=folder, key=key, most_bytes=most_bytes), about=about))
        return opened[-1]

    yield open_saved
    for saved in opened:
        saved.close()


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def zeros(size: int) -> Bytes:
    return np.zeros(size, np.uint8)


def memory_of(slots: int = 1) -> ScriptedMemory:
    return ScriptedMemory(slots=slots, slot_tokens=2000, answer="yes")


def cached(found: list[Event]) -> int:
    assert isinstance(found[-1], Finished)
    return found[-1].cached_tokens


def tell(batching: Batching, saved: SavedStates, text: str) -> list[Event]:
    """Answer, and wait until what left for a file is there."""
    found = answered(batching, text)
    saved.settle()
    return found


def test_where_time_is_short_the_conversation_used_last_is_saved(
    open_saved: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = open_saved()
    batching = Batching(memory_of(slots=2), saved)
    for text in (STORY, OTHER):
        answered(batching, f"{text}?")
    moments = iter([0.0, 0.5])
    monkeypatch.setattr("models.slots.time", SimpleNamespace(monotonic=lambda: next(moments, 9.0)))
    batching.save_all(seconds=1.0)
    shared = [saved.shared(tuple(text.encode())) or 0 for text in (STORY, OTHER)]
    assert shared[1] == len(OTHER)
    assert shared[0] < WORTH_SAVING


def test_a_conversation_that_lost_its_slot_comes_back_from_its_file(open_saved: Open, folder: Path) -> None:
    saved, memory = open_saved(), memory_of()
    batching = Batching(memory, saved)
    tell(batching, saved, SYSTEM + STORY + "?")
    assert files(folder) == [], "nothing has left its slot yet"
    tell(batching, saved, SYSTEM + OTHER + "?")
    assert len(files(folder)) == 1
    found = tell(batching, saved, SYSTEM + STORY + "?yes And then?")
    assert text_of(found) == "yes"
    assert cached(found) == len(SYSTEM + STORY + "?yes")
    assert Reading(cached(found), len(SYSTEM + STORY + "?yes And then?")) in found
    assert memory.held[0] == list((SYSTEM + STORY + "?yes And then?yes").encode())
    assert (batching.counters.saved, batching.counters.restored) == (2, 1)


def test_the_next_turn_of_a_conversation_saves_nothing(open_saved: Open, folder: Path) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, SYSTEM + STORY + "?")
    tell(batching, saved, SYSTEM + STORY + "?yes And then?")
    tell(batching, saved, SYSTEM + STORY + "?yes " + OTHER + "?")
    assert files(folder) == []


def test_a_conversation_that_goes_on_from_an_earlier_place_takes_its_own_slot(open_saved: Open, folder: Path) -> None:
    saved, memory = open_saved(), memory_of(slots=2)
    batching = Batching(memory, saved)
    tell(batching, saved, SYSTEM + STORY + "passages?")
    tell(batching, saved, SYSTEM + OTHER + "passages?")
    found = tell(batching, saved, SYSTEM + STORY + "earlier turns instead?")
    assert cached(found) == len(SYSTEM + STORY)
    assert files(folder) == []
    assert bytes(memory.held[1]).startswith((SYSTEM + OTHER).encode())


def test_a_new_conversation_takes_an_empty_slot_and_copies_the_beginning_all_share() -> None:
    memory = memory_of(slots=2)
    batching = Batching(memory)
    answered(batching, SYSTEM + STORY + "?")
    found = answered(batching, SYSTEM + OTHER + "?")
    assert cached(found) == len(SYSTEM)
    assert bytes(memory.held[0]).startswith((SYSTEM + STORY).encode())
    assert cached(answered(batching, SYSTEM + STORY + "?yes And then?")) == len(SYSTEM + STORY + "?yes")


def test_a_model_that_cannot_copy_keeps_a_conversation_in_its_slot() -> None:
    memory = memory_of(slots=2)
    memory.partial = False
    batching = Batching(memory)
    answered(batching, SYSTEM + STORY + "?")
    answered(batching, SYSTEM + STORY + "? And then?")
    assert memory.held[1] == []
    answered(batching, SYSTEM + OTHER + "?")
    assert bytes(memory.held[0]).startswith((SYSTEM + STORY).encode())
    assert bytes(memory.held[1]).startswith((SYSTEM + OTHER).encode())


def test_the_slot_unused_for_longest_is_left_even_where_all_prompts_begin_alike() -> None:
    memory = memory_of(slots=2)
    batching = Batching(memory)
    for text in (STORY, OTHER):
        answered(batching, SYSTEM + text + "?")
    answered(batching, SYSTEM + STORY + "?yes And then?")
    answered(batching, SYSTEM + "third" * 50 + "?")
    assert bytes(memory.held[0]).startswith((SYSTEM + STORY).encode())
    assert bytes(memory.held[1]).startswith((SYSTEM + "third").encode())


def test_short_conversations_are_not_saved(open_saved: Open, folder: Path) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, "x" * (WORTH_SAVING - 5) + "?")
    tell(batching, saved, OTHER + "?")
    assert files(folder) == []


def test_a_state_that_brings_little_more_is_not_fetched(open_saved: Open) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, STORY + "?")
    tell(batching, saved, OTHER + "?")
    found = tell(batching, saved, STORY[: WORTH_FETCHING - 1] + " and nothing more?")
    assert cached(found) == 0
    assert batching.counters.restored == 0


def test_a_part_of_a_saved_conversation_is_enough(open_saved: Open) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, SYSTEM + STORY + "with these passages?")
    tell(batching, saved, OTHER + "?")
    assert cached(tell(batching, saved, SYSTEM + STORY + "with others?")) == len(SYSTEM + STORY + "with ")


def test_a_model_that_cannot_go_back_gets_a_state_only_whole(open_saved: Open) -> None:
    saved, memory = open_saved(), memory_of()
    memory.partial = False
    batching = Batching(memory, saved)
    tell(batching, saved, STORY + "with these passages?")
    tell(batching, saved, OTHER + "?")
    assert cached(tell(batching, saved, STORY + "with others?")) == 0
    found = tell(batching, saved, STORY + "with these passages?yes And then?")
    assert text_of(found) == "yes"
    assert cached(found) == len(STORY + "with these passages?yes")


def ask_once(batching: Batching, saved: SavedStates, before: str, once: str) -> int:
    """Answer a prompt whose end later prompts do not repeat; returns how much of it was known."""
    generation = request(before + once + "?", lasting=len(before))
    batching.admit(generation)
    run(batching)
    saved.settle()
    return cached(events(generation))


def test_only_what_later_prompts_repeat_is_saved(open_saved: Open, folder: Path) -> None:
    saved, memory = open_saved(), memory_of()
    batching = Batching(memory, saved)
    ask_once(batching, saved, SYSTEM + STORY, "its passages" * 40)
    ask_once(batching, saved, SYSTEM + OTHER, "its passages" * 40)
    assert saved.shared(list((SYSTEM + STORY + "its").encode())) == len(SYSTEM + STORY)
    assert ask_once(batching, saved, SYSTEM + STORY, "new passages" * 40) == len(SYSTEM + STORY)
    assert memory.held[0] == list((SYSTEM + STORY + "new passages" * 40 + "?yes").encode())


def test_of_a_question_that_stays_alone_nothing_is_saved(open_saved: Open, folder: Path) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    for passages in (STORY, OTHER, STORY):
        ask_once(batching, saved, SYSTEM, passages)
    assert files(folder) == []


def test_a_model_that_cannot_go_back_saves_no_prompt_that_is_not_repeated_whole(open_saved: Open, folder: Path) -> None:
    saved, memory = open_saved(), memory_of()
    memory.partial = False
    batching = Batching(memory, saved)
    for turns in (STORY, OTHER, STORY):
        assert ask_once(batching, saved, turns, "its passages" * 40) == 0
    assert files(folder) == []


def test_what_one_branch_saved_does_not_keep_another_from_being_saved(open_saved: Open, folder: Path) -> None:
    saved, memory = open_saved(), memory_of()
    memory.partial = False
    batching = Batching(memory, saved)
    for text in (STORY + "one", OTHER, STORY + "two", STORY + "three"):
        tell(batching, saved, text + "?")
    for branch in ("one", "two"):
        assert cached(tell(batching, saved, f"{STORY}{branch}?yes And?")) == len(f"{STORY}{branch}?yes")


def delayed(saved: SavedStates, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let files be read for as long as the test likes; returns what holds the real result and the promised one."""
    pending: list[Any] = []
    fetch = saved.fetch

    def slow(*arguments: Any, **options: Any) -> Any:
        found = fetch(*arguments, **options)
        if found is None:
            return None
        later: Any = type(found)()
        pending.extend((found, later))
        return later

    monkeypatch.setattr(saved, "fetch", slow)
    return pending


def test_others_are_written_for_while_a_state_is_read(open_saved: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    saved, memory = open_saved(), memory_of(slots=2)
    batching = Batching(memory, saved)
    for text in (STORY, OTHER, "third" * 50):
        tell(batching, saved, text + "?")
    pending = delayed(saved, monkeypatch)
    back, other = request(STORY + "?yes And then?"), request("fourth?")
    batching.admit(back)
    batching.admit(other)
    while other in batching.generations:
        batching.step()
    assert text_of(events(other)) == "yes"
    assert back in batching.generations
    real, later = pending
    later.set_result(real.result())
    run(batching)
    found = events(back)
    assert text_of(found) == "yes"
    assert cached(found) == len(STORY + "?yes")


def test_background_work_does_not_use_the_time_in_which_a_persons_state_is_read(
    open_saved: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved, memory = open_saved(), memory_of(slots=2)
    batching = Batching(memory, saved)
    for text in (STORY, OTHER, "third" * 50):
        tell(batching, saved, text + "?")
    pending = delayed(saved, monkeypatch)
    work, back = request("x" * 700 + "?", priority="background"), request(STORY + "?yes And then?")
    batching.admit(work)
    batching.step()
    batching.admit(back)
    memory.batches.clear()
    batching.step()
    assert memory.batches == []  # a step of what nobody waits for would take seconds, and the file is there before
    real, later = pending
    later.set_result(real.result())
    run(batching)
    assert text_of(events(back)) == text_of(events(work)) == "yes"


def test_stop_while_a_state_is_read_frees_the_slot(open_saved: Open) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, STORY + "?")
    tell(batching, saved, OTHER + "?")
    back = request(STORY + "?yes And then?")
    batching.admit(back)
    back.cancelled = True
    batching.remove_unwanted()
    assert batching.has_free_slot
    assert text_of(tell(batching, saved, "third?")) == "yes"


def test_whatever_comes_and_goes_nothing_is_mixed_up_or_leaked(open_saved: Open, folder: Path) -> None:
    """Turns of six conversations on two slots, in a random order, some stopped, while little fits into the folder."""
    chance = random.Random(5)  # noqa: S311 - the same every time
    saved, memory = open_saved(most_bytes=14_000), memory_of(slots=2)
    batching = Batching(memory, saved)
    names = [f"{SYSTEM}{name * 30}" for name in ("Ada ", "Bo ", "Cleo ", "Dan ", "Eve ", "Finn ")]
    memory._answers = {name: f"I am {name[-5:]}".encode() for name in names}
    for _ in range(150):
        asked = {name: request(f"{name}?", max_tokens=40) for name in chance.sample(names, 2)}
        for generation in asked.values():
            batching.admit(generation)
        for _ in range(chance.randrange(12)):
            batching.step()
        if chance.random() < 0.3:
            next(iter(asked.values())).cancelled = True
            batching.remove_unwanted()
        run(batching)
        for name, generation in asked.items():
            told = text_of(events(generation))
            assert f"I am {name[-5:]}".startswith(told) if generation.cancelled else told == f"I am {name[-5:]}"
    saved.settle()
    assert len(batching._slots.free) == 2
    assert batching.counters.restored > 20
    assert saved._waiting == 0
    assert 0 < sum(file.stat().st_size for file in files(folder)) <= 14_000 + 2000


def test_the_next_engine_finds_what_the_last_one_saved_at_its_end(open_saved: Open, folder: Path) -> None:
    engine = scripted_engine(memory_of(slots=2), saved=open_saved())
    for text in (STORY, OTHER):
        list(engine.submit(list((text + "?").encode()), max_tokens=9))
    engine.close()
    assert len(files(folder)) == 2
    engine = scripted_engine(memory_of(slots=2), saved=open_saved())
    for text in (STORY, OTHER):
        prompt = list((text + "?yes And then?").encode())
        last = list(engine.submit(prompt, max_tokens=9))[-1]
        assert isinstance(last, Finished)
        assert last.cached_tokens == len(text + "?yes")
    assert engine.describe().counters["restored"] == 2
    engine.close()
    assert len(files(folder)) == 2, "each conversation's newest state replaces its older one"


def test_what_is_saved_already_is_not_saved_again(open_saved: Open, folder: Path) -> None:
    engine = scripted_engine(memory_of(), saved=open_saved())
    list(engine.submit(list((STORY + "?").encode()), max_tokens=9))
    engine.close()
    (first,) = files(folder)
    engine = scripted_engine(memory_of(), saved=open_saved())
    list(engine.submit(list((STORY + "?yes More?").encode()), max_tokens=9))
    engine.close()
    assert files(folder) == [first]


@pytest.mark.parametrize("other", [{"about": "another model"}, {"key": bytes(32)}])
def test_what_another_model_or_key_saved_is_left_alone(open_saved: Open, folder: Path, other: dict[str, Any]) -> None:
    saved = open_saved()
    saved.save(list(STORY.encode()), lambda: np.zeros(9, np.uint8), then=lambda: None)
    saved.settle()
    stranger = open_saved(**other)
    assert stranger.shared(list(STORY.encode())) is None
    assert len(files(folder)) == 1
    renamed = files(folder)[0].rename(files(folder)[0].with_name(f"{stranger._mark}-{'0' * 32}.state"))
    assert open_saved(**other).shared(list(STORY.encode())) is None, "a name is not enough"
    assert not renamed.exists()


def test_nothing_of_a_conversation_can_be_read_in_files_or_names(open_saved: Open, folder: Path) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, STORY + "?")
    assert b"xylophonist" in batching._memory.state(0).tobytes()
    tell(batching, saved, OTHER + "?")
    (file,) = files(folder)
    assert b"xylophonist" not in file.read_bytes()
    assert np.asarray(list(STORY.encode()), np.int32).tobytes()[:64] not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "gone"])
def test_a_damaged_file_is_removed_and_the_prompt_is_read(open_saved: Open, folder: Path, damage: str) -> None:
    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, STORY + "?")
    tell(batching, saved, OTHER + "?")
    (file,) = files(folder)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    contents = {"cut": bytes(data[:-9]), "changed": bytes(data), "empty": b"", "gone": b""}
    file.write_bytes(contents[damage])
    if damage == "gone":
        file.unlink()
    found = tell(batching, saved, STORY + "?yes And then?")
    assert text_of(found) == "yes"
    assert cached(found) == 0
    assert not file.exists()


def test_damaged_and_unfinished_files_are_removed_at_the_start(open_saved: Open, folder: Path) -> None:
    saved = open_saved()
    saved.save(list(STORY.encode()), lambda: np.zeros(9, np.uint8), then=lambda: None)
    saved.settle()
    (file,) = files(folder)
    file.with_name(f"{saved._mark}-{'0' * 32}.state").write_bytes(b"\xff" * 500)
    file.with_name(f"{saved._mark}-{'1' * 32}.part").write_bytes(b"\xff" * 500)
    assert open_saved().shared(list(STORY.encode())) == len(STORY)
    assert files(folder) == [file]


def test_those_unused_for_longest_leave_the_folder_first(open_saved: Open, folder: Path) -> None:
    saved = open_saved(most_bytes=4000)
    for number in range(6):
        saved.save([number] * 150, lambda: np.zeros(500, np.uint8), then=lambda: None)
        saved.settle()
        for file in files(folder):
            about = file.stat()
            os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns - 10**9))
        if number == 2:
            fetched = saved.fetch([0] * 151, least=9, whole=False)
            assert fetched is not None
            assert fetched.result() is not None
    assert sum(file.stat().st_size for file in files(folder)) <= 4000 + 700
    kept = [number for number in range(6) if saved.shared([number] * 150) == 150]
    assert 0 in kept, "it was used in between"
    assert 5 in kept
    assert 1 not in kept


def test_a_state_larger_than_the_bound_is_not_saved_and_drives_nothing_out(open_saved: Open, folder: Path) -> None:
    saved = open_saved(most_bytes=3000)
    for size in (500, 5000):
        saved.save([size] * 150, partial(zeros, size), then=lambda: None)
        saved.settle()
    assert saved.shared([500] * 150) == 150
    assert len(files(folder)) == 1


def test_a_nearly_full_disk_is_left_alone(open_saved: Open, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 5000, 5000))
    saved = open_saved()
    saved.save([1] * 150, lambda: np.zeros(600, np.uint8), then=lambda: None)
    saved.settle()
    assert files(folder) == []


def test_a_full_disk_costs_the_state_and_nothing_else(
    open_saved: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(stream: BinaryIO, *_: Any, **__: Any) -> None:
        stream.write(b"the first piece")
        raise OSError(errno.ENOSPC, "No space left on device")

    saved = open_saved()
    batching = Batching(memory_of(), saved)
    tell(batching, saved, STORY + "?")
    monkeypatch.setattr("models.saved.write_sealed", full)
    assert text_of(tell(batching, saved, OTHER + "?")) == "yes"
    assert files(folder) == []
    assert batching.counters.saved == 0
    monkeypatch.undo()
    assert text_of(tell(batching, saved, STORY + "?")) == "yes"
    assert len(files(folder)) == 1, "the next one is saved again"


def test_a_folder_that_cannot_be_used_costs_only_the_cache(folder: Path) -> None:
    folder.write_text("a file where a folder should be")
    saved = SavedStates(Place(folder=folder, key=KEY, most_bytes=10**6), about="scripted")
    batching = Batching(memory_of(), saved)
    for text in (STORY, OTHER, STORY):
        assert text_of(tell(batching, saved, text + "?")) == "yes"
    saved.close()


def test_forgetting_destroys_files_and_empties_slots(open_saved: Open, folder: Path) -> None:
    saved, memory = open_saved(), memory_of(slots=2)
    engine = scripted_engine(memory, saved=saved)
    stranger = open_saved(about="another model")
    stranger.save([1] * 150, lambda: np.zeros(9, np.uint8), then=lambda: None)
    stranger.settle()
    for text in (STORY, OTHER, "third" * 50):
        list(engine.submit(list((text + "?").encode()), max_tokens=9))
    saved.settle()
    assert len(files(folder)) == 2
    engine.forget()
    assert files(folder) == []
    assert memory.held == [[], []]
    prompt = list((STORY + "?").encode())
    last = list(engine.submit(prompt, max_tokens=9))[-1]
    assert isinstance(last, Finished)
    assert last.cached_tokens == 0
    engine.close()
    assert len(files(folder)) == 1, "what comes later is saved again"


def test_what_is_written_or_waits_meanwhile_leaves_nothing_behind(open_saved: Open, folder: Path) -> None:
    memory = memory_of()
    engine = scripted_engine(memory, saved=open_saved())
    memory.gate = threading.Event()
    running = engine.submit(list((STORY + "?").encode()), max_tokens=9)
    waiting = engine.submit(list((OTHER + "?").encode()), max_tokens=9)
    assert running.next_event(seconds=SECONDS) == Reading(0, len(STORY + "?"))
    forgetting = threading.Thread(target=engine.forget)
    forgetting.start()
    until(lambda: engine._forgets == 1)
    memory.gate.set()
    assert text_of(list(running)) == text_of(list(waiting)) == "yes"
    forgetting.join(SECONDS)
    engine.close()
    assert files(folder) == []


def test_what_is_on_its_way_to_a_file_is_forgotten_too(
    open_saved: Open, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()

    def slow(stream: BinaryIO, *_: Any, **__: Any) -> None:
        stream.write(b"the first piece")
        gate.wait(SECONDS)

    saved = open_saved()
    monkeypatch.setattr("models.saved.write_sealed", slow)
    saved.save([1] * 150, partial(zeros, 9), then=lambda: None)
    until(lambda: files(folder))
    forgetting = threading.Thread(target=saved.forget)
    forgetting.start()
    until(lambda: saved.shared([1]) is None and saved._room is None)
    gate.set()
    forgetting.join(SECONDS)
    assert files(folder) == []
    assert saved.shared([1]) is None


def test_an_engine_that_was_not_told_writes_nothing_any_more(open_saved: Open, folder: Path) -> None:
    orphan = open_saved()
    destroy(folder)
    open_saved()
    orphan.save([1] * 150, lambda: np.zeros(9, np.uint8), then=lambda: None)
    orphan.settle()
    assert files(folder) == []


THIRD = "third" * 50 + "?"


def test_an_engine_that_was_not_told_forgets_when_it_notices_and_saves_again(open_saved: Open, folder: Path) -> None:
    """As one that was still being loaded; the prompt with which it notices may have been made before."""
    engine = scripted_engine(memory_of(slots=2), saved=open_saved())
    for text in (STORY, OTHER):
        list(engine.submit(list((text + "?").encode()), max_tokens=9))
    destroy(folder)
    last = list(engine.submit(list((STORY + "?yes More?").encode()), max_tokens=9))[-1]
    assert isinstance(last, Finished)
    assert last.cached_tokens == 0
    list(engine.submit(list(THIRD.encode()), max_tokens=9))
    engine.close()
    saved = open_saved()
    assert saved.shared(list(THIRD.encode())) == len(THIRD)
    assert saved.shared(list(OTHER.encode())) == 0, "it was read before"


def test_two_engines_on_one_folder_both_save_after_both_were_told(open_saved: Open, folder: Path) -> None:
    engines = {about: scripted_engine(memory_of(), saved=open_saved(about=about)) for about in ("one", "another")}
    for engine in engines.values():
        engine.forget()
    for about, engine in engines.items():
        for text in (STORY + "?", THIRD):
            list(engine.submit(list(text.encode()), max_tokens=9))
        engine.close()
        assert open_saved(about=about).shared(list(THIRD.encode())) == len(THIRD)


def test_what_cannot_be_destroyed_is_said(open_saved: Open, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = open_saved()
    saved.save([1] * 150, lambda: np.zeros(9, np.uint8), then=lambda: None)
    saved.settle()
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(NotErasedError, match="cannot be removed"):
        destroy(folder)
