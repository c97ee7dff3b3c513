"""The step, slot by slot, on a scripted context."""

from typing import Any

import pytest

from models.batching import Batching
from models.errors import ModelError
from models.generation import Event, Finished, Generation, Reading, Text
from models.pace import READ_USUAL, USUAL, WORTH_A_STEP
from models.pieces import TILE
from models.request import Request
from tests.fakes import ScriptedMemory


def request(text: str, *, max_tokens: int = 100, stop: tuple[str, ...] = (), **fields: Any) -> Generation:
    asked = Request(prompt=tuple(text.encode()), max_tokens=max_tokens, stop=stop, **fields)
    return Generation(asked, on_cancel=lambda _: None)


def events(generation: Generation) -> list[Event]:
    found = []
    while (event := generation.next_event(seconds=0)) is not None:
        found.append(event)
    return found


def text_of(found: list[Event]) -> str:
    return "".join(event.text for event in found if isinstance(event, Text))


def run(batching: Batching, *, steps: int = 1000) -> None:
    for _ in range(steps):
        if not batching.generations:
            break
        batching.step()


def answered(batching: Batching, text: str, *, max_tokens: int = 100) -> list[Event]:
    generation = request(text, max_tokens=max_tokens)
    batching.admit(generation)
    run(batching)
    return events(generation)


def test_an_answer_comes_token_by_token_and_ends() -> None:
    found = answered(Batching(ScriptedMemory(answer="Héllo")), "Who?")
    assert text_of(found) == "Héllo"
    assert found[:2] == [Reading(0, 4), Reading(4, 4)]
    assert found[-1] == Finished(reason="stop", prompt_tokens=4, completion_tokens=6, cached_tokens=0)


def test_an_answer_of_the_allowed_length_ends_there() -> None:
    found = answered(Batching(ScriptedMemory(answer="endless")), "Who?", max_tokens=3)
    assert text_of(found) == "end"
    assert found[-1] == Finished(reason="length", prompt_tokens=4, completion_tokens=3, cached_tokens=0)


def test_an_answer_ends_where_its_slot_is_full() -> None:
    found = answered(Batching(ScriptedMemory(slot_tokens=8, answer="endless")), "Who?")
    assert text_of(found) == "endl"
    assert isinstance(found[-1], Finished)
    assert found[-1].reason == "length"


def test_a_stop_string_ends_the_answer_before_it() -> None:
    batching = Batching(ScriptedMemory(answer="Fine.\nUser: more"))
    generation = request("How?", stop=("\nUser:",))
    batching.admit(generation)
    run(batching)
    found = events(generation)
    assert text_of(found) == "Fine."
    assert isinstance(found[-1], Finished)
    assert found[-1].reason == "stop"


def test_two_are_decoded_in_one_batch() -> None:
    memory = ScriptedMemory(answers={"a": "first", "b": "second"})
    batching = Batching(memory)
    first, second = request("a?"), request("b?")
    batching.admit(first)
    batching.admit(second)
    run(batching)
    assert (text_of(events(first)), text_of(events(second))) == ("first", "second")
    assert memory.batches[:2] == [{0: 2, 1: 2}, {0: 1, 1: 1}]


def test_a_batch_holds_the_writers_in_the_order_of_their_numbers_and_a_reader_apart() -> None:
    memory = ScriptedMemory(answers={"a": "A", "b": "second", "c": "third"})
    batching = Batching(memory)
    batching.admit(request("a?"))
    second, third = request("b?"), request("c?")
    batching.admit(second)
    while len(batching.generations) == 2:
        batching.step()
    batching.admit(third)
    memory.batches.clear()
    run(batching)
    assert [tuple(batch) for batch in memory.batches[:3]] == [(1, 0), (0, 1), (0, 1)]
    assert (text_of(events(second)), text_of(events(third))) == ("second", "third")


