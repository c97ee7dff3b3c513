"""An embedding model in a GGUF file: the same embeddings as of its folder, and its death costs one call."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from models import embedding_process
from models.embedder import Embedder
from models.embedding_process import EmbeddingOrder, EmbeddingProcess
from models.errors import (
    EmbedderCrashedError,
    InvalidRequestError,
    ModelError,
    ModelFileDamagedError,
    ModelMissingError,
    NotEmbedderError,
    UnknownVocabularyError,
)
from models.file_embedder import FileEmbedder
from models.frames import write_frame
from models.gguf import read_header
from models.passes import PASS_TEXTS, PASS_TOKENS, passes
from models.process import ROOT
from models.weights import find
from tests.models.conftest import weights
from tests.models.test_gguf import gguf

HANDBOOK = ROOT / "assets" / "demo" / "handbook"
ODD = ["", " \n", "Ünïcödé, 東京 and 😀.", "\ud800", "a\x00b\ufffd", "[SEP] [CLS]", "x" * 300, "word " * 2000]


FACTS = {"dimension": 4, "context_tokens": 8, "begin": [], "end": []}


def frame(**value: Any) -> bytes:
    stream = BytesIO()
    write_frame(stream, value)
    return stream.getvalue()


def paragraphs() -> list[str]:
    """Return what real documents say."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(HANDBOOK.glob("*.md"))]
    return [part for text in texts for part in text.split("\n\n") if part.strip()]


@pytest.fixture(name="embedder")
def _embedder(minilm_file: Path) -> Iterator[FileEmbedder]:
    embedder = FileEmbedder(minilm_file, threads=2)
    yield embedder
    embedder.close()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.mark.weights
def test_embeddings_are_those_of_sentence_transformers(embedder: FileEmbedder, minilm: Embedder) -> None:
    texts = paragraphs()
    cosines = (embedder.embed_documents(texts) * minilm.embed_documents(texts)).sum(axis=1)
    assert len(texts) > 100
    assert cosines.min() > 0.999


@pytest.mark.weights
def test_odd_texts_give_the_same_embeddings_too(embedder: FileEmbedder, minilm: Embedder) -> None:
    rows = embedder.embed_documents(ODD)
    same = minilm.embed_documents([text.encode("utf-8", "replace").decode() for text in ODD])
    markers = ODD.index("[SEP] [CLS]")  # sentence-transformers takes these for its own marker tokens
    assert np.delete((rows * same).sum(axis=1), markers).min() > 0.999
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


@pytest.mark.weights
def test_tokens_are_counted_and_placed_as_sentence_transformers_does(embedder: FileEmbedder, minilm: Embedder) -> None:
    assert (embedder.dimension, embedder.max_tokens) == (minilm.dimension, minilm.max_tokens)
    for text in [*paragraphs(), *ODD]:
        if "[SEP]" not in text:
            same = text.encode("utf-8", "replace").decode()
            assert embedder.token_offsets(text) == minilm.token_offsets(same)
            assert embedder.count_tokens(text) == minilm.count_tokens(same)


@pytest.mark.weights
def test_what_stands_behind_the_last_token_it_reads_changes_nothing(embedder: FileEmbedder) -> None:
    long = "word " * embedder.max_tokens
    first, second, third = embedder.embed_documents([long, f"{long}and a cat", long[5:]])
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)


@pytest.mark.weights
def test_every_pass_makes_way_before_it_begins(embedder: FileEmbedder) -> None:
    asked: list[int] = []
    texts = paragraphs()
    embedder.embed_documents(texts, before_pass=lambda: asked.append(1))
    assert 1 < len(asked) < len(texts)


@pytest.mark.weights
def test_a_question_is_embedded_between_two_passes(embedder: FileEmbedder) -> None:
    rows: list[np.ndarray] = []

    def ask() -> None:
        asking = threading.Thread(target=lambda: rows.append(embedder.embed_query("hotel")))
        asking.start()
        asking.join()

    embedder.embed_documents(["pelican", "zeppelin"], before_pass=ask)
    assert len(rows) == 1


