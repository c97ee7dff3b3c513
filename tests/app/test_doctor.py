"""The doctor names each fault and its remedy, whatever the installation dies of."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import cli, doctor
from app.doctor import Finding, check_checker, check_compiler, check_port, check_python, check_room, report
from app.settings import Settings, write_setting
from models.errors import ModelFileDamagedError, ModelMissingError
from models.weights import find
from tests.light import environment, use_light_models

TEXT = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n"
HIDDEN_ENGINE = "import sys; sys.modules['llama_cpp'] = None; import llama_cpp"
Examine = Callable[[], dict[str, dict[str, Any]]]


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A data directory with one document, on a machine where nothing is wrong."""
    home = tmp_path / "home"
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    use_light_models(monkeypatch)
    monkeypatch.setenv("INHOUSE_MODEL", "tiny")  # which is there wherever tests run; the starter need not be
    monkeypatch.setattr(doctor, "find_embedder", lambda name, directory: directory / name)
    monkeypatch.setattr(doctor, "verify", lambda _, **__: None)
    monkeypatch.setattr(doctor, "prove", lambda _: None)
    monkeypatch.setattr(doctor, "LOAD_ENGINE", [sys.executable, "-c", ""])
    monkeypatch.setattr(doctor, "check_port", lambda *_: Finding(name="port", found="free"))
    document = tmp_path / "pay.md"
    document.write_text(TEXT)
    assert cli.main(["ingest", str(document), "--collection", "Pay"]) == 0
    capsys.readouterr()
    return home


@pytest.fixture(name="examine")
def _examine(home: Path, capsys: pytest.CaptureFixture[str]) -> Examine:
    def examine() -> dict[str, dict[str, Any]]:
        status = cli.main(["doctor", "--json"])
        found = json.loads(capsys.readouterr().out)
        assert status == int(not found["ok"])
        return {finding["name"]: finding for finding in found["findings"]}

    return examine


def faults(found: dict[str, dict[str, Any]]) -> set[str]:
    assert all(finding["remedy"] for finding in found.values() if not finding["ok"])
    return {name for name, finding in found.items() if not finding["ok"]}


def test_a_sound_installation_has_no_fault(examine: Examine) -> None:
    found = examine()
    assert faults(found) == set()
    assert found.keys() == {
        "python", "compiler", "weights tiny", "engine", "weights minilm", "data directory", "model directory",
        "port", "key", "database", "index", "retention",
    }  # fmt: skip


def test_a_missing_key_is_told(home: Path, examine: Examine) -> None:
    home.with_name("home.key").unlink()
    found = examine()
    assert faults(found) == {"key"}
    assert "inhouse keys restore" in found["key"]["remedy"]


def test_a_wrong_key_is_told(home: Path, examine: Examine) -> None:
    home.with_name("home.key").write_bytes(bytes(32))
    found = examine()
    assert faults(found) == {"key"}
    assert "inhouse keys restore" in found["key"]["remedy"]


def test_a_damaged_database_is_told(home: Path, examine: Examine) -> None:
    database = home / "inhouse.db"
    database.write_bytes(b"\0" * database.stat().st_size)
    found = examine()
    assert faults(found) == {"database"}
    assert "backup" in found["database"]["remedy"]


def test_a_page_damaged_in_the_middle_is_told(home: Path, examine: Examine) -> None:
    database = home / "inhouse.db"
    with database.open("r+b") as file:
        file.seek(database.stat().st_size - 2000)
        file.write(b"damage")
    found = examine()
    assert "database" in faults(found)
    assert "backup" in found["database"]["remedy"]


