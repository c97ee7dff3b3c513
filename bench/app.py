"""What the product adds to its parts: an answer over HTTP and on the page against the engine alone, starts, memory.

Each question is answered over /v1 and through the page's stream; then the engine alone answers the very same prompt.
Before each run the engine reads something else, so that none finds the other's prompt in its memory. Wall time and
processor time are both given: on a busy machine only the second is comparable.
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
from models.engine import Engine
from models.generation import Finished

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
    """Seconds of the processor, all threads of this process."""


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


class Recorder:
    """Stands before an engine and remembers the last prompt it was given, so that it can be given once more."""

    def __init__(self, engine: Engine) -> None:
        """Put itself before the engine's `submit`."""
        self._engine = engine
        self._submit = engine.submit
        self.last: tuple[Sequence[int], dict[str, Any]] = ((), {})
        engine.submit = self._record  # type: ignore[method-assign]

    def _record(self, tokens: Sequence[int], **options: Any) -> Any:
        self.last = (tokens, options)
        return self._submit(tokens, **options)

    def forget(self) -> None:
        """Let the engine read something else, so that no earlier prompt can be used again."""
        self._drain(self._engine.tokenize(SOMETHING_ELSE), max_tokens=1)

    def repeat(self) -> int:
        """Answer the remembered prompt with the engine alone; return how many tokens were written."""
        tokens, options = self.last
        return self._drain(tokens, **options)

    def _drain(self, tokens: Sequence[int], **options: Any) -> int:
        for event in self._submit(tokens, **options):
            if isinstance(event, Finished):
                return event.completion_tokens
        return 0


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


def measure(work: Callable[[], object]) -> Cost:
    """Return what a piece of work takes."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Cost(wall=time.perf_counter() - wall, processor=time.process_time() - processor)


def answers(settings: Settings, questions: Sequence[str]) -> Iterator[Result]:
    """Yield the costs of answers through both doors against those of the engine alone."""
    costs: dict[str, list[Cost]] = {"over HTTP": [], "on the page": [], "by the engine": []}
    with opened(settings) as product, Server(product) as server:
        product.assistant()
        client, recorder = Client(server, settings.home), Recorder(product.engine())
        client.over_http(questions[-1])  # whatever is built with the first answer
        client.on_the_page(questions[-1])
        for question in questions:
            runs = {"over HTTP": client.over_http, "on the page": client.on_the_page}
            for name, ask in runs.items():
                recorder.forget()
                costs[name].append(measure(lambda ask=ask, question=question: ask(question)))  # type: ignore[misc]
            recorder.forget()
            costs["by the engine"].append(measure(recorder.repeat))
    alone = costs.pop("by the engine")
    for name, through in costs.items():
        for kind in ("wall", "processor"):
            yield Result(
                name=f"an answer {name}, {kind} time",
                value=statistics.mean(getattr(cost, kind) for cost in through),
                unit="s",
                baseline=statistics.mean(getattr(cost, kind) for cost in alone),
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
