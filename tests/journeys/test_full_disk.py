"""A disk that fills up during ingest: a sentence, nothing lost, and the same command goes on once there is room."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import light

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="mounting a small disk needs Linux and root"
)

SMALL, LARGE = "3m", "200m"


class Disk:
    """A disk in memory that can grow."""

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)], capture_output=True, check=False
        )
        if made.returncode:
            pytest.skip("disks cannot be mounted here")

    def grow(self) -> None:
        subprocess.run(["mount", "-o", f"remount,size={LARGE}", str(self.place)], check=True)

    def remove(self) -> None:
        subprocess.run(["umount", "-l", str(self.place)], check=True)


@pytest.fixture(name="disk")
def _disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "disk")
    yield disk
    disk.remove()


def test_a_full_disk_is_a_sentence_and_the_same_ingest_goes_on_later(disk: Disk, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    words = random.Random(5)  # noqa: S311
    for number in range(40):
        text = " ".join(f"w{words.randrange(10**6)}" for _ in range(4000))
        (folder / f"{number}.md").write_text(f"# Rule {number}\n\n{text}.\n")

    home = disk.place / "home"
    refused = light.run(home, "ingest", str(folder), "--collection", "Rules")
    assert refused.returncode == 1
    sentence = refused.stderr.strip().splitlines()[-1]
    assert "disk" in sentence.lower()
    assert "mistake" not in sentence

    disk.grow()
    done = light.run(home, "ingest", str(folder), "--collection", "Rules", "--json", timeout=120)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["problems"] == []
    assert report["documents"]["added"] + report["documents"]["unchanged"] == 40
    listed = json.loads(light.run(home, "collections", "list", "--json").stdout)["collections"]
    assert [collection["documents"] for collection in listed] == [40]