@pytest.mark.parametrize("partial", [True, False])
def test_those_who_write_are_moved_together_when_one_between_them_has_left(*, partial: bool) -> None:
    memory = ScriptedMemory(slots=5, answers={"a": "first of all", "b": "B", "c": "third of all", "e": "fifth of all"})
    memory.partial = partial
    batching = Batching(memory)
    asked = [request(f"{letter}?") for letter in "abcde"]
    for generation in asked:
        batching.admit(generation)
    run(batching)
    assert {tuple(batch) for batch in memory.batches if len(batch) == 3} == {(0, 1, 2)}
    assert [text_of(events(generation)) for generation in asked] == [
        "first of all", "B", "third of all", "ok", "fifth of all"
    ]  # fmt: skip


def test_what_others_hold_is_still_found_after_moving() -> None:
    memory = ScriptedMemory(slots=3, answers={"a": "first of all", "c": "third of all"})
    batching = Batching(memory)
    for text in ("a?", "a long beginning that is kept?", "c?"):
        batching.admit(request(text))
    run(batching)
    assert memory.batches[-1] == {0: 1, 1: 1}
    again = request("a long beginning that is kept?ok")
    batching.admit(again)
    assert again.next_event(seconds=0) == Reading(31, 32)


def test_a_request_joins_while_another_is_written() -> None:
    memory = ScriptedMemory(answers={"a": "first", "b": "second"})
    batching = Batching(memory)
    first, second = request("a?"), request("b?")
    batching.admit(first)
    batching.step()
    batching.admit(second)
    batching.step()
    assert memory.batches[1] == {0: 1, 1: 2}
    run(batching)
    assert (text_of(events(first)), text_of(events(second))) == ("first", "second")


def test_a_long_prompt_is_fed_in_pieces_between_anothers_tokens() -> None:
    memory = ScriptedMemory(slot_tokens=3000, answer="a" * 500)
    batching = Batching(memory)
    batching.admit(request("hi?", max_tokens=500))
    batching.step()
    batching.admit(request("x" * (2 * USUAL - 1) + "?"))
    while batching.generations[1].next_event(seconds=0) != Reading(2 * USUAL, 2 * USUAL):
        batching.step()
    pieces = memory.batches[1:]
    assert all(piece[0] == 1 for piece in pieces), "the writer got its token in every step"
    assert max(piece.get(1, 0) for piece in pieces) == TILE


def test_a_usual_prompt_is_read_at_once_where_another_writes() -> None:
    memory = ScriptedMemory(slot_tokens=2000, answer="a" * 500)
    batching = Batching(memory)
    batching.admit(request("hi?"))
    batching.step()
    batching.admit(request("x" * (2 * READ_USUAL - 1) + "?"))
    while batching.generations[1].next_event(seconds=0) != Reading(2 * READ_USUAL, 2 * READ_USUAL):
        batching.step()
    assert memory.batches[1:] == [{0: 1, 1: READ_USUAL}] * 2


def test_a_prompt_that_ends_a_large_step_does_not_wait_for_anothers() -> None:
    memory = ScriptedMemory(slots=3, slot_tokens=2000)
    batching = Batching(memory)
    for letter in "abc":
        batching.admit(request(letter * (READ_USUAL + WORTH_A_STEP - 1) + "?", max_tokens=1))
    run(batching)
    assert memory.batches == [{slot: count} for slot in range(3) for count in (READ_USUAL, WORTH_A_STEP)]


def readers_beside_a_writer(*, token: float, prompts: int = 4) -> list[dict[int, int]]:
    """Return the batches in which so many prompts are read while one writes; each token takes so many seconds."""
    memory = ScriptedMemory(slots=5, slot_tokens=2000, answer="a" * 500)
    memory.step_seconds, memory.token_seconds = 0.05, token
    batching = Batching(memory)
    batching.admit(request("hi?", max_tokens=500))
    for _ in range(2):
        batching.step()
    for letter in "bcde"[:prompts]:
        batching.admit(request(letter * (WORTH_A_STEP - 1) + "?", max_tokens=1))
    while len(batching.generations) > 1:
        batching.step()
    return memory.batches[2:]


