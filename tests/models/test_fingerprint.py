"""A model's file is told from every other of its name."""

import hashlib
import json
import os
from pathlib import Path

from models.fingerprint import HASHES, sha256_of
from tests.models.test_gguf import gguf


def put(directory: Path, name: str, content: bytes) -> Path:
    path = directory / f"{name}.gguf"
    path.write_bytes(content)
    return path


def test_a_file_has_the_hash_of_its_bytes_by_name_and_by_path(tmp_path: Path) -> None:
    path = put(tmp_path, "own", gguf())
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    assert sha256_of("own", directory=tmp_path) == sha256_of(str(path), directory=tmp_path) == wanted


def test_a_file_that_changes_is_read_anew_and_another_is_not(tmp_path: Path) -> None:
    path = put(tmp_path, "own", gguf())
    before = sha256_of("own", directory=tmp_path)
    remembered = json.loads((tmp_path / HASHES).read_text())
    remembered[str(path.resolve())][-1] = "remembered"
    (tmp_path / HASHES).write_text(json.dumps(remembered))
    assert sha256_of("own", directory=tmp_path) == "remembered"
    put(tmp_path, "own", gguf(weights_=65))
    assert sha256_of("own", directory=tmp_path) not in {before, "remembered"}


def test_a_file_of_the_same_size_written_later_is_read_anew(tmp_path: Path) -> None:
    path = put(tmp_path, "own", gguf())
    before = sha256_of("own", directory=tmp_path)
    put(tmp_path, "own", gguf(data=256).replace(b"weight", b"height"))
    os.utime(path, ns=(1, 1))
    assert sha256_of("own", directory=tmp_path) != before


def test_what_is_pinned_or_not_there_has_no_hash(tmp_path: Path) -> None:
    for name in ("minilm", "none", str(tmp_path / "none.gguf")):
        assert sha256_of(name, directory=tmp_path) == ""


def test_what_is_remembered_wrongly_is_reckoned_again(tmp_path: Path) -> None:
    put(tmp_path, "own", gguf())
    wanted = sha256_of("own", directory=tmp_path)
    for broken in ("", "[]", '{"own": 7}', "\x00"):
        (tmp_path / HASHES).write_text(broken)
        assert sha256_of("own", directory=tmp_path) == wanted


def test_files_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    path = put(tmp_path, "own", gguf())
    sha256_of("own", directory=tmp_path)
    path.unlink()
    put(tmp_path, "other", gguf())
    sha256_of("other", directory=tmp_path)
    assert list(json.loads((tmp_path / HASHES).read_text())) == [str((tmp_path / "other.gguf").resolve())]
