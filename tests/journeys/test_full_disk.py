"""A disk that fills up during ingest: a sentence, nothing lost, and the same command goes on once there is room."""

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from tests import light
from tests.served import open_doors

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


def many_words(seed: int) -> str:
    """Return 28 KB of words that do not repeat."""
    words = random.Random(seed)  # noqa: S311
    return " ".join(f"w{words.randrange(10**6)}" for _ in range(4000))


def test_a_full_disk_is_a_sentence_and_the_same_ingest_goes_on_later(disk: Disk, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.md").write_text(f"# Rule {number}\n\n{many_words(number)}.\n")

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


def test_an_upload_to_a_full_disk_gets_a_status_and_loses_nothing(disk: Disk) -> None:
    with open_doors(disk.place / "home") as doors:
        (collection,) = doors.product.collections.list(LOCAL_ACTOR)
        path, accept = f"/api/collections/{collection.collection_id}/documents", {"accept": "application/json"}
        program = doors.program()
        for number in range(40):
            answer = program.put(path, params={"name": f"{number}.md"}, content=many_words(number), headers=accept)
            if answer.status_code != 200:
                break
        assert answer.status_code == 507
        assert "disk" in answer.json()["error"]["message"].lower()
        disk.grow()
        again = program.put(path, params={"name": f"{number}.md"}, content=many_words(number), headers=accept)
        assert again.status_code == 200
        assert len(program.get(path).json()["documents"]) == number + 2
        found = program.post("/api/search", json={"query": "desks in Paris"}).json()
        assert "42 desks" in found["passages"][0]["text"]


def fill(disk: Disk) -> None:
    """Leave no room at all."""
    with (disk.place / "rest").open("wb", buffering=0) as rest, contextlib.suppress(OSError):
        while True:
            rest.write(bytes(4096))


def test_a_command_says_that_the_disk_is_full_and_of_which_file(disk: Disk, tmp_path: Path) -> None:
    disk.grow()
    home, elsewhere = disk.place / "home", tmp_path / "elsewhere"
    assert light.run(home, "collections", "create", "Rules").returncode == 0
    shutil.copytree(home, elsewhere)
    shutil.copy(light.key_file(home), light.key_file(elsewhere))
    fill(disk)
    assert "is full" in light.run(home, "collections", "list").stderr
    target = str(disk.place / "all.inhouse-backup")
    refused = light.run(elsewhere, "backup", target)
    assert (refused.returncode, f"There is no room for {target}." in refused.stderr) == (1, True)
