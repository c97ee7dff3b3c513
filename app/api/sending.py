"""Sealed files that are made to be taken away at once: sent, and gone from this machine afterwards.

What a process that was killed leaves is removed at the next start (`app.assemble`).
"""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.api.originals import attachment
from app.store.exports import FOLDER

PART_BYTES = 2**20


def place(home: Path, suffix: str) -> Path:
    """Return where a file may be made, of which nobody else knows."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{secrets.token_hex(8)}{suffix}"


def send_once(file: Path, name: str = "") -> StreamingResponse:
    """Send a file, under its own name or another; it is gone afterwards, however much was read, and be it nothing."""
    headers = {"content-disposition": attachment(name or file.name), "content-length": str(file.stat().st_size)}
    return _SentOnce(file, headers)


class _SentOnce(StreamingResponse):
    """A file on its way; who has gone while it was made reads none of it, and then nobody begins to send it."""

    def __init__(self, file: Path, headers: dict[str, str]) -> None:
        super().__init__(_sent(file), media_type="application/octet-stream", headers=headers)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with contextlib.suppress(PermissionError):  # Windows, while a part is being read: `_sent` removes it then
                self._file.unlink(missing_ok=True)


def _sent(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            while part := stream.read(PART_BYTES):
                yield part
    finally:
        file.unlink(missing_ok=True)
