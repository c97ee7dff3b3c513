"""One process owns a data directory: the lock that says which.

The operating system drops the lock when the process ends, however it ends, so a lock file left behind by a killed
process stops nobody. Knows nothing of what the directory holds.
"""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from app.store.errors import DirectoryInUseError
from app.store.files import fault_of

if sys.platform == "win32":
    import msvcrt

    # Windows forbids others to read locked bytes: lock one far behind the process id, which stays readable.
    _LOCKED_BYTE = 1 << 20

    def _try_lock(file: IO[str]) -> bool:
        file.seek(_LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True
else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


class Ownership:
    """The right to use a data directory, held until `release` or the end of the process."""

    def __init__(self, home: Path, file: IO[str]) -> None:
        """Keep the open lock file; use `acquire`."""
        self.home = home
        self._file = file

    @classmethod
    def acquire(cls, home: Path) -> Self:
        """Become the one owner of a data directory, which is made (readable by this person only) if need be.

        Raises:
            DirectoryInUseError: naming the process that owns it.
            DiskFaultError: the directory cannot be made or written to.
        """
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise fault_of(error, home) from error
        file = os.fdopen(descriptor, "r+", encoding="ascii")
        if not _try_lock(file):
            with file:
                file.seek(0)
                owner = file.read(32).strip() or "unknown"
            raise DirectoryInUseError(f"The data directory {home} is in use by another Inhouse (process {owner}).")
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        return cls(home, file)

    def release(self) -> None:
        """Let another process own the directory."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the directory."""
        self.release()
