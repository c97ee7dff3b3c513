"""The engine against llama-cpp-python's own `Llama` behind a lock, the usual way to serve several people with it.

Both load the same weights with the same threads in one process; round by round each answers the same prompts, at one
stream and at four, in turns. Printed are tokens written per second and per CPU second, and the time to the first token
(median over streams and rounds), with the ratio of the engine to the baseline. Run on a quiet machine:
`python -m bench.engine [--model small] [--rounds 3] [--prompt 600] [--tokens 64] [--json]` (5 minutes on two cores).
"""

import argparse
import random
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from app.settings import Settings
from bench.results import shown
from models import device
from models.engine import Engine
from models.generation import Finished, Text
from models.loading import start_here
from models.plan import Wish
from models.weights import find

STREAMS = (1, 4)
SHARED = "You answer questions about a house by the sea, its rooms, its people and the animals they keep. " * 10
"""Some 200 tokens that every prompt begins with, as instructions are."""
WORDS = [
    "sea",
    "house",
    "door",
    "window",
    "garden",
    "tree",
    "boat",
    "stone",
    "bread",
    "salt",
    "lamp",
    "rain",
    "wind",
    "bird",
    "cat",
    "winter",
    "summer",
    "letter",
]

Answer = Callable[[list[int], Callable[[], None]], int]
"""A prompt's tokens and what to call at the first token -> how many tokens were written."""


@dataclass
class Measured:
    """What one engine did at one number of streams."""

    wall: list[float] = field(default_factory=list)
    """Tokens a second, of each round."""
    cpu: list[float] = field(default_factory=list)
    """Tokens a CPU second, of each round."""
    first: list[float] = field(default_factory=list)
    """Seconds to the first token, of each stream."""


def ours(engine: Engine, tokens: int, prompt: list[int], begun: Callable[[], None]) -> int:
    """Answer with the engine."""
    written = 0
    for event in engine.submit(prompt, max_tokens=tokens, person=str(threading.get_ident())):
        if isinstance(event, Text) and not written:
            begun()
            written = 1
        if isinstance(event, Finished):
            written = event.completion_tokens
    return written


def locked(model: Any, lock: threading.Lock, tokens: int, prompt: list[int], begun: Callable[[], None]) -> int:
    """Answer with `Llama`, one at a time."""
    with lock:
        written = 0
        for token in model.generate(prompt, temp=0.0, repeat_penalty=1.0):
            if not written:
                begun()
            if token == model.token_eos():
                break
            written += 1
            if written == tokens:
                break
        return written


def run(
    answer: Answer, prompts: list[list[int]], into: Measured, *, cpu: Callable[[], float] = time.process_time
) -> None:
    """Answer all prompts at once and note what it took; `cpu` tells the CPU seconds of the process that decodes."""
    started, computed = time.perf_counter(), cpu()
    written = [0] * len(prompts)

    def stream(number: int) -> None:
        written[number] = answer(prompts[number], lambda: into.first.append(time.perf_counter() - started))

    threads = [threading.Thread(target=stream, args=(number,)) for number in range(len(prompts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    into.wall.append(sum(written) / (time.perf_counter() - started))
    into.cpu.append(sum(written) / (cpu() - computed))


def measure(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """Load both, let them take turns, and return the results."""
    from llama_cpp import Llama  # noqa: PLC0415 - llama.cpp is loaded with the right environment by models

    path = find(arguments.model, directory=Settings().weights)
    context = arguments.prompt + arguments.tokens + 64
    engine = start_here(path, Wish(context_tokens=context, slots=max(STREAMS)))
    baseline = Llama(
        str(path),
        n_ctx=context,
        n_threads=device.cores(),
        n_threads_batch=device.cores(),
        flash_attn=True,
        verbose=False,
    )
    contenders: dict[str, Answer] = {
        "engine": partial(ours, engine, arguments.tokens),
        "locked": partial(locked, baseline, threading.Lock(), arguments.tokens),
    }
    found = {(name, streams): Measured() for name in contenders for streams in STREAMS}
    chance = random.Random(7)  # noqa: S311 - the same prompts every time
    for number in range(arguments.rounds + 1):
        for streams in STREAMS:
            prompts = [make_prompt(engine, chance, arguments.prompt) for _ in range(streams)]
            for name in sorted(contenders, reverse=number % 2 == 1):
                into = found[name, streams] if number else Measured()  # the first round warms up
                run(contenders[name], prompts, into)
    engine.close()
    baseline.close()
    return [result for streams in STREAMS for result in results(found, streams)]


def make_prompt(engine: Engine, chance: random.Random, length: int) -> list[int]:
    """Return a prompt of so many tokens that begins like every other and goes on like none."""
    tokens = engine.tokenize(SHARED + " ".join(chance.choices(WORDS, k=length)))
    question = engine.tokenize(". Tell a long story about this house:")
    return tokens[: length - len(question)] + question


def results(found: dict[tuple[str, int], Measured], streams: int) -> list[dict[str, Any]]:
    """Return medians of one number of streams, the engine beside the baseline."""
    engine, baseline = asdict(found["engine", streams]), asdict(found["locked", streams])
    lines = []
    for key, unit in (("wall", "tokens/s"), ("cpu", "tokens/CPU s"), ("first", "s to the first token")):
        mine, theirs = statistics.median(engine[key]), statistics.median(baseline[key])
        name = f"{streams} stream{'s' if streams > 1 else ''}, {unit}"
        lines.append({"name": name, "value": mine, "unit": unit, "baseline": theirs, "ratio": mine / theirs})
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=int, default=600)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    lines = measure(arguments)
    for line in shown(lines, model=arguments.model, as_json=arguments.json):
        print(f"{line['name']:<38} {line['value']:8.2f}  locked {line['baseline']:8.2f}  ratio {line['ratio']:.2f}")


if __name__ == "__main__":
    main()
