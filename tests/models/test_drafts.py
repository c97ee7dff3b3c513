"""Guessed tokens in the step: they change how long an answer takes, and nothing of it."""

from hypothesis import given
from hypothesis import strategies as st

from models.batching import Batching
from models.generation import Finished, Reading, Text
from models.request import Sampling
from tests.fakes import ScriptedMemory
from tests.models.test_batching import answered, events, request, run, text_of

SENTENCE = "the office in Bonn opens at nine and closes at six."


def memory_of(answer: str, *, lookup: bool = True, slots: int = 1, slot_tokens: int = 512) -> ScriptedMemory:
    memory = ScriptedMemory(slots=slots, slot_tokens=slot_tokens, answer=answer)
    memory.partial = lookup
    return memory


def test_a_quoting_answer_takes_fewer_steps() -> None:
    plain, quick = Batching(memory_of(SENTENCE, lookup=False)), Batching(memory_of(SENTENCE))
    texts = [text_of(answered(batching, f"We say: {SENTENCE} When?")) for batching in (plain, quick)]
    assert texts == [SENTENCE, SENTENCE]
    assert quick.counters.steps < plain.counters.steps / 2
    assert quick.counters.steps + quick.counters.accepted_tokens == plain.counters.steps
    assert 0 < quick.counters.accepted_tokens <= quick.counters.drafted_tokens
    assert plain.counters.drafted_tokens == 0


@given(st.text("ab", max_size=40), st.text("ab", max_size=40), st.integers(1, 50), st.sampled_from(["", "ba", "abba"]))
def test_guesses_change_nothing_of_an_answer(prompt: str, answer: str, max_tokens: int, stop: str) -> None:
    found = []
    for lookup in (True, False):
        memory = memory_of(answer, lookup=lookup)
        batching = Batching(memory)
        generation = request(prompt + "?", max_tokens=max_tokens, stop=(stop,) if stop else ())
        batching.admit(generation)
        run(batching)
        ended = [event for event in events(generation) if not isinstance(event, Reading)]
        found.append((ended, memory.samplers[0].chosen, batching.counters.written_tokens))
        held = bytes(memory.held[0]).decode()
        assert f"{prompt}?{answer}".startswith(held), "rejected guesses are gone from the memory"
    assert found[0] == found[1], "the same events, and the sampler saw the same tokens"


def test_the_sampler_sees_each_token_once_though_guesses_were_wrong() -> None:
    answer = "abcde abcdX abcdY abcdZ"
    memory = memory_of(answer)
    batching = Batching(memory)
    assert text_of(answered(batching, "abcdQQ?")) == answer
    assert bytes(memory.samplers[0].chosen[:-1]).decode() == answer
    assert batching.counters.accepted_tokens < batching.counters.drafted_tokens


def test_the_next_turn_reuses_what_was_written_with_guesses() -> None:
    batching = Batching(memory_of(SENTENCE))
    prompt = f"We say: {SENTENCE} When?"
    answered(batching, prompt)
    last = answered(batching, f"{prompt}{SENTENCE} And why?")[-1]
    assert isinstance(last, Finished)
    assert last.cached_tokens == len(prompt + SENTENCE)


def test_an_answer_that_fills_its_slot_guesses_not_beyond_it() -> None:
    prompt = f"{SENTENCE} When?"
    batching = Batching(memory_of(SENTENCE, slot_tokens=len(prompt) + 20))
    found = answered(batching, prompt)
    assert text_of(found) == SENTENCE[:20]
    assert batching.counters.accepted_tokens


def test_every_token_has_its_own_probability() -> None:
    memory = memory_of(SENTENCE)
    batching = Batching(memory)
    generation = request(f"{SENTENCE} When?", sampling=Sampling(logprobs=True))
    batching.admit(generation)
    run(batching)
    texts = [event for event in events(generation) if isinstance(event, Text)]
    assert len(texts) == len(SENTENCE)
    assert all(event.logprob is not None for event in texts)
    assert batching.counters.accepted_tokens


def test_nobody_guesses_while_somebody_reads() -> None:
    memory = memory_of(SENTENCE * 4, slots=2, slot_tokens=2000)
    batching = Batching(memory)
    batching.admit(request(f"{SENTENCE} When?", max_tokens=200))
    batching.step()
    batching.admit(request("x" * 700 + "?"))
    while batching.generations[1].next_event(seconds=0) != Reading(701, 701):
        batching.step()
    assert all(batch[0] == 1 for batch in memory.batches[1:])
    run(batching)
    assert batching.counters.accepted_tokens


def test_guesses_are_made_for_somebody_who_writes_alone_only() -> None:
    memory = memory_of(SENTENCE, slots=4)
    batching = Batching(memory)
    for person in "abcd":
        batching.admit(request(f"{person} {SENTENCE} When?"))
    while len(batching.generations) > 1:
        batching.step()
    assert batching.counters.written_tokens > 4 * len(SENTENCE) // 2
    assert batching.counters.drafted_tokens == 0


def test_an_interrupted_step_with_guesses_is_taken_again_without_loss() -> None:
    memory = memory_of(SENTENCE)
    batching = Batching(memory)
    generation = request(f"{SENTENCE} When?")
    batching.admit(generation)
    decode, calls = memory.decode, iter(range(1000))
    memory.decode = lambda: next(calls) % 2 == 0 and decode()  # type: ignore[method-assign]
    run(batching)
    assert text_of(events(generation)) == SENTENCE
    assert memory.samplers[0].chosen[:-1] == list(SENTENCE.encode())
