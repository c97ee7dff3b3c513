"""Two thousand requests that end in every way at every moment leave nothing behind."""

import gc
import random
import time
import tracemalloc

from models.engine import Engine
from models.errors import EngineBusyError
from tests.fakes import ScriptedMemory
from tests.models.conftest import scripted_engine
from tests.models.test_engine import ask, text_of, until

SLOTS = 3
ANSWER = "a" * 12


class Crowd:
    """Asks, reads a little, and often goes away again."""

    def __init__(self, engine: Engine) -> None:
        """Be the same crowd every time."""
        self._engine = engine
        self._chance = random.Random(3)  # noqa: S311 - nothing secret
        self.refused = 0

    def ask(self, number: int) -> None:
        """Ask once, and perhaps cancel."""
        deadline = self._chance.choice((None, None, 0.001, 1.0))
        prompt = [*b"%d?" % (number % 7)]
        try:
            generation = self._engine.submit(
                prompt,
                max_tokens=30,
                person=str(number % 5),
                priority="person" if number % 3 else "background",
                deadline=deadline,
            )
        except EngineBusyError:
            self.refused += 1
            time.sleep(0.001)
            return
        for _ in range(self._chance.randrange(4)):
            generation.next_event(seconds=0.0002)
        if self._chance.random() < 0.7:
            generation.cancel()

    def ask_many(self, count: int) -> None:
        """Ask so often, and wait until everything is over."""
        for number in range(count):
            self.ask(number)
        until(lambda: self._engine.describe().running == 0 and self._engine.describe().waiting == 0)


def bytes_in_use(memory: ScriptedMemory) -> int:
    """Count what is held, without the fake's own record of freed samplers and batches."""
    memory.samplers = [sampler for sampler in memory.samplers if not sampler.closed]
    memory.batches.clear()
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_a_cancel_for_every_moment_leaks_no_slot_sampler_or_byte() -> None:
    memory = ScriptedMemory(slots=SLOTS, slot_tokens=64, answer=ANSWER)
    engine = scripted_engine(memory, max_waiting=30)
    crowd = Crowd(engine)
    tracemalloc.start()
    crowd.ask_many(100)
    before = bytes_in_use(memory)
    crowd.ask_many(2000)
    after = bytes_in_use(memory)
    tracemalloc.stop()
    assert after - before < 20_000, "a tenth of a request each would be 400,000"
    assert memory.samplers == [], "every sampler was freed"
    assert engine._batching._paused == {}
    assert sorted(slot.number for slot in engine._batching._slots.free) == list(range(SLOTS))
    counters = engine.describe().counters
    assert counters["finished"] + counters["cancelled"] + crowd.refused == 2100
    assert counters["cancelled"] > 100
    assert counters["finished"] > 100
    assert text_of(list(ask(engine))) == ANSWER
    engine.close()
