"""What every embedder of ours promises: the hashing one, and the real MiniLM from its folder and from a GGUF file."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models.embedder import Embedder
from models.embedding import Embeds
from models.errors import ModelFileDamagedError, ModelMissingError
from models.file_embedder import FileEmbedder
from models.process import ROOT
from models.weights import find
from tests.fakes import HashEmbedder
from tests.models.conftest import weights

TEXTS = ["The cat sat on the mat.", "Dogs bark.", "A cat on a mat", "", "Ünïcödé, 東京 and 😀."]


@pytest.fixture(params=["hash", *(pytest.param(name, marks=pytest.mark.weights) for name in ("minilm", "file"))])
def embedder(request: pytest.FixtureRequest) -> Iterator[Embeds]:
    found: Embeds = HashEmbedder()
    if request.param == "minilm":
        found = request.getfixturevalue("minilm")
    elif request.param == "file":
        found = FileEmbedder(request.getfixturevalue("minilm_file"), threads=2)
    yield found
    found.close()


def test_rows_are_unit_vectors_in_the_order_of_the_texts(embedder: Embeds) -> None:
    rows = embedder.embed_documents(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    for row, text in zip(rows, TEXTS, strict=True):
        assert row @ embedder.embed_query(text) > 0.99


@pytest.mark.weights
def test_a_limit_of_threads_from_outside_falsifies_nothing(minilm: Embedder) -> None:
    script = (
        "import sys; from pathlib import Path; from models.embedder import Embedder\n"
        "print(*Embedder.load(Path(sys.argv[1])).embed_query(sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, str(find("minilm", directory=weights())), TEXTS[0]]
    limited = os.environ | {"OMP_THREAD_LIMIT": "1"}
    done = subprocess.run(command, env=limited, cwd=ROOT, capture_output=True, text=True, check=True)
    assert np.array(done.stdout.split(), float) @ minilm.embed_query(TEXTS[0]) > 0.99


def test_no_texts_give_no_rows(embedder: Embeds) -> None:
    assert embedder.embed_documents([]).shape == (0, embedder.dimension)


def test_texts_about_the_same_are_near(embedder: Embeds) -> None:
    rows = embedder.embed_documents(TEXTS)
    query = embedder.embed_query("cat on the mat")
    assert rows[0] @ query > rows[1] @ query


def test_tokens_lie_in_order_within_the_text(embedder: Embeds) -> None:
    for text in [*TEXTS, "word " * 2000]:
        offsets = embedder.token_offsets(text)
        assert len(offsets) == embedder.count_tokens(text)
        assert all(0 <= start < end <= len(text) for start, end in offsets)
        assert offsets == sorted(offsets)


@pytest.mark.weights
def test_minilm_reads_254_tokens_in_384_dimensions(minilm: Embedder) -> None:
    assert (minilm.dimension, minilm.max_tokens) == (384, 254)
    assert [("Wörter!")[start:end] for start, end in minilm.token_offsets("Wörter!")][-1] == "!"


@pytest.mark.weights
def test_langchain_sees_lists_of_numbers(minilm: Embedder) -> None:
    view = minilm.as_langchain()
    assert np.allclose(view.embed_documents(["hello"])[0], view.embed_query("hello"), atol=1e-2)
    assert isinstance(view.embed_query("hello")[0], float)


def test_a_missing_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="is not there"):
        Embedder.load(tmp_path / "none")


@pytest.mark.weights
def test_a_folder_without_a_model_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelFileDamagedError, match="cannot be loaded"):
        Embedder.load(tmp_path)
