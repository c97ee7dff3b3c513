"""What a long prompt does to people whose answers are being written: how much slower, and the longest pause.

Four answers are written; then a prompt of random words arrives and is read between their tokens. Compared are the steps
before and while it is read. `python -m bench.arrival [--model small] [--prompt 1000] [--json]` (two minutes).
"""

import argparse
import itertools
import random
import statistics
import threading
import time
from contextlib import suppress
from typing import Any

from app.settings import Settings
from bench.engine import WORDS
from bench.results import shown
from models.engine import Engine
from models.errors import EngineClosedError
from models.generation import Generation, Reading, Text
from models.loading import start_here
from models.plan import Wish
from models.request import Sampling
from models.weights import find

WRITERS = 4
BEFORE = 24
"""Tokens each writes before the prompt arrives."""
LIVELY = Sampling(temperature=1.5, top_k=0, top_p=1.0, seed=7, logprobs=True)
"""So that nobody comes to an end, nothing repeats, and also a token that is half a character tells when it comes."""


def follow(generation: Generation, times: list[float]) -> None:
    """Note when each piece of a text comes."""
    with suppress(EngineClosedError):
        for event in generation:
            if isinstance(event, Text):
                times.append(time.perf_counter())  # noqa: PERF401 - read from outside while it grows


def begin(engine: Engine, count: int) -> list[list[float]]:
    """Let writers begin, and return where their times will be, when each has written a little."""
    begins = [
        engine.tokenize(f"Chapter {number}. Once upon a time in {name}") for number, name in enumerate(WORDS[:count])
    ]
    every: list[list[float]] = [[] for _ in begins]
    for prompt, times in zip(begins, every, strict=True):
        generation = engine.submit(prompt, max_tokens=engine.context_tokens, sampling=LIVELY, person=str(prompt))
        threading.Thread(target=follow, args=(generation, times), daemon=True).start()
    while min(map(len, every)) < BEFORE:
        time.sleep(0.05)
    return every


def read(engine: Engine, length: int) -> tuple[float, float]:
    """Let a prompt arrive and be read; returns when it began and ended."""
    chance = random.Random(7)  # noqa: S311 - the same prompt every time
    prompt = engine.tokenize(" ".join(chance.choices(WORDS, k=2 * length)))[:length]
    started = time.perf_counter()
    for event in engine.submit(prompt, max_tokens=1):
        if isinstance(event, Reading) and event.done == event.total:
            break
    return started, time.perf_counter()


def measure(engine: Engine, length: int) -> dict[str, Any]:
    """Return how much slower the writers were, and their longest pause in usual steps."""
    every = begin(engine, WRITERS)
    started, ended = read(engine, length)
    usual, slowed = [], []
    for times in every:
        gaps = list(itertools.pairwise(times))
        usual += [after - before for before, after in gaps if after < started][BEFORE // 3 :]
        slowed += [after - before for before, after in gaps if before > started and after < ended]
    step = statistics.median(usual)
    return {
        "usual_step": step,
        "slower": statistics.fmean(slowed) / statistics.fmean(usual),
        "longest_pause": max(slowed) / step,
        "read_tokens_a_second": length / (ended - started),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--prompt", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    path = find(arguments.model, directory=Settings().weights)
    engine = start_here(path, Wish(context_tokens=arguments.prompt + 64, slots=WRITERS + 1))
    found = measure(engine, arguments.prompt)
    engine.close()
    for line in shown([found], model=arguments.model, as_json=arguments.json):
        print(
            f"a step {line['usual_step'] * 1000:.0f} ms; while {arguments.prompt:,} tokens were read "
            f"{line['slower']:.2f}x slower (at most 2), longest pause {line['longest_pause']:.1f} steps (at most 5), "
            f"{line['read_tokens_a_second']:.0f} tokens a second read"
        )


if __name__ == "__main__":
    main()
