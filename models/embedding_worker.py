"""The process of an embedding or a reranking model: `python -m models.embedding_worker`.

It reads frames of tokens and writes frames of rows, and ends when its input ends, so it never outlives the product.
Knows the model and the frames of `models.frames`.
"""

import base64
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from models.errors import EngineMissingError, ModelError
from models.frames import pack_error, read_frame, write_frame


def main() -> int:
    """Load the model that the one argument describes, then serve; 1 where it cannot be loaded."""
    given = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Ctrl-C and a service's end go to the product, which closes this process in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        from models.pooling import Pooling  # noqa: PLC0415 - loads llama.cpp's library, which may be missing

        model = Pooling(Path(given["path"]), gpu_layers=given["gpu_layers"], threads=given["threads"])
    except ModelError as error:
        write_frame(out, pack_error(error))
        return 1
    except (ImportError, OSError, RuntimeError):  # what loading llama.cpp's library raises
        write_frame(out, pack_error(EngineMissingError()))
        return 1
    facts = {"dimension": model.dimension, "context_tokens": model.context_tokens}
    write_frame(out, {"ready": facts | {"begin": model.begin, "end": model.end}})
    serve(model, sys.stdin.buffer, out)
    model.close()
    return 0


def serve(model: Any, stream: BinaryIO, out: BinaryIO) -> None:
    """Compute what each frame holds, until there are no more."""
    while (frame := read_frame(stream)) is not None:
        try:
            rows = model.embed(frame["texts"])
        except ModelError as error:
            write_frame(out, pack_error(error))
        else:
            write_frame(out, {"rows": base64.b64encode(rows.tobytes()).decode("ascii")})


if __name__ == "__main__":
    sys.exit(main())
