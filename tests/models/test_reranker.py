"""A CrossEncoder of this machine decides the order, and nothing else is taken for one."""

import json
import shutil
from pathlib import Path

import pytest

from models.errors import ModelFileDamagedError, ModelMissingError
from models.reranker import RERANKER, Reranker
from tests import crossencoder


@pytest.fixture(name="folder", scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crossencoder.make(tmp_path_factory.mktemp("reranker"))


def test_each_text_gets_its_own_score_in_order(folder: Path) -> None:
    reranker = Reranker.load(folder)
    texts = ["the hotel is euros", "the leave is days", "hotel hotel hotel"]
    scores = reranker("hotel", texts)
    assert len(set(scores)) == 3
    assert reranker("hotel", list(reversed(texts))) == pytest.approx(list(reversed(scores)), abs=1e-4)
    assert reranker("leave", texts) != pytest.approx(scores, abs=1e-4)
    assert reranker("hotel", []) == []


def test_text_longer_than_it_reads_is_scored_all_the_same(folder: Path) -> None:
    assert len(Reranker.load(folder)("hotel", ["the hotel is euros " * 200])) == 1


def test_folder_that_is_not_there_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="nowhere"):
        RERANKER.check(tmp_path / "nowhere")


@pytest.mark.parametrize("wrong", ["empty", "embedder", "several scores", "pickled", "no JSON"])
def test_anything_else_is_refused(folder: Path, tmp_path: Path, wrong: str) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    about = json.loads((other / "config.json").read_text())
    if wrong == "empty":
        (other / "config.json").unlink()
    elif wrong == "embedder":
        (other / "config.json").write_text(json.dumps(about | {"architectures": ["BertModel"]}))
    elif wrong == "several scores":
        (other / "config.json").write_text(json.dumps(about | {"id2label": {"0": "no", "1": "yes"}}))
    elif wrong == "pickled":
        (other / "model.safetensors").rename(other / "pytorch_model.bin")
    else:
        (other / "config.json").write_text("[")
    with pytest.raises(ModelFileDamagedError, match="CrossEncoder"):
        Reranker.load(other)


def test_damaged_weights_are_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelFileDamagedError, match="cannot be loaded"):
        Reranker.load(other)
