"""What the product adds to its parts: an answer over HTTP and on the page against the engine alone, starts, memory.

Each question is answered over /v1 and through the page's stream; after each the engine alone reads the same prompts
and writes as many tokens. Before each run the engine reads something else, so that none finds the other's prompt in
its memory. Wall and processor time are both given: on a busy machine only the second is comparable. The tokens say
whether the engine really did the same work.
Run: `python -m bench.app [--model NAME] [--questions N] [--json]`.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil

from app import commands
from app.answers import LOCAL_ACTOR
from app.assemble import assemble
from app.product import Product
from app.server import Server
from app.settings import ASSETS, Settings
from models.generation import Finished
from models.isolated import IsolatedEngine

os.environ.setdefault("GOMP_SPINCOUNT", "2000")

SOMETHING_ELSE = "Wolves howl at the harvest moon over the northern marshes."
IDLE_SECONDS = 5.0
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took."""

    wall: float
    """Seconds."""
    processor: float
    """Seconds of the processor, all threads of this process and the engine's."""
    tokens: int
    """Read and written by the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A figure, what it is compared with, and the bound it must keep."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    bound: float | None = None

    def shaped(self) -> dict[str, Any]:
        """Return it as `--json` prints it."""
        ratio = None if self.baseline is None else self.value / self.baseline
        fields = {"name": self.name, "value": self.value, "unit": self.unit, "baseline": self.baseline}
        return {**fields, "ratio": ratio, "bound": self.bound}


@dataclass(slots=True)
class Request:
    """What the engine was asked for, and how many tokens it wrote before it ended or was ended."""

    tokens: Sequence[int]
    options: dict[str, Any]
    written: int = 0


def _processor_seconds() -> float:
    """Return the processor time of this process and of the engine's."""
    here = psutil.Process()
    return float(sum(sum(process.cpu_times()[:2]) for process in (here, *here.children(recursive=True))))


class Recorder:
    """Stands before an engine and remembers what it was asked for, so that the very same can be asked for again."""

    def __init__(self, engine: IsolatedEngine) -> None:
        """Put itself before the engine's `submit`."""
        self._engine = engine
        self._submit = engine.submit
        self.requests: list[Request] = []
        engine.submit = self._record  # type: ignore[method-assign]

    def _record(self, tokens: Sequence[int], **options: Any) -> Any:
        request = Request(tokens, options)
        self.requests.append(request)
        generation = self._submit(tokens, **options)
        deliver = generation.deliver

        def note(event: Any) -> None:
            if isinstance(event, Finished):
                request.written = event.completion_tokens
            deliver(event)

        generation.deliver = note  # type: ignore[method-assign]
        return generation

    def forget(self) -> None:
        """Remember nothing, and let the engine read something else, so that it can use no earlier prompt again."""
        self.requests = []
        self._drain(Request(self._engine.tokenize(SOMETHING_ELSE), {}, written=1))

    def repeat(self, requests: Sequence[Request]) -> None:
        """Let the engine alone read the same prompts and write as many tokens."""
        for request in requests:
            self._drain(request)

    def computed(self) -> int:
        """Return how many tokens the engine has read and written so far."""
        counters = self._engine.describe().counters
        return counters["read_tokens"] + counters["written_tokens"]

    def _drain(self, request: Request) -> None:
        options = request.options | {"max_tokens": max(1, request.written)}
        for _ in self._submit(request.tokens, **options):
            pass


class Client:
    """A person at both doors."""

    def __init__(self, server: Server, home: Path) -> None:
        """Come through a one-time link, and read the local token."""
        self._client = httpx.Client(base_url=server.address, follow_redirects=True, timeout=PATIENCE_SECONDS)
        self._client.get(server.link())
        self._token = (home / "run" / "token").read_text().strip()
        self._ask = self._find_ask()

    def over_http(self, question: str) -> None:
        """Ask over /v1 and read the stream to its end."""
        body = {"messages": [{"role": "user", "content": question}], "stream": True}
        headers = {"Authorization": f"Bearer {self._token}"}
        with self._client.stream("POST", "/v1/chat/completions", json=body, headers=headers) as answer:
            answer.raise_for_status()
            for _ in answer.iter_lines():
                pass

    def on_the_page(self, question: str) -> None:
        """Ask as the page does, in a conversation that is stored, and read its stream to the end."""
        page = f"bench{time.monotonic_ns()}"
        origin = {"Origin": str(self._client.base_url).rstrip("/")}
        event = {"data": [question, None, []], "fn_index": self._ask, "session_hash": page, "event_data": None}
        self._client.post("/gradio_api/queue/join", json=event, headers=origin).raise_for_status()
        with self._client.stream("GET", "/gradio_api/queue/data", params={"session_hash": page}) as stream:
            for line in stream.iter_lines():
                if '"process_completed"' in line:
                    assert '"success":true' in line.replace(" ", ""), line[:500]
                    return

    def _find_ask(self) -> int:
        """Return the number of the event that asks: the submission of a box with conversation and collections."""
        events = self._client.get("/config").json()["dependencies"]
        found: int = next(
            event["id"]
            for event in events
            if len(event["inputs"]) == 3 and any(target[1] == "submit" for target in event["targets"])
        )
        return found


