"""The engine against llama.cpp's own server core (xllamacpp, fetched by `make test` into a folder of its own).

Both load the same weights with the same threads, each in a process; round by round each answers the same prompts, which
share a beginning, at 1, 4, 8 and 16 streams, in turns. Printed are tokens written per second and per CPU second of the
process that decodes, and the time to the first token (median and 95th percentile over streams and rounds), with the
ratio of the engine to the server. `python -m bench.native [--model small] [--rounds 3] [--prompt 600] [--tokens 32]
[--streams 1,4,8,16] [--json]` (15 minutes on two quiet cores).
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from typing import Any

from app.settings import Settings
from bench.engine import Answer, Measured, make_prompt, ours, run
from models import device
from models.loading import start_here
from models.plan import Wish
from models.weights import find
from tests.models.peers import NativeServer


def native(place: tuple[str, int], tokens: int, prompt: list[int], begun: Callable[[], None]) -> int:
    """Answer with the server."""
    asked = {"prompt": prompt, "n_predict": tokens, "temperature": 0, "stream": True, "cache_prompt": True}
    connection = HTTPConnection(*place)
    connection.request("POST", "/completion", json.dumps(asked), {"Content-Type": "application/json"})
    written = 0
    for line in connection.getresponse():
        if line.startswith(b"data:"):
            value = json.loads(line.removeprefix(b"data:"))
            if not written and value["content"]:
                begun()
                written = 1
            if value["stop"]:
                written = int(value["tokens_predicted"])
    connection.close()
    return written


def measure(arguments: argparse.Namespace, counts: list[int]) -> list[dict[str, Any]]:
    """Load both, let them take turns, and return the results."""
    path = find(arguments.model, directory=Settings().weights)
    context = arguments.prompt + arguments.tokens + 64
    engine = start_here(path, Wish(context_tokens=context, slots=max(counts)))
    with NativeServer(path, streams=max(counts), context_tokens=context) as server:
        contenders: dict[str, tuple[Answer, Callable[[], float]]] = {
            "engine": (partial(ours, engine, arguments.tokens), time.process_time),
            "native": (partial(native, server.place, arguments.tokens), server.cpu_seconds),
        }
        found = {(name, streams): Measured() for name in contenders for streams in counts}
        chance = random.Random(7)  # noqa: S311 - the same prompts every time
        for number in range(arguments.rounds + 1):
            for streams in counts:
                prompts = [make_prompt(engine, chance, arguments.prompt) for _ in range(streams)]
                for name in sorted(contenders, reverse=number % 2 == 1):
                    into = found[name, streams] if number else Measured()  # the first round warms up
                    answer, cpu = contenders[name]
                    run(answer, prompts, into, cpu=cpu)
    engine.close()
    return [line for streams in counts for line in results(found, streams)]


def results(found: dict[tuple[str, int], Measured], streams: int) -> list[dict[str, Any]]:
    """Return one number of streams, the engine beside the server."""
    mine, theirs = found["engine", streams], found["native", streams]
    rows = [
        ("tokens/s", statistics.median(mine.wall), statistics.median(theirs.wall)),
        ("tokens/CPU s", statistics.median(mine.cpu), statistics.median(theirs.cpu)),
        ("s to the first token", statistics.median(mine.first), statistics.median(theirs.first)),
        ("s to the first token, p95", late(mine.first), late(theirs.first)),
    ]
    return [
        {"name": f"{streams} streams, {unit}", "value": value, "baseline": baseline, "ratio": value / baseline}
        for unit, value, baseline in rows
    ]


def late(seconds: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=int, default=600)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--streams", default="1,4,8,16")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    lines = measure(arguments, [int(count) for count in arguments.streams.split(",")])
    if arguments.json:
        print(json.dumps({"machine": device.describe(device.look()), "results": lines}))
        return
    print(device.describe(device.look()))
    for line in lines:
        print(f"{line['name']:<38} {line['value']:8.2f}  native {line['baseline']:8.2f}  ratio {line['ratio']:.2f}")


if __name__ == "__main__":
    main()