@pytest.mark.weights
def test_a_death_ends_the_call_and_the_next_one_starts_it_again(embedder: FileEmbedder) -> None:
    before = embedder.embed_query("hotel")
    dead = embedder.pid
    assert dead
    os.kill(dead, signal.SIGSTOP)  # so that it does not answer before it dies
    dying = threading.Timer(0.2, os.kill, (dead, signal.SIGKILL))
    dying.start()
    with pytest.raises(EmbedderCrashedError):
        embedder.embed_query("hotel")
    dying.join()
    assert np.allclose(embedder.embed_query("hotel"), before)
    assert embedder.pid != dead


@pytest.mark.weights
def test_a_process_that_does_not_come_to_an_end_is_killed(
    embedder: FileEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_process, "HANG_SECONDS", 0.1)
    hanging = embedder.pid
    assert hanging
    os.kill(hanging, signal.SIGSTOP)
    with pytest.raises(EmbedderCrashedError):
        embedder.embed_query("hotel")
    assert gone(hanging)


@pytest.mark.weights
def test_a_process_that_died_while_nobody_asked_is_not_noticed(embedder: FileEmbedder) -> None:
    dead = embedder.pid
    assert dead
    os.kill(dead, signal.SIGKILL)
    while embedder.alive:
        pass
    assert embedder.embed_query("hotel").shape == (embedder.dimension,)


@pytest.mark.weights
def test_a_model_nobody_asks_gives_its_memory_back_and_comes_again(minilm_file: Path) -> None:
    idle = threading.Event()
    looked = threading.Event()

    def rest(_idle: float) -> float:
        looked.set()
        return 0.0 if idle.is_set() else 0.01

    embedder = FileEmbedder(minilm_file, threads=1, rest=rest)
    first = embedder.pid
    assert first
    assert looked.wait(60)
    idle.set()
    while embedder.alive or not gone(first):
        pass
    idle.clear()
    assert embedder.embed_query("hotel").shape == (embedder.dimension,)
    assert embedder.pid not in {None, first}
    embedder.close()
    assert not embedder.alive


@pytest.mark.weights
@pytest.mark.parametrize("texts", [[], [[]], [[101, 30_522, 102]], [[-1]], [[101] * 300], [[101] * 20] * 60])
def test_the_process_refuses_what_it_cannot_compute_and_goes_on(minilm_file: Path, texts: list[list[int]]) -> None:
    process = EmbeddingProcess(EmbeddingOrder(path=minilm_file, gpu_layers=None, threads=1))
    with pytest.raises(InvalidRequestError):
        process.embed(texts)
    assert process.embed([[101, 102]]).shape == (1, 384)
    assert process.close() == 0


@pytest.mark.parametrize(
    "said",
    [
        b"nothing",
        b"\x02\x00\x00\x00{}",
        b'\x0a\x00\x00\x00{"ready":1}',
        b'\x0b\x00\x00\x00{"ready":{}}',
        frame(ready={"dimension": "4", "context_tokens": 8, "begin": [], "end": []}),
        frame(ready={"dimension": 4, "context_tokens": 8, "begin": [-1], "end": []}),
        frame(ready=FACTS) + frame(rows="AAAA"),
        frame(ready=FACTS) + frame(rows="?"),
        frame(ready=FACTS) + frame(rows=[1.0] * 4),
        frame(ready=FACTS) + frame(columns=""),
    ],
)
def test_a_process_that_says_what_cannot_be_understood_is_ended(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    code = f"import sys; sys.stdout.buffer.write({said!r}); sys.stdout.flush(); sys.stdin.read()"
    run = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **options: run([sys.executable, "-c", code], **options))
    order = EmbeddingOrder(path=Path("own.gguf"), gpu_layers=None, threads=1)
    with pytest.raises(ModelError):
        embed_once(order)


def embed_once(order: EmbeddingOrder) -> None:
    with closing(EmbeddingProcess(order)) as process:
        process.embed([[1]])


