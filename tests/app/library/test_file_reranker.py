"""The product with a reranking model in a GGUF file: it decides the order of a search, and ends with the product."""

import argparse
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from app.assemble import assemble
from app.console.model_actions import import_model
from app.doctor import check_reranker
from app.settings import Settings
from models.errors import ModelError, ModelFileDamagedError, ModelMissingError, NotRerankerError
from models.file_reranker import FileReranker
from models.weights import find
from retrieval.sources import bytes_source
from tests.app.library.test_file_embedder import product_of
from tests.models import ranker_file

pytestmark = pytest.mark.weights
TEXTS = {
    "a.md": "The hotel limit in Paris is 160 euros a night.",
    "b.md": "Hotel, hotel, hotel.",
    "c.md": "Parental leave is six months, the hotel is not.",
    "d.md": "Whoever books a hotel asks the travel desk first.",
}


@pytest.fixture(name="file", scope="module")
def _file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = ranker_file.of_bert(tmp_path_factory.mktemp("reranker") / "own")
    return ranker_file.of_folder(folder, folder.with_suffix(".gguf"))


def test_a_file_decides_the_order_of_a_search_and_ends_with_the_product(tmp_path: Path, file: Path) -> None:
    alone = FileReranker(file, threads=1)
    scores = alone("hotel", list(TEXTS.values()))
    alone.close()
    with product_of(tmp_path / "home", Settings().cache, reranker=file) as product:
        sources = [bytes_source(name, text.encode()) for name, text in TEXTS.items()]
        collection_id = product.collections.create(LOCAL_ACTOR, "Pay").collection_id
        list(product.knowledge.learn(sources, collection_id=collection_id))
        retriever = product.retriever()
        found = retriever.search("hotel", collection_ids=[collection_id])
        reranker = retriever._rerank
        assert isinstance(reranker, FileReranker)
        assert reranker.alive
    best_first = sorted(zip(scores, TEXTS, strict=True), reverse=True)
    assert [passage.document for passage in found] == [name for _, name in best_first]
    assert not reranker.alive


def test_what_is_none_stops_the_start_with_a_sentence(tmp_path: Path, file: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(file.read_bytes()[:20_000])
    chat = find("tiny", directory=Settings().weights)
    wrong: list[tuple[Path, type[ModelError]]] = [
        (tmp_path / "none.gguf", ModelMissingError),
        (cut, ModelFileDamagedError),
        (chat, NotRerankerError),
    ]
    for path, error in wrong:
        settings = Settings(home=tmp_path / "home", key_source="file", key_file=tmp_path / "key", reranker=path)
        with pytest.raises(error):
            assemble(settings, tell=lambda _sentence: None)
        (finding,) = check_reranker(settings)
        assert finding.remedy == "Name another one in inhouse.toml (`reranker`), or take that line out."
    assert "writes answers and puts no texts in order" in finding.found


def test_the_doctor_tries_the_file(tmp_path: Path, file: Path) -> None:
    there, engine = check_reranker(Settings(home=tmp_path, reranker=file))
    assert (there.found, there.remedy) == (f"{file} holds one.", "")
    assert (engine.found, engine.remedy) == ("It scores texts with this model.", "")
    assert list(check_reranker(Settings(home=tmp_path))) == []


def test_a_file_is_imported_and_says_how_it_is_used(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(cache=tmp_path)
    monkeypatch.setattr("app.settings.load_settings", lambda: settings)
    assert import_model(argparse.Namespace(file=file, json=False)) == 0
    place = tmp_path / "weights" / "own.gguf"
    assert f'Choose it with `reranker = "{place}"` in inhouse.toml.' in capsys.readouterr().out
    assert place.is_file()
