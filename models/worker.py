"""The engine's process: `python -m models.worker` reads frames from its input and writes frames to its output.

It ends when its input ends, so it never outlives the product. Knows the engine and the protocol; whatever llama.cpp or
a driver prints goes to standard error.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from models.device import look
from models.engine import Engine
from models.errors import EngineMissingError, ModelError
from models.frames import pack_error, read_frame, write_frame
from models.generation import Generation
from models.loading import Loaded, load
from models.plan import Wish
from models.protocol import pack_event, unpack_place
from models.request import Sampling


class Desk:
    """Answers the product's frames with an engine."""

    def __init__(self, engine: Engine, write: Callable[[dict[str, Any]], None]) -> None:
        """Serve an engine; `write` may be called from any thread."""
        self._engine = engine
        self._write = write
        self._generations: dict[int, Generation] = {}

    def answer(self, frame: dict[str, Any]) -> None:
        """Do what a frame asks and write the result, or the error, under the frame's number."""
        number = frame["number"]
        try:
            result = getattr(self, f"_{frame['call']}")(number, **frame["arguments"])
        except ModelError as error:
            self._write({"number": number} | pack_error(error))
        else:
            self._write({"number": number, "result": result})

    def _tokenize(self, _number: int, text: str, *, special: bool) -> list[int]:
        return self._engine.tokenize(text, special=special)

    def _describe(self, _number: int) -> dict[str, Any]:
        return asdict(self._engine.describe())

    def _forget(self, _number: int) -> None:
        self._engine.forget()

    def _look(self, _number: int) -> dict[str, Any]:
        return asdict(look())

    def _submit(self, number: int, prompt: list[int], *, sampling: dict[str, Any], **options: Any) -> None:
        generation = self._engine.submit(prompt, sampling=Sampling(**sampling), **options)
        self._generations[number] = generation
        threading.Thread(target=self._forward, args=(number, generation), name="forward", daemon=True).start()

    def _cancel(self, _number: int, *, generation: int) -> None:
        if found := self._generations.get(generation):
            found.cancel()

    def _forward(self, number: int, generation: Generation) -> None:
        """Pass a generation's events on until it is over, whatever ended it: whoever waits must hear of it."""
        try:
            for event in generation:
                self._write({"generation": number} | pack_event(event))
        except Exception as error:  # noqa: BLE001 - the thread's door
            self._write({"generation": number} | pack_error(error))
        finally:
            del self._generations[number]


def facts(loaded: Loaded) -> dict[str, Any]:
    """Return what the product has to know of a loaded engine."""
    model = loaded.engine.model
    return {
        "name": model.name,
        "begin": model.begin,
        "template": model.template,
        "special_texts": model.special_texts,
        "vocabulary_size": model.vocabulary_size,
        "context_tokens": loaded.engine.context_tokens,
        "plan": asdict(loaded.plan),
        "speed": asdict(loaded.speed),
    }


def main() -> int:
    """Load the model that the one argument describes, then serve; 1 where it cannot be loaded.

    The first frame brings what no argument may hold, for every process of the machine can read those: a key.
    """
    given = json.loads(sys.argv[1])
    secret = read_frame(sys.stdin.buffer) or {}
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Ctrl-C and a service's end go to the product, which closes this process in good order, so that it can save.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    writing = threading.Lock()

    def write(frame: dict[str, Any]) -> None:
        with writing:
            write_frame(out, frame)

    try:
        loaded = load(
            Path(given["path"]),
            Wish(**given["wish"]),
            adapter=Path(given["adapter"]) if given["adapter"] else None,
            max_waiting=given["max_waiting"],
            speeds=Path(given["speeds"]),
            less=given["less"],
            tell=lambda sentence: write({"told": sentence}),
            place=unpack_place(secret.get("place")),
        )
    except ModelError as error:
        write(pack_error(error))
        return 1
    except (ImportError, OSError, RuntimeError):  # what loading llama.cpp's library raises
        write(pack_error(EngineMissingError()))
        return 1
    write({"ready": facts(loaded)})
    serve(Desk(loaded.engine, write), sys.stdin.buffer)
    loaded.engine.close()
    return 0


def serve(desk: Desk, stream: BinaryIO) -> None:
    """Answer frames until there are no more."""
    while (frame := read_frame(stream)) is not None:
        desk.answer(frame)


if __name__ == "__main__":
    sys.exit(main())