@pytest.mark.weights
def test_a_file_that_was_changed_is_not_loaded_in_place_of_the_former_one(minilm_file: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(minilm_file.read_bytes())
    embedder = FileEmbedder(own, threads=1)
    own.touch()
    embedder.embed_query("hotel")
    embedder.close()
    for _ in range(2):
        with pytest.raises(ModelFileDamagedError, match="was changed since it was loaded"):
            embedder.embed_query("hotel")
        own.unlink(missing_ok=True)


@pytest.mark.weights
def test_weights_that_are_no_numbers_are_a_sentence(minilm_file: Path, tmp_path: Path) -> None:
    header = read_header(minilm_file)
    tensor = next(tensor for tensor in header.tensors if tensor.name == "token_embd.weight")
    content = bytearray(minilm_file.read_bytes())
    begin = header.data + tensor.offset
    content[begin : begin + tensor.size] = b"\xff" * tensor.size
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(content)
    embedder = FileEmbedder(broken, threads=1)
    with pytest.raises(ModelFileDamagedError, match="no number"):
        embedder.embed_query("hotel")
    embedder.close()


@pytest.mark.weights
def test_a_header_that_ends_llama_ends_the_loading_with_a_sentence(minilm_file: Path, tmp_path: Path) -> None:
    broken = with_number(minilm_file, tmp_path, "bert.block_count", 0)
    with pytest.raises(EmbedderCrashedError, match="died while it was loaded"):
        FileEmbedder(broken, threads=1)


@pytest.mark.weights
@pytest.mark.parametrize(("pooling", "token"), [(2, 0), (3, -1)])
def test_the_header_says_which_token_stands_for_the_text(
    minilm_file: Path, minilm: Embedder, tmp_path: Path, pooling: int, token: int
) -> None:
    text = "The hotel limit in Paris is 160 euros."
    embedder = FileEmbedder(with_number(minilm_file, tmp_path, "bert.pooling_type", pooling), threads=1)
    row = embedder.embed_query(text)
    embedder.close()
    wanted = minilm._model.encode(text, output_value="token_embeddings")[token].float().cpu().numpy()
    assert row @ wanted / np.linalg.norm(wanted) > 0.999


def with_number(file: Path, folder: Path, key: str, number: int) -> Path:
    """Return a copy of a file in whose header a number is another one."""
    content = bytearray(file.read_bytes())
    begin = content.index(key.encode()) + len(key) + 4
    content[begin : begin + 4] = number.to_bytes(4, "little")
    changed = folder / "changed.gguf"
    changed.write_bytes(content)
    return changed


@pytest.mark.weights
def test_a_file_that_is_cut_off_or_lies_about_its_weights_is_a_sentence(minilm_file: Path, tmp_path: Path) -> None:
    content = minilm_file.read_bytes()
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelFileDamagedError, match="is cut off"):
        FileEmbedder(broken, threads=1)
    broken.write_bytes(content.replace(b"blk.0.attn_q.weight", b"blk.9.attn_q.weight"))
    with pytest.raises(ModelFileDamagedError, match="cannot be loaded"):
        FileEmbedder(broken, threads=1)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="cannot be opened"):
        FileEmbedder(tmp_path / "none.gguf", threads=1)


@pytest.mark.weights
def test_a_chat_model_is_refused_as_an_embedder_with_the_remedy() -> None:
    with pytest.raises(NotEmbedderError, match=r"gemma-3-270m-q4_k_m writes answers .* `inhouse models list`"):
        FileEmbedder(find("tiny", directory=weights()), threads=1)


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"general.architecture": "llama"}, "writes answers"),
        ({"general.architecture": "bert", "bert.pooling_type": 4}, "puts texts in order"),
        ({"general.architecture": "bert"}, "does not say"),
        ({"general.architecture": "bert", "bert.pooling_type": 1}, "its vocabulary is of the kind None"),
    ],
)
def test_what_makes_no_embeddings_is_refused(tmp_path: Path, metadata: dict[str, object], sentence: str) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(gguf(metadata=metadata))
    with pytest.raises((NotEmbedderError, UnknownVocabularyError), match=sentence):
        FileEmbedder(path, threads=1)


def test_a_pass_holds_no_more_than_is_computed_at_once() -> None:
    texts = [[1] * length for length in [1] * (PASS_TEXTS + 1) + [PASS_TOKENS, PASS_TOKENS + 7, 2, PASS_TOKENS - 2, 1]]
    cut = list(passes(texts))
    assert [text for part in cut for text in part] == texts
    assert all(len(part) <= PASS_TEXTS for part in cut)
    assert all(len(part) == 1 or sum(map(len, part)) <= PASS_TOKENS for part in cut)
    assert [len(part) for part in cut] == [PASS_TEXTS, 1, 1, 1, 2, 1]
    assert list(passes([])) == []
