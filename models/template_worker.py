"""The process in which a file's chat template is rendered: `python -m models.template_worker`.

The first frame brings the template, each next one messages; it answers pieces of a prompt. It ends when its input ends,
so it never outlives the product. Its memory is bounded where the system can do that; whoever asks bounds its time.
"""

import contextlib
import os
import signal
import sys
from typing import BinaryIO

from models.errors import ModelError
from models.frames import pack_error, read_frame, write_frame
from models.template import ChatTemplate

MOST_BYTES = 2**30
"""Address space, which Linux bounds; Python and Jinja take some 50 MB, and the longest honest prompt a few more."""


def main() -> int:
    """Compile the template of the first frame, then render messages; 1 where it is none."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for ending in (signal.SIGINT, signal.SIGTERM):  # these go to the product, which closes this process
        signal.signal(ending, signal.SIG_IGN)
    bound_memory()
    given = read_frame(sys.stdin.buffer)
    if given is None:
        return 0
    try:
        template = ChatTemplate(given["source"], given["special_texts"])
    except ModelError as error:
        write_frame(out, pack_error(error))
        return 1
    write_frame(out, {"ready": True})
    serve(template, sys.stdin.buffer, out)
    return 0


def bound_memory() -> None:
    """Let this process take no more memory than a template may, on systems that can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - Windows has none

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def serve(template: ChatTemplate, stream: BinaryIO, out: BinaryIO) -> None:
    """Render what each frame holds, until there are no more."""
    while (frame := read_frame(stream)) is not None:
        try:
            pieces = template.render([(role, text) for role, text in frame["messages"]])
        except ModelError as error:
            write_frame(out, pack_error(error))
        else:
            write_frame(out, {"pieces": pieces})


if __name__ == "__main__":
    sys.exit(main())
