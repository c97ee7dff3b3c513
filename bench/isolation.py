"""What it costs that the engine has a process of its own: the same requests to one there and to one in this process.

They take turns; the processor time is that of both processes. Run: `python -m bench.isolation [--model NAME]
[--rounds N] [--tokens N]`.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from app.settings import Settings
from models.engine import Engine
from models.generation import Finished
from models.isolated import IsolatedEngine
from models.loading import start_here
from models.plan import Wish
from models.process import Order
from models.weights import find

PROMPT = "Explain in a few plain sentences what a front desk does, and for whom. "


def spent() -> float:
    """Return the processor time of this process and its children, in seconds."""
    here = psutil.Process()
    return float(sum(sum(process.cpu_times()[:2]) for process in (here, *here.children(recursive=True))))


def run(engine: Engine | IsolatedEngine, number: int, tokens: int) -> tuple[float, float, int]:
    """Return processor seconds, wall seconds and tokens of one request, whose prompt was never read before."""
    prompt = engine.tokenize(f"Request {number}. " + PROMPT * 10)
    processor, wall, done = spent(), time.perf_counter(), 0
    for event in engine.submit(prompt, max_tokens=tokens):
        if isinstance(event, Finished):
            done = event.prompt_tokens - event.cached_tokens + event.completion_tokens
    return spent() - processor, time.perf_counter() - wall, done


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="small")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=64)
    options = parser.parse_args()
    path, wish = find(options.model, directory=Settings().weights), Wish(context_tokens=1024, slots=1)
    here = start_here(path, wish)
    with tempfile.TemporaryDirectory() as folder:
        order = Order(path=path, wish=wish, max_waiting=4, speeds=Path(folder))
        apart = IsolatedEngine(order, tell=print)
        ratios: dict[str, list[float]] = {"processor": [], "wall": []}
        for number in range(options.rounds):
            engines = (here, apart) if number % 2 else (apart, here)
            found = {engine: run(engine, number, options.tokens) for engine in engines}
            for place, name in enumerate(ratios):
                a_token = [found[engine][place] / found[engine][2] for engine in (apart, here)]
                ratios[name].append(a_token[0] / a_token[1])
        apart.close()
    here.close()
    for name, values in ratios.items():
        spread = f"{min(values):.3f} to {max(values):.3f}"
        print(
            f"{name}: a process of its own costs {statistics.median(values):.3f}x ({spread}, {options.rounds} rounds)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