def test_writers_sit_out_every_other_prompt_while_more_wait() -> None:
    writing = [0 in batch for batch in readers_beside_a_writer(token=0.003)]
    assert writing == [True, False, True, True], "nothing is known at the first, none waits behind the last"


def test_writers_sit_nothing_out_where_a_prompt_takes_long() -> None:
    assert all(0 in batch for batch in readers_beside_a_writer(token=0.02))


def test_writers_sit_nothing_out_for_a_single_prompt() -> None:
    assert all(0 in batch for batch in readers_beside_a_writer(token=0.003, prompts=1))


def test_short_prompts_are_read_in_one_step() -> None:
    memory = ScriptedMemory(slots=3)
    batching = Batching(memory)
    for letter in "abc":
        batching.admit(request(f"{letter * 40}?", max_tokens=1))
    run(batching)
    assert memory.batches == [{0: 41, 1: 41, 2: 41}]


@pytest.mark.parametrize(("step", "token"), [(0.065, 0.0008), (0.1, 0.0077)])
def test_a_long_prompt_slows_writers_by_half_and_never_pauses_them_long(step: float, token: float) -> None:
    memory = ScriptedMemory(slots=5, slot_tokens=3000, answer="a" * 2500)
    memory.step_seconds, memory.token_seconds = step, token
    batching = Batching(memory)
    for writer in "abcd":
        batching.admit(request(f"{writer}?", max_tokens=2500))
    for _ in range(20):
        batching.step()
    usual = memory.seconds
    batching.admit(request("x" * 2000 + "?"))
    pauses = []
    while batching.generations[4].next_event(seconds=0) != Reading(2001, 2001):
        batching.step()
        pauses.append(memory.seconds / usual)
    assert sum(pauses) / len(pauses) <= 2.05
    assert max(pauses) < 5


class Rising(ScriptedMemory):
    """A context in which reading takes longer the more was read, and more so in parts of a tile: the small model's."""

    def decode(self) -> bool:
        before = len(self.held[0])
        decoded = super().decode()
        read = self.batches[-1].get(0, 0)
        part = 0.062 + read * (0.0032 + 0.000_002_4 * before)
        tiles = read / TILE * (0.24 + 0.000_05 * before)
        self.seconds = 0.088 + (0.0 if read < 2 else tiles if read >= TILE else part)
        return decoded


def test_a_long_prompt_pauses_writers_for_five_steps_at_most_also_where_tokens_take_ever_longer() -> None:
    memory = Rising(slots=5, slot_tokens=5000, answer="a" * 4500)
    batching = Batching(memory)
    batching.admit(request("x" * 200 + "?", max_tokens=1))
    for writer in "abcd":
        batching.admit(request(f"{writer}?", max_tokens=4500))
    for _ in range(20):
        batching.step()
    batching.admit(request("y" * 4000 + "?"))
    pauses, pieces = [], []
    while batching.generations[4].next_event(seconds=0) != Reading(4001, 4001):
        batching.step()
        pauses.append(memory.seconds / 0.088)
        pieces.append(memory.batches[-1].get(0, 0))
    assert max(pauses) < 5
    assert 1.8 < sum(pauses) / len(pauses) <= 2
    assert sum(piece for piece in pieces if piece == TILE) > 1200
    assert [piece for piece in pieces if piece] == sorted((piece for piece in pieces if piece), reverse=True)


def test_a_prompt_alone_is_read_in_larger_pieces_and_tells_how_far() -> None:
    memory = ScriptedMemory(slot_tokens=2000)
    batching = Batching(memory)
    generation = request("x" * 599 + "?")
    batching.admit(generation)
    run(batching)
    assert [batch[0] for batch in memory.batches[:3]] == [READ_USUAL, READ_USUAL, 600 - 2 * READ_USUAL]
    assert [event.done for event in events(generation) if isinstance(event, Reading)] == [0, 256, 512, 600]


