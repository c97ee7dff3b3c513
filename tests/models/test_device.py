"""Cores and memory are counted as this process may use them."""

from pathlib import Path

import pytest

from models import device
from models.device import GIB, Gpu, Machine


def test_there_is_at_least_one_core() -> None:
    assert device.cores() >= 1


@pytest.mark.parametrize(
    ("content", "cores"), [("150000 100000", 2), ("50000 100000", 1), ("max 100000", None), ("", None)]
)
def test_a_containers_quota_counts_in_whole_cores(tmp_path: Path, content: str, cores: int | None) -> None:
    (tmp_path / "cpu.max").write_text(content)
    assert device._quota(tmp_path) == cores


def test_a_containers_memory_limit_counts(tmp_path: Path) -> None:
    assert device._memory_limit(tmp_path) is None
    (tmp_path / "memory.max").write_text("max\n")
    assert device._memory_limit(tmp_path) is None
    (tmp_path / "memory.max").write_text("1073741824\n")
    assert device._memory_limit(tmp_path) == GIB


def test_fewer_cores_than_the_machine_has_are_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("psutil.cpu_count", lambda **_: 64)
    monkeypatch.setattr(device, "_affinity", lambda: 6)
    monkeypatch.setattr(device, "_quota", lambda _: 3)
    assert device.cores() == 3


def test_a_machine_is_said_in_one_sentence() -> None:
    card = Gpu(name="Radeon", free=6 * GIB, total=8 * GIB)
    machine = Machine(processor="x", cores=1, memory=8 * GIB, free_memory=4 * GIB, gpus=(card,), features="")
    assert device.describe(machine) == "1 core, 4.0 of 8.0 GiB of memory free, Radeon (6.0 of 8.0 GiB free)."


def test_this_machine_can_be_looked_at() -> None:
    machine = device.look()
    assert machine.cores >= 1
    assert 0 < machine.free_memory <= machine.memory
    assert "CPU" in machine.features
