from pathlib import Path

import pytest

from models.embedders import FILES, embedders, find_embedder
from models.errors import NotEmbedderError, UnknownModelError
from models.weights import find
from tests.models.conftest import weights


def put(folder: Path, *, without: str = "") -> Path:
    for name in FILES:
        if name != without:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("{}")
    return folder


def test_folders_that_hold_an_embedding_model_are_named(tmp_path: Path) -> None:
    put(tmp_path / "e5-small")
    put(tmp_path / "pickled", without="model.safetensors")
    put(tmp_path / "all-MiniLM-L6-v2")  # the catalogue's, and not whole
    (tmp_path / "chat.gguf").write_bytes(b"GGUF")
    assert embedders(directory=tmp_path) == ["e5-small"]
    assert embedders(directory=tmp_path / "none") == []


def test_an_embedding_model_is_found_by_the_name_of_its_folder_or_a_path(tmp_path: Path) -> None:
    folder = put(tmp_path / "e5-small")
    assert find_embedder("e5-small", directory=tmp_path) == folder
    assert find_embedder(str(folder), directory=tmp_path / "elsewhere") == folder
    for name in ("", "none", "pickled"):
        with pytest.raises(UnknownModelError):
            find_embedder(name, directory=tmp_path)


def test_imported_files_that_embed_are_named_and_found_and_those_that_write_answers_are_not(
    tmp_path: Path, minilm_file: Path
) -> None:
    (tmp_path / "ours.gguf").symlink_to(minilm_file)
    (tmp_path / "chat.gguf").symlink_to(find("tiny", directory=weights()))
    assert embedders(directory=tmp_path) == ["ours"]
    assert find_embedder("ours", directory=tmp_path) == tmp_path / "ours.gguf"
    with pytest.raises(NotEmbedderError):
        find_embedder("chat", directory=tmp_path)