def test_a_prompt_that_begins_like_what_a_slot_holds_is_not_read_again() -> None:
    memory = ScriptedMemory(answer="yes")
    batching = Batching(memory)
    answered(batching, "Is it so?")
    found = answered(batching, "Is it so?yes And why?")
    assert isinstance(found[-1], Finished)
    assert found[-1].cached_tokens == len("Is it so?yes")
    assert batching.counters.cached_tokens == len("Is it so?yes")


def test_the_last_token_of_a_prompt_is_read_even_when_all_of_it_is_held() -> None:
    batching = Batching(ScriptedMemory(answer="yes"))
    first, second = answered(batching, "Is it so or not so?"), answered(batching, "Is it so or not so?")
    assert text_of(first) == text_of(second) == "yes"
    assert isinstance(second[-1], Finished)
    assert second[-1].cached_tokens == len("Is it so or not so?") - 1


def test_a_beginning_another_slot_holds_is_copied() -> None:
    memory = ScriptedMemory(slots=2, answer="long answer")
    batching = Batching(memory)
    batching.admit(request("You are kind. Who?"))
    batching.step()
    second = request("You are kind. Why?")
    batching.admit(second)
    assert second.next_event(seconds=0) == Reading(len("You are kind. Wh"), 18)
    run(batching)
    assert text_of(events(second)) == "long answer"


def test_of_what_others_are_reading_a_prompt_takes_the_longest_beginning() -> None:
    memory = ScriptedMemory(slots=3)
    batching = Batching(memory)
    short, long = "x" * 40, "x" * 40 + "y" * 60
    generations = [request(f"{short}{'a' * 30}?"), request(f"{long}b?"), request(f"{long}c?")]
    for generation in generations:
        batching.admit(generation)
    run(batching)
    ended = [events(generation)[-1] for generation in generations]
    assert [event.cached_tokens for event in ended if isinstance(event, Finished)] == [0, len(short), len(long)]


def test_a_beginning_of_a_few_tokens_is_read_again_rather_than_copied() -> None:
    batching = Batching(ScriptedMemory(slots=2, answer="long answer"))
    batching.admit(request("You are?"))
    batching.step()
    second = request("You are not.")
    batching.admit(second)
    assert second.next_event(seconds=0) == Reading(0, 12)


def test_a_new_conversation_takes_the_empty_slot_next_to_those_in_use() -> None:
    batching = Batching(ScriptedMemory(slots=4, answer="yes"))
    asked = [request(prompt) for prompt in ("One asks.", "Two ask.", "Three ask.", "Four ask.")]
    for generation in asked:
        batching.admit(generation)
    for generation in asked[:3]:
        generation.cancel()
    batching.remove_unwanted()
    batching.admit(request("Five ask."))
    assert sorted(slot.number for slot in batching._slots.busy) == [2, 3]


def test_what_several_prompts_begin_with_is_read_once_even_if_they_come_together() -> None:
    memory = ScriptedMemory(slots=4, slot_tokens=900, answer="yes")
    batching = Batching(memory)
    shared = "You are kind. " * 30
    asked = [request(f"{shared}{name}, who are you?") for name in ("Ada", "Bo", "Cy")] + [request("Something else?")]
    for generation in asked:
        batching.admit(generation)
    run(batching)
    found = [events(generation) for generation in asked]
    assert [text_of(each) for each in found] == ["yes"] * 4
    alone = sum(len(generation.request.prompt) for generation in asked)
    assert batching.counters.read_tokens == alone - 2 * len(shared)
    assert batching.counters.cached_tokens == 2 * len(shared)
    cached = [each[-1].cached_tokens for each in found if isinstance(each[-1], Finished)]
    assert cached == [0, len(shared), len(shared), 0]


def test_nobody_waits_for_a_few_tokens() -> None:
    memory = ScriptedMemory(slots=2, answer="yes")
    batching = Batching(memory)
    for text in ("Hi Ada?", "Hi Bo?"):
        batching.admit(request(text))
    batching.step()
    assert memory.batches == [{0: 7, 1: 6}]


