"""A file that is made to be taken away is gone afterwards, whoever took how much of it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from app.api.sending import PART_BYTES, place, send_once

WHOLE = b"sealed " * PART_BYTES


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    file = place(tmp_path, ".inhouse-backup")
    file.write_bytes(WHOLE)
    return file


def take(file: Path, *, version: str = "2.0", parts: int | None = None) -> bytes:
    """Take so many parts of a file, then be gone; return what came."""
    taken: list[bytes] = []
    gone = asyncio.Event()

    async def send(message: dict[str, Any]) -> None:
        if gone.is_set():
            raise OSError
        taken.append(message.get("body", b""))
        if parts is not None and len(taken) > parts:
            gone.set()

    async def receive() -> dict[str, str]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def run() -> None:
        if parts == 0:
            gone.set()
        await send_once(file)({"type": "http", "asgi": {"spec_version": version}}, receive, send)  # type: ignore[arg-type]

    asyncio.run(run())
    return b"".join(taken)


def test_a_file_is_sent_whole_and_gone_afterwards(file: Path) -> None:
    assert take(file) == WHOLE
    assert not file.exists()


def test_a_file_is_gone_where_nobody_waited_for_it(file: Path) -> None:
    with pytest.raises(ClientDisconnect):
        take(file, version="2.4", parts=0)
    assert not file.exists()


def test_a_file_is_gone_where_only_some_of_it_was_taken(file: Path) -> None:
    with pytest.raises(ClientDisconnect):
        take(file, version="2.4", parts=1)
    assert not file.exists()
