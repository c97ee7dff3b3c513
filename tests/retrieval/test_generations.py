"""An index says which embedder it was made with, down to the file."""

from pathlib import Path

import pytest

from retrieval.errors import EmbedderChangedError
from retrieval.generations import check_embedder, embedder_of


def test_an_index_is_used_with_the_embedder_it_was_made_with_only(tmp_path: Path) -> None:
    check_embedder(tmp_path, "own", sha256="1")
    check_embedder(tmp_path, "own", sha256="1")
    with pytest.raises(EmbedderChangedError, match="made with the embedder own, and the settings name other"):
        check_embedder(tmp_path, "other", sha256="1")
    with pytest.raises(EmbedderChangedError, match="made with another file called own"):
        check_embedder(tmp_path, "own", sha256="2")


def test_a_file_that_is_not_there_is_not_taken_for_another(tmp_path: Path) -> None:
    check_embedder(tmp_path, "own", sha256="1")
    check_embedder(tmp_path, "own")
    with pytest.raises(EmbedderChangedError):
        check_embedder(tmp_path, "own", sha256="2")


def test_a_hash_that_becomes_known_is_noted(tmp_path: Path) -> None:
    check_embedder(tmp_path, "own")
    check_embedder(tmp_path, "own", sha256="1")
    with pytest.raises(EmbedderChangedError):
        check_embedder(tmp_path, "own", sha256="2")


def test_what_is_noted_of_one_index_can_be_noted_of_its_copy(tmp_path: Path) -> None:
    check_embedder(tmp_path / "first", "own", sha256="1")
    check_embedder(tmp_path / "copy", embedder_of(tmp_path / "first"))
    assert embedder_of(tmp_path / "copy") == embedder_of(tmp_path / "first")
    with pytest.raises(EmbedderChangedError):
        check_embedder(tmp_path / "copy", "own", sha256="2")