def test_nobody_waits_for_a_prompt_that_is_read_no_more() -> None:
    batching = Batching(ScriptedMemory(slots=3, slot_tokens=900, answer="yes"))
    shared = "You are kind. " * 30
    work = request(f"{shared}later?", priority="background")
    first, second = request(f"{shared}first?"), request(f"{shared}second?")
    batching.admit(work)
    batching.step()
    batching.admit(first)
    batching.admit(second)
    batching.step()
    first.cancelled = True
    batching.remove_unwanted()
    run(batching)
    assert text_of(events(second)) == text_of(events(work)) == "yes"


def test_a_model_that_cannot_go_back_reads_everything_again() -> None:
    memory = ScriptedMemory(slots=1, answer="yes")
    memory.partial = False
    batching = Batching(memory)
    answered(batching, "Is it so?")
    found = answered(batching, "Is it true?")
    assert text_of(found) == "yes"
    assert isinstance(found[-1], Finished)
    assert found[-1].cached_tokens == 0


def test_the_slot_unused_for_longest_is_given_to_a_new_conversation() -> None:
    memory = ScriptedMemory(slots=2)
    batching = Batching(memory)
    answered(batching, "one?")
    answered(batching, "two?")
    answered(batching, "one?ok more?")
    answered(batching, "three?")
    assert bytes(memory.held[0]).startswith(b"one?")
    assert bytes(memory.held[1]).startswith(b"three?")


def test_a_cancelled_generation_leaves_at_once_and_its_prefix_stays() -> None:
    memory = ScriptedMemory(slots=1, answer="a" * 100)
    batching = Batching(memory)
    generation = request("Who?")
    batching.admit(generation)
    batching.step()
    batching.step()
    generation.cancelled = True
    batching.remove_unwanted()
    assert batching.has_free_slot
    found = events(generation)
    assert found[-1] == Finished(reason="cancelled", prompt_tokens=4, completion_tokens=2, cached_tokens=0)
    again = answered(batching, "Who?", max_tokens=2)
    assert isinstance(again[-1], Finished)
    assert again[-1].cached_tokens == 3


def test_an_interrupted_step_is_taken_again_without_loss() -> None:
    memory = ScriptedMemory(answer="fine")
    batching = Batching(memory)
    generation = request("Who?")
    batching.admit(generation)
    memory.decode, decode = (lambda: False), memory.decode  # type: ignore[method-assign]
    batching.step()
    memory.decode = decode  # type: ignore[method-assign]
    run(batching)
    assert text_of(events(generation)) == "fine"


def test_an_interruption_that_empties_a_slot_makes_it_read_again() -> None:
    memory = ScriptedMemory(answer="fine")
    batching = Batching(memory)
    generation = request("Who?")
    batching.admit(generation)
    batching.step()
    batching.step()

    def lose() -> bool:
        memory.held[0].append(0)
        return False

    memory.partial = False
    memory.decode, decode = lose, memory.decode  # type: ignore[method-assign]
    batching.step()
    memory.decode = decode  # type: ignore[method-assign]
    run(batching)
    assert text_of(events(generation)) == "fine"


def test_a_batch_that_fails_ends_every_generation_with_the_error_and_the_next_works() -> None:
    memory = ScriptedMemory(answer="fine")
    batching = Batching(memory)
    generations = [request("a?"), request("b?")]
    for generation in generations:
        batching.admit(generation)
    memory.fails = ModelError("broken")
    with pytest.raises(ModelError) as caught:
        batching.step()
    batching.fail(caught.value)
    for generation in generations:
        with pytest.raises(ModelError, match="broken"):
            list(generation)
    assert text_of(answered(batching, "c?")) == "fine"


def test_counters_tell_what_was_computed() -> None:
    batching = Batching(ScriptedMemory(answer="yes"))
    answered(batching, "Who can say who it is?")
    answered(batching, "Who can say who it is?")
    counters = batching.counters
    assert (counters.read_tokens, counters.cached_tokens, counters.written_tokens) == (23, 21, 6)
    assert (counters.finished, counters.cancelled) == (2, 0)