def measure(work: Callable[[], object], recorder: Recorder) -> Cost:
    """Return what a piece of work takes."""
    wall, processor, tokens = time.perf_counter(), _processor_seconds(), recorder.computed()
    work()
    return Cost(
        wall=time.perf_counter() - wall,
        processor=_processor_seconds() - processor,
        tokens=recorder.computed() - tokens,
    )


def answers(settings: Settings, questions: Sequence[str]) -> Iterator[Result]:
    """Yield the costs of answers through both doors against those of the engine alone for the same requests."""
    pairs: dict[str, list[tuple[Cost, Cost]]] = {"over HTTP": [], "on the page": []}
    with opened(settings) as product, Server(product) as server:
        product.assistant()
        client, recorder = Client(server, settings.home), Recorder(product.engine())
        doors = {"over HTTP": client.over_http, "on the page": client.on_the_page}
        for ask in doors.values():
            ask(questions[-1])  # whatever is built with the first answer
        for question in questions:
            for name, ask in doors.items():
                recorder.forget()
                through = measure(partial(ask, question), recorder)
                requests = recorder.requests
                recorder.forget()
                pairs[name].append((through, measure(partial(recorder.repeat, requests), recorder)))
    for name, measured in pairs.items():
        for kind, unit in (("wall", "s"), ("processor", "s"), ("tokens", "tokens")):
            yield Result(
                name=f"an answer {name}, {kind}",
                value=statistics.mean(getattr(through, kind) for through, _ in measured),
                unit=unit,
                baseline=statistics.mean(getattr(alone, kind) for _, alone in measured),
                bound=1.10,
            )


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Product]:
    """Assemble a product with the demonstration handbook."""
    product = assemble(settings, tell=lambda _: None)
    try:
        for _ in commands.run(product, "demonstrate", {}, threading.Event()):
            pass
        assert product.collections.list(LOCAL_ACTOR)
        yield product
    finally:
        product.close()


def help_cost() -> Result:
    """Return the processor time of `inhouse --help`: the median of five."""
    costs = []
    for _ in range(5):
        before = os.times()
        subprocess.run([sys.executable, "-m", "app", "--help"], capture_output=True, check=True)
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        costs.append(spent)
    return Result(name="inhouse --help, processor time", value=statistics.median(costs), unit="s", bound=1.0)


def second_start(settings: Settings) -> Iterator[Result]:
    """Yield the processor time from the start of `inhouse serve` to /readyz, and the memory of all processes then."""
    variables = {
        "INHOUSE_HOME": str(settings.home),
        "INHOUSE_KEY_SOURCE": "file",
        "INHOUSE_KEY_FILE": str(settings.key_file),
        "INHOUSE_MODEL": settings.model,
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--json"]
    started = time.perf_counter()
    with subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = json.loads(server.stdout.readline())["address"]
        while httpx.get(f"{address}/readyz", timeout=60).status_code != httpx.codes.OK:
            time.sleep(0.2)
        wall = time.perf_counter() - started
        processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        spent = sum(sum(process.cpu_times()[:4]) for process in processes)
        yield Result(name="second start to /readyz, processor time", value=spent, unit="s", bound=25.0)
        yield Result(name="second start to /readyz, wall time", value=wall, unit="s")
        time.sleep(IDLE_SECONDS)
        pss = sum(process.memory_full_info().pss for process in processes)
        yield Result(name=f"idle memory with {settings.model} (PSS)", value=pss / 10**9, unit="GB", bound=2.2)
        server.terminate()


def main() -> None:
    """Run everything and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--questions", type=int, default=6)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    questions = json.loads((ASSETS / "demo" / "questions.json").read_text(encoding="utf-8"))["questions"]
    results = [help_cost()]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        chosen = {"key_source": "file", "key_file": home.parent / "key", "model": options.model, "port": 0}
        settings = Settings.model_validate({"home": home, "parallel_answers": 1, **chosen})
        results += answers(settings, questions[: options.questions])
        results += second_start(settings)
    show(results, as_json=options.json)


def show(results: Sequence[Result], *, as_json: bool) -> None:
    """Print the figures."""
    if as_json:
        machine = {"system": platform.platform(), "processor": platform.processor(), "cores": os.cpu_count()}
        print(json.dumps({"machine": machine, "results": [result.shaped() for result in results]}))
        return
    for result in results:
        ratio = "" if result.baseline is None else f"  {result.value / result.baseline:.3f} x {result.baseline:.2f}"
        bound = "" if result.bound is None else f"  (bound {result.bound:g})"
        print(f"{result.name:45} {result.value:8.3f} {result.unit}{ratio}{bound}")


if __name__ == "__main__":
    main()