def test_an_index_that_disagrees_is_told_and_built_again(
    home: Path, examine: Examine, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(home / "index")
    found = examine()
    assert faults(found) == {"index"}
    assert "inhouse doctor --rebuild-index" in found["index"]["remedy"]
    assert cli.main(["doctor", "--rebuild-index"]) == 0
    capsys.readouterr()
    assert faults(examine()) == set()
    assert cli.main(["search", "zeppelin allowance", "--collection", "Pay", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passages"]


def test_a_damaged_index_is_told_and_built_again(
    home: Path, examine: Examine, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "index" / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    found = examine()
    assert faults(found) == {"index"}
    assert "inhouse doctor --rebuild-index" in found["index"]["remedy"]
    assert cli.main(["doctor", "--rebuild-index"]) == 0
    capsys.readouterr()
    assert faults(examine()) == set()


@pytest.mark.parametrize("error", [ModelMissingError("It is not there."), ModelFileDamagedError("It is damaged.")])
def test_weights_that_are_missing_or_damaged_are_told(
    examine: Examine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(name: str, directory: Path) -> Path:
        raise error

    for name in ("app.doctor.find_embedder", "models.weights.find"):
        monkeypatch.setattr(name, fail)
    found = examine()
    assert faults(found) == {"weights tiny", "weights minilm"}
    assert "inhouse models fetch tiny" in found["weights tiny"]["remedy"]
    assert found["engine"]["found"].startswith("It can be loaded")


def test_a_smaller_model_that_judges_is_looked_at_too(examine: Examine, home: Path) -> None:
    write_setting(home, "background_model", "nowhere")
    found = examine()
    assert faults(found) == {"weights nowhere"}
    assert "inhouse models fetch nowhere" in found["weights nowhere"]["remedy"]


def test_an_engine_that_dies_is_told(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(path: Path) -> None:
        raise ModelFileDamagedError("The engine died.")

    monkeypatch.setattr(doctor, "prove", die)
    found = examine()
    assert faults(found) == {"engine"}
    assert "CPU=portable" in found["engine"]["remedy"]


def test_an_engine_that_is_not_there_is_told(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LOAD_ENGINE", [sys.executable, "-c", HIDDEN_ENGINE])
    found = examine()
    assert faults(found) == {"engine"}
    assert "make run" in found["engine"]["remedy"]


@pytest.mark.weights
def test_asking_without_an_engine_is_a_sentence(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "llama_cpp").mkdir()
    (tmp_path / "llama_cpp" / "__init__.py").write_text("raise RuntimeError('Failed to load shared library')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("INHOUSE_MODEL", "tiny")  # `make test` fetches no larger one
    ask = [sys.executable, "-m", "app", "ask", "What is it?"]
    asked = subprocess.run(ask, capture_output=True, text=True, check=False)
    assert asked.returncode == 1
    assert asked.stderr.startswith("The engine, llama.cpp, is missing or damaged. Run `make run`")


def test_without_a_compiler_the_doctor_says_who_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not check_compiler().remedy
    monkeypatch.setenv("PATH", "")
    assert "only building the engine anew needs one (" in check_compiler().found


def test_a_directory_that_was_never_set_up_is_told_and_not_made(
    tmp_path: Path, examine: Examine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INHOUSE_HOME", str(tmp_path / "new"))
    found = examine()
    assert "inhouse setup" in found["data directory"]["remedy"]
    assert not (tmp_path / "new").exists()


def test_findings_are_printed_for_a_person_with_their_remedies(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home.with_name("home.key").unlink()
    assert cli.main(["doctor"]) == 1
    printed = capsys.readouterr().out
    assert "ok     python: " in printed
    assert "FAULT  key: " in printed


def test_an_unsupported_python_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not check_python().remedy
    monkeypatch.setattr("sys.version_info", (3, 10, 0))
    assert "Install Python 3.11, 3.12 or 3.13" in check_python().remedy


def test_a_full_disk_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not check_room(tmp_path / "not" / "there", "disk").remedy
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**10, 10**10, 10**6))
    assert "2 GB of room" in check_room(tmp_path, "disk").remedy


def test_a_port_that_another_program_uses_is_a_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(0.1)
        assert "inhouse serve --port" in check_port("127.0.0.1", taken.getsockname()[1]).remedy
    assert not check_port("127.0.0.1", 0).remedy


def test_the_report_is_well_only_when_every_finding_is() -> None:
    well, ill = Finding(name="a", found="fine."), Finding(name="b", found="broken.", remedy="Mend it.")
    assert report([well])["ok"]
    assert not report([well, ill])["ok"]


@pytest.mark.weights
def test_a_checker_in_a_file_is_tried(tmp_path: Path) -> None:
    path = find("small", directory=Settings().weights)
    there, engine = check_checker(Settings(home=tmp_path, checker=path))
    assert (there.found, there.remedy) == (f"{path} holds one.", "")
    assert (engine.found, engine.remedy) == ("It decodes with this model.", "")


def test_a_checker_that_is_none_is_told_with_its_setting(tmp_path: Path) -> None:
    for path in (tmp_path / "none.gguf", tmp_path):
        (finding,) = check_checker(Settings(home=tmp_path, checker=path))
        assert "checker" in finding.found
        assert finding.remedy == "Name another one in inhouse.toml (`checker`), or take that line out."
    assert list(check_checker(Settings(home=tmp_path))) == []
