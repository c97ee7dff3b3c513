"""A model is tried in a process that may die of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from models import probe
from models.errors import ModelFileDamagedError
from models.weights import find
from tests.models.conftest import weights


@pytest.mark.weights
def test_the_engine_decodes_a_token_of_the_tiny_model() -> None:
    probe.prove(find("tiny", directory=weights()))


@pytest.mark.weights
def test_an_embedding_model_embeds_a_word(minilm_file: Path) -> None:
    probe.prove(minilm_file)


@pytest.mark.weights
def test_an_embedding_model_that_lacks_weights_is_refused(minilm_file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(minilm_file.read_bytes().replace(b"blk.0.attn_q.weight", b"blk.9.attn_q.weight"))
    with pytest.raises(ModelFileDamagedError, match=r"broken\.gguf cannot be loaded"):
        probe.prove(broken)


@pytest.mark.weights
def test_a_cut_off_model_is_refused_with_its_sentence(tmp_path: Path) -> None:
    whole = find("tiny", directory=weights())
    cut = tmp_path / "cut.gguf"
    with whole.open("rb") as source:
        cut.write_bytes(source.read(20_000_000))
    with pytest.raises(ModelFileDamagedError, match=r"cut\.gguf is cut off: 20,000,000 of 253,113,024 bytes"):
        probe.prove(cut)


def test_a_file_is_tried_wherever_the_command_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a+b.bin").write_bytes(b"hello")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFileDamagedError, match=r"a\+b\.bin cannot be used as a model: it is not a GGUF file"):
        probe.prove(Path("a+b.bin"))


def fake_child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda _, **options: run([sys.executable, "-c", code], **options))


def test_an_engine_that_dies_gives_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_child(monkeypatch, "import ctypes; ctypes.string_at(0)")
    with pytest.raises(probe.EngineDiedError, match=r"The engine died while it tried model\.gguf"):
        probe.prove(Path("model.gguf"))


def test_an_engine_that_hangs_gives_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_child(monkeypatch, "import time; time.sleep(60)")
    monkeypatch.setattr(probe, "SECONDS", 0.2)
    with pytest.raises(probe.EngineDiedError, match="did not answer"):
        probe.prove(Path("model.gguf"))


def test_the_command_tells_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert probe.main(["starter", "--weights", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "The model starter is not there. Run `inhouse models fetch starter`.\n"
