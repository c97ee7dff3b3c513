"""Sealed originals."""

import hashlib
from pathlib import Path

import pytest

from app.store.errors import DamagedDatabaseError, DiskFullError, NotFoundError
from app.store.opening import Store
from app.store.originals import Originals

DATA = b"The zanzibar file " * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def originals(store: Store) -> Originals:
    return store.originals


def files(home: Path) -> list[Path]:
    return [file for file in (home / "originals").rglob("*") if file.is_file()]


def test_original_is_read_back(originals: Originals) -> None:
    originals.keep(SHA256, DATA)
    assert originals.has(SHA256)
    assert originals.read(SHA256) == DATA


def test_neither_name_nor_content_tells_what_it_is(originals: Originals, home: Path) -> None:
    originals.keep(SHA256, DATA)
    (file,) = files(home)
    assert SHA256[:8] not in str(file)
    assert b"zanzibar" not in file.read_bytes()


def test_same_bytes_are_stored_once(originals: Originals, home: Path) -> None:
    originals.keep(SHA256, DATA)
    originals.keep(SHA256, DATA)
    assert len(files(home)) == 1


def test_digest_of_other_bytes_is_refused(originals: Originals) -> None:
    with pytest.raises(ValueError, match="digest"):
        originals.keep(SHA256, b"other")
    assert not originals.has(SHA256)


def test_removed_original_is_gone(originals: Originals, home: Path) -> None:
    originals.keep(SHA256, DATA)
    originals.remove(SHA256)
    originals.remove(SHA256)
    assert files(home) == []
    with pytest.raises(NotFoundError):
        originals.read(SHA256)


def test_lost_file_is_a_sentence_and_can_be_stored_again(originals: Originals, home: Path) -> None:
    originals.keep(SHA256, DATA)
    files(home)[0].unlink()
    assert not originals.has(SHA256)
    with pytest.raises(DamagedDatabaseError, match="Load the document again"):
        originals.read(SHA256)
    originals.keep(SHA256, DATA)
    assert originals.read(SHA256) == DATA


def test_changed_file_is_noticed(originals: Originals, home: Path) -> None:
    originals.keep(SHA256, DATA)
    (file,) = files(home)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedDatabaseError):
        originals.read(SHA256)


def test_files_of_a_killed_process_are_swept(originals: Originals, home: Path) -> None:
    originals.keep(SHA256, DATA)
    (kept,) = files(home)
    (kept.parent / f".{kept.name}.0a0a.part").write_bytes(b"half")
    (home / "originals" / "ff").mkdir(exist_ok=True)
    (home / "originals" / "ff" / ("f" * 32 + ".sealed")).write_bytes(b"without entry")
    assert originals.sweep() == 2
    assert files(home) == [kept]


def test_full_disk_leaves_nothing_behind(originals: Originals, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFullError):
        originals.keep(SHA256, DATA)
    monkeypatch.undo()
    assert files(home) == []
    assert not originals.has(SHA256)
