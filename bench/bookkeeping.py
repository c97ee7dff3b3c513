"""What the engine's own Python costs: the share of its steps' processor time that is not llama.cpp's decode.

The time of the thread that owns the context, outside of `llama_decode`: choosing tokens, which llama.cpp's samplers
do, counts as ours, so the share is rather too high. The threads of llama.cpp compute within the decode only.
`python -m bench.bookkeeping [--model small] [--json]` (half a minute on two cores).
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import llama_cpp.llama_cpp as lib

from app.settings import Settings
from bench.results import shown
from models.batching import Batching
from models.engine import Engine
from models.loading import start_here
from models.plan import Wish
from models.weights import find

PROMPT, ANSWER = 150, 48
STREAMS = (1, 4)
BOUND = 0.05


@dataclass
class Spent:
    """Processor seconds of what was called."""

    calls: int = 0
    thread: float = 0.0
    """Of the calling thread."""
    process: float = 0.0
    """Of all threads meanwhile."""

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and notes what it took."""

        def timed(*arguments: Any) -> Any:
            thread, process = time.thread_time(), time.process_time()
            try:
                return function(*arguments)
            finally:
                self.calls += 1
                self.thread += time.thread_time() - thread
                self.process += time.process_time() - process

        return timed


def measure(engine: Engine, streams: int) -> dict[str, Any]:
    """Return what so many answers at once cost outside of the decode."""
    chance = random.Random(streams)  # noqa: S311 - the same prompts every time
    steps, decodes = Spent(), Spent()
    with (
        patch.object(Batching, "step", steps.around(Batching.step)),
        patch.object(lib, "llama_decode", decodes.around(lib.llama_decode)),
    ):
        prompts = [[chance.randrange(1000, 100_000) for _ in range(PROMPT)] for _ in range(streams)]
        asked = [engine.submit(each, max_tokens=ANSWER, person=str(place)) for place, each in enumerate(prompts)]
        for generation in asked:
            list(generation)
    ours = steps.thread - decodes.thread
    return {
        "name": f"bookkeeping, {streams} streams",
        "value": ours / steps.thread,
        "of_all_threads": ours / steps.process,
        "milliseconds_a_step": 1000 * ours / steps.calls,
        "steps": steps.calls,
        "bound": BOUND,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    path = find(arguments.model, directory=Settings().weights)
    engine = start_here(path, Wish(context_tokens=512, slots=max(STREAMS)))
    lines = [measure(engine, streams) for streams in STREAMS]
    engine.close()
    for line in shown(lines, model=arguments.model, as_json=arguments.json):
        told = f"{line['value']:.2%} of the engine's thread, {line['of_all_threads']:.2%} of all"
        print(f"{line['name']}: {told}, {line['milliseconds_a_step']:.2f} ms a step ({line['steps']} steps)")


if __name__ == "__main__":
    main()
