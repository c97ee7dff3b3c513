"""What this machine offers a model: cores really available, memory, graphics cards.

Knows no model and no setting. What is counted is what this process may use, not what is built in: a container's
limits and the scheduler's affinity come first.
"""

import math
import os
import platform
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

CGROUPS = Path("/sys/fs/cgroup")
GIB = 2**30


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A graphics card as llama.cpp sees it."""

    name: str
    free: int
    """Bytes."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What there is to compute with."""

    processor: str
    cores: int
    memory: int
    """Bytes this process may use, at most."""
    free_memory: int
    gpus: tuple[Gpu, ...] = ()
    features: str = ""
    """What llama.cpp was built for and uses of the processor; "": it was not asked."""


def cores() -> int:
    """Return how many cores this process may really use, at least 1.

    Hyper-threads of one core count once: two of a model's threads on one core are slower than one.
    """
    limits = [psutil.cpu_count(logical=False) or os.cpu_count() or 1, _affinity(), _quota(_own_cgroup())]
    return max(1, min(limit for limit in limits if limit))


def look() -> Machine:
    """Return what this machine offers; loads llama.cpp, but no model."""
    from models import backends  # noqa: PLC0415 - a count of cores must not cost its loading

    gpus = tuple(Gpu(name=name, free=free, total=total) for name, free, total in backends.gpus())
    return replace(look_at_host(), gpus=gpus, features=backends.features())


def look_or_guess() -> Machine:
    """Return what this machine offers; without graphics cards where llama.cpp, which knows them, cannot be loaded."""
    try:
        return look()
    except (ImportError, OSError, RuntimeError):
        return look_at_host()


def look_at_host() -> Machine:
    """Return what this machine offers but for graphics cards, which only llama.cpp knows; loads nothing."""
    memory = psutil.virtual_memory()
    limit = _memory_limit(_own_cgroup()) or memory.total
    return Machine(
        processor=platform.processor() or platform.machine(),
        cores=cores(),
        memory=min(memory.total, limit),
        free_memory=min(memory.available, limit),
    )


def describe(machine: Machine) -> str:
    """Return one plain sentence about a machine; of graphics cards only what llama.cpp was asked for."""
    number = f"{machine.cores} core{'s' if machine.cores > 1 else ''}"
    parts = [number, f"{machine.free_memory / GIB:.1f} of {machine.memory / GIB:.1f} GiB of memory free"]
    parts += [f"{gpu.name} ({gpu.free / GIB:.1f} of {gpu.total / GIB:.1f} GiB free)" for gpu in machine.gpus]
    if machine.features and not machine.gpus:
        parts.append("no graphics card")
    return f"{', '.join(parts)}."


def _affinity() -> int | None:
    """Return how many logical processors the scheduler lets this process run on, where it can tell."""
    try:
        return len(psutil.Process().cpu_affinity())
    except AttributeError:  # macOS
        return None


def _own_cgroup() -> Path:
    """Return the folder of this process's control group; any other folder where there are none."""
    try:
        line = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()[-1]
    except (OSError, IndexError, UnicodeDecodeError):
        return CGROUPS
    return CGROUPS / line.rpartition(":")[2].lstrip("/")


def _quota(folder: Path) -> int | None:
    """Return the whole cores a control group may use; None without a limit."""
    quota, _, period = _first_line(folder / "cpu.max").partition(" ")
    if not (quota.isdigit() and period.isdigit()):
        return None
    return math.ceil(int(quota) / int(period))


def _memory_limit(folder: Path) -> int | None:
    """Return the bytes a control group may use; None without a limit."""
    limit = _first_line(folder / "memory.max")
    return int(limit) if limit.isdigit() else None


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
