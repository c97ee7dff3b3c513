"""Two thousand requests that end in every way at every moment leave nothing behind."""

import gc
import random
import time
import tracemalloc
from collections import Counter
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from models.engine import Engine
from models.errors import EngineBusyError
from models.generation import Generation
from models.isolated import IsolatedEngine
from models.plan import Wish
from models.process import Order
from models.weights import find
from tests.fakes import ScriptedMemory
from tests.light import speeds
from tests.models.conftest import scripted_engine, weights
from tests.models.test_engine import ask, text_of

SLOTS = 3
ANSWER = "a" * 12


class Crowd:
    """Asks, reads a little, and often goes away again."""

    def __init__(self, engine: Engine | IsolatedEngine, *, patient: bool = False) -> None:
        """Be the same crowd every time; a patient one asks again until it is let into the queue."""
        self._engine = engine
        self._patient = patient
        self._chance = random.Random(3)  # noqa: S311 - nothing secret
        self.asked = self.refused = 0

    def ask(self, number: int) -> None:
        """Ask once, and perhaps cancel."""
        self.asked += 1
        generation = self._submit(number)
        while generation is None and self._patient:
            generation = self._submit(number)
        if generation is None:
            self.refused += 1
            return
        for _ in range(self._chance.randrange(4)):
            generation.next_event(seconds=0.0002)
        if self._chance.random() < 0.7:
            generation.cancel()

    def _submit(self, number: int) -> Generation | None:
        try:
            return self._engine.submit(
                [*b"%d?" % (number % 7)],
                max_tokens=30,
                person=str(number % 5),
                priority="person" if number % 3 else "background",
                deadline=self._chance.choice((None, None, 0.001, 1.0)),
            )
        except EngineBusyError:
            time.sleep(0.001)
            return None

    def ask_many(self, count: int) -> None:
        """Ask so often, and wait until everything is over."""
        for number in range(count):
            self.ask(number)
        while (state := self._engine.describe()).running or state.waiting:
            time.sleep(0.001)


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

    def grown() -> int:
        before = bytes_in_use(memory)
        crowd.ask_many(2000)
        return bytes_in_use(memory) - before

    # what other tests' threads hold in this process is counted too, so a leak is what comes every time
    assert any(grown() < 20_000 for _ in range(3)), "a tenth of a request each would be 400,000"
    tracemalloc.stop()
    assert memory.samplers == [], "every sampler was freed"
    assert engine._batching._paused == {}
    assert sorted(slot.number for slot in engine._batching._slots.free) == list(range(SLOTS))
    counters = engine.describe().counters
    assert counters["finished"] + counters["cancelled"] + crowd.refused == crowd.asked
    assert counters["cancelled"] > 100
    assert counters["finished"] > 100
    assert text_of(list(ask(engine))) == ANSWER
    engine.close()


@pytest.mark.long
@pytest.mark.weights
def test_a_real_model_in_its_process_leaks_no_slot_and_no_memory(tmp_path: Path) -> None:
    wish = Wish(context_tokens=256, slots=SLOTS)
    order = Order(path=find("tiny", directory=weights()), wish=wish, max_waiting=30, speeds=speeds())
    with closing(IsolatedEngine(order, tell=print)) as engine:
        begun = Counter(engine.describe().counters)  # what loading has asked to learn the model's speed
        crowd = Crowd(engine, patient=True)
        crowd.ask_many(300)
        process = psutil.Process(engine.pid)
        before = process.memory_info().rss
        crowd.ask_many(2000)
        assert process.memory_info().rss - before < 16 * 2**20, "8 KB a request"
        done = Counter(engine.describe().counters) - begun
        assert done["finished"] + done["cancelled"] == 2300
        assert min(done["finished"], done["cancelled"]) > 100
        assert text_of(list(engine.submit([2, 651], max_tokens=4)))
