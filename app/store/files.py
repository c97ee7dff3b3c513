"""Write small files so that a killed process leaves either the old file or the new one, readable by one person only."""

import errno
import os
import secrets
from contextlib import suppress
from pathlib import Path

from app.store.errors import DiskFaultError, DiskFullError, StoreError

FULL_DISK = frozenset(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))


def write_privately(path: Path, data: bytes, *, chosen: bool = False) -> None:
    """Replace a file in one step, mode 0600, on the disk when this returns; `chosen` as in `fault_of`.

    Raises:
        DiskFullError: when it does not fit; the file that was there is untouched.
        DiskFaultError: when it cannot be written for another reason.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise fault_of(error, path, chosen=chosen) from error


def fault_of(error: OSError, path: Path, *, chosen: bool = False) -> StoreError:
    """Return our error for one of the operating system: a full disk, quota or file size limit, or another fault.

    Args:
        error: what the operating system said.
        path: of what cannot be read or written.
        chosen: whether a person chose the path, on whatever disk; else it is within the data directory.
    """
    if error.errno in FULL_DISK and chosen:
        return DiskFullError(f"There is no room for {path}. Free some space on its disk, or choose another place.")
    if error.errno in FULL_DISK:
        return DiskFullError()
    return DiskFaultError(f"{path} cannot be used: {error.strerror}. Check the disk, the path and its permissions.")


def sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
