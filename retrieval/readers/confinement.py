"""Take from this process what a reader of files does not need: memory without end, files to write, the network.

For a process that reads what others wrote, before it reads the first byte. Knows no format. Each part is done where
the system has it: limits on resources on Linux and macOS, no network on Linux (x86-64 and ARM64); elsewhere the
product watches the time and the memory of the process from outside. Other files than the system's are closed by
`retrieval.readers.landlock`, where Linux has it.
"""

import contextlib
import ctypes
import platform
import struct
import sys
from itertools import chain

from retrieval.readers.landlock import close_files

if sys.platform != "win32":
    import resource

_NO_NEW_PRIVILEGES, _SET_FILTER, _FILTER_MODE = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | 13
"""What becomes of a call; 13 is EACCES."""
_FOREIGN_CALLS = 0x40000000
"""Calls numbered from here on are those of x32, a second door to the same ones."""
_MACHINES = {
    "x86_64": (0xC000003E, (41, 42, 53, 101, 310, 311, 425, 438)),
    "aarch64": (0xC00000B7, (198, 203, 199, 117, 270, 271, 425, 438)),
}
"""The audit number of an architecture, and its numbers of socket, connect, socketpair, ptrace, process_vm_readv,
process_vm_writev, io_uring_setup and pidfd_getfd. Source: Linux, arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h."""


def confine(*, memory_bytes: int) -> None:
    """Give up, for the rest of this process's life and for every program it starts, all but reading and computing."""
    if sys.platform == "win32":
        return
    _limit(resource.RLIMIT_CORE, 0)  # a core file would hold the document
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_AS, memory_bytes)
    if sys.platform == "linux" and refuse_network():
        close_files()


def allow_seconds(seconds: int) -> None:
    """End this process when it computes longer than this from now on, even if the product is no longer there to."""
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds, soft_only=True)


def refuse_network() -> bool:
    """Refuse this process sockets and the memory of other processes; return whether the system could do it.

    Source: Linux, Documentation/userspace-api/seccomp_filter.rst.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    library = ctypes.CDLL(None, use_errno=True)
    instructions = _filter(*machine)
    held = ctypes.create_string_buffer(instructions, len(instructions))
    program = struct.pack("HP", len(instructions) // 8, ctypes.addressof(held))
    given_up: int = library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    filtered: int = library.prctl(_SET_FILTER, _FILTER_MODE, program, 0, 0)
    return given_up == filtered == 0


def _filter(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter's instructions: 16 bits of code, two jumps of 8 bits, 32 bits of operand each."""
    count = len(refused)
    checks = ((_EQUAL, count - place, 0, number) for place, number in enumerate(refused))
    lines = chain(
        [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)],
        [(_LOAD, 0, 0, 0), (_AT_LEAST, count + 1, 0, _FOREIGN_CALLS)],
        checks,
        [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)],
    )
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _limit(what: int, most: int, *, soft_only: bool = False) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ValueError, OSError):  # a stricter limit holds already, or the system knows none
            resource.setrlimit(what, (most, resource.getrlimit(what)[1] if soft_only else most))
