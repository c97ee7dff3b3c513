"""The engine against llama.cpp's own server core: xllamacpp's, which `make test` fetches, or a program `llama-server`.

xllamacpp's llama.cpp is another one than the engine's: newer, and built for AVX2. Who wants the same one builds
`llama-server` from the source of llama-cpp-python (its folder vendor/llama.cpp; compiler and GGML_NATIVE as
`app.install.engine` chooses them, -DLLAMA_BUILD_SERVER=ON -DLLAMA_USE_PREBUILT_UI=OFF) and names it with `--server`.

Both load the same weights with the same threads, each in a process; round by round each answers the same prompts, which
share their first 200 tokens, at 1, 4, 8 and 16 streams, in turns. Printed are tokens written per second and per CPU
second of the process that decodes, and the time to the first token (median and 95th percentile over streams and
rounds), with the ratio of the engine to the server. `python -m bench.native [--model small] [--rounds 3]
[--prompt 600] [--tokens 64] [--streams 1,4,8,16] [--server PROGRAM] [--json]` (15 minutes on two quiet cores).
"""

import argparse
import json
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Protocol

import psutil

from app.settings import Settings
from bench.engine import Answer, Measured, make_prompt, ours, run
from models import device
from models.loading import start_here
from models.plan import Wish
from models.weights import find
from tests.models.peers import NativeServer


class Server(Protocol):
    """A running server."""

    @property
    def place(self) -> tuple[str, int]:
        """Its host and port."""

    def cpu_seconds(self) -> float:
        """Return how much of the processor it has used."""


class Program:
    """A running `llama-server`."""

    place = ("127.0.0.1", 18089)

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until it serves."""
        self._process = psutil.Process(process.pid)
        while process.poll() is None and not self._ready():
            time.sleep(0.2)

    def cpu_seconds(self) -> float:
        """Return how much of the processor it has used."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def _ready(self) -> bool:
        try:
            connection = HTTPConnection(*self.place)
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except OSError:
            return False


@contextmanager
def started(program: Path | None, model: Path, *, streams: int, context_tokens: int) -> Iterator[Server]:
    """Run a server on a model: xllamacpp's, or this program."""
    if program is None:
        with NativeServer(model, streams=streams, context_tokens=context_tokens) as server:
            yield server
        return
    host, port = Program.place
    command = [program, "-m", model, "-c", streams * context_tokens, "-np", streams, "-t", 2, "-tb", 2]
    command += ["--host", host, "--port", port]
    running = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Program(running)
    finally:
        running.terminate()
        running.wait()


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
    with started(arguments.server, path, streams=max(counts), context_tokens=context) as server:
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
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--streams", default="1,4,8,16")
    parser.add_argument("--server", type=Path, help="a llama-server to measure against")
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
