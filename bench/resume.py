"""A conversation that comes back from its sealed file, against reading it anew.

A prompt of random words is read (anew), another conversation takes its slot, which saves it, and the prompt returns
with one more token (back). What lies between is measured step by step too: copying the state out and putting it back
is what the engine's thread does; others seal and write, read and open. Medians, wall and CPU.
`python -m bench.resume [--model small] [--tokens 2000 4000] [--rounds 3] [--json]` (four minutes on two cores).
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.settings import Settings
from bench.results import shown
from models.batching import Batching
from models.context import Context
from models.generation import Generation, Text
from models.llama import Model
from models.loading import plan_for
from models.memory import Memory
from models.plan import Wish
from models.request import Request
from models.saved import Place, SavedStates
from models.weights import find

Seconds = tuple[float, float]
"""Wall and CPU."""


def timed(what: Callable[[], Any]) -> tuple[Any, Seconds]:
    """Return what comes of it, and how long it took."""
    started, computed = time.perf_counter(), time.process_time()
    result = what()
    return result, (time.perf_counter() - started, time.process_time() - computed)


def first_token(batching: Batching, prompt: list[int]) -> None:
    """Read a prompt until its first token is there."""
    generation = Generation(Request(prompt=tuple(prompt), max_tokens=1), on_cancel=lambda _: None)
    batching.admit(generation)
    while batching.generations:
        batching.step()
    assert any(isinstance(event, Text) for event in generation), "no token"


def median(rounds: list[Seconds]) -> dict[str, float]:
    """Return the medians."""
    wall, cpu = zip(*rounds, strict=True)
    return {"wall": statistics.median(wall), "cpu": statistics.median(cpu)}


def parts(memory: Memory, saved: SavedStates, tokens: list[int]) -> dict[str, Seconds]:
    """Save what slot 0 holds and load it again, step by step."""
    state, copy = timed(lambda: memory.state(0))
    _, write = timed(lambda: (saved.save(tokens, lambda: state, then=lambda: None), saved.settle()))

    def fetch() -> Any:
        future = saved.fetch([*tokens, 0], least=1, whole=True)
        assert future is not None, "nothing was saved"
        return future.result()

    fetched, read = timed(fetch)
    held, restore = timed(lambda: memory.restore(0, fetched.state, len(tokens)))
    assert held == len(tokens), "not restored"
    return {"copy out": copy, "seal and write": write, "read and open": read, "put back": restore}


def measure(memory: Memory, folder: Path, length: int, rounds: int, vocabulary: range) -> dict[str, Any]:
    """Return the medians for prompts of one length."""
    chance = random.Random(length)  # noqa: S311 - the same prompts every time
    place = Place(folder=folder, key=bytes(32), most_bytes=2**40)
    saved = SavedStates(place, about="bench")
    batching = Batching(memory, saved)
    anew, steps, back = [], [], []
    for _ in range(rounds):
        prompt = chance.choices(vocabulary, k=length)
        anew.append(timed(lambda prompt=prompt: first_token(batching, prompt))[1])  # type: ignore[misc]
        size = memory.state(0).nbytes
        steps.append(parts(memory, saved, prompt))
        first_token(batching, chance.choices(vocabulary, k=64))
        _, seconds = timed(lambda prompt=prompt: first_token(batching, [*prompt, vocabulary[0]]))  # type: ignore[misc]
        back.append(seconds)
    counted = batching.counters
    saved.close()
    assert counted.restored == rounds, "a prompt was read again"
    found = {name: median([step[name] for step in steps]) for name in steps[0]}
    return {"tokens": length, "bytes": size, "anew": median(anew), **found, "back": median(back)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--tokens", type=int, nargs="+", default=[2000, 4000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    path = find(arguments.model, directory=Settings().weights)
    plan, _, _ = plan_for(path, Wish(context_tokens=max(arguments.tokens) + 64, slots=1))
    memory = Context(
        Model(path),
        slot_tokens=plan.context_tokens,
        slots=1,
        batch_tokens=plan.batch_tokens,
        threads=plan.threads,
    )
    vocabulary = range(1000, 20000)
    with tempfile.TemporaryDirectory() as folder:
        lines = [
            measure(memory, Path(folder) / str(length), length, arguments.rounds, vocabulary)
            for length in arguments.tokens
        ]
    memory.close()
    for line in shown(lines, model=arguments.model, as_json=arguments.json):
        print(f"{line['tokens']:,} tokens, {line['bytes'] / 2**20:.0f} MiB")
        for name, seconds in line.items():
            if isinstance(seconds, dict):
                print(f"  {name}: {seconds['wall']:.3f} s, {seconds['cpu']:.3f} CPU seconds")


if __name__ == "__main__":
    main()
