"""The doctor names each fault and its remedy, whatever the installation dies of."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import cli, doctor
from app.doctor import Finding, check_port, check_python, check_room, report
from models.errors import ModelFileDamagedError, ModelMissingError
from tests.light import environment, use_light_models

TEXT = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n"
Examine = Callable[[], dict[str, dict[str, Any]]]


@pytest.fixture(name="home")
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A data directory with one document, on a machine where nothing is wrong."""
    home = tmp_path / "home"
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("app.assemble.load_engine", None)
    monkeypatch.setattr("app.assemble.load_chat", None)
    monkeypatch.setattr("app.assemble.load_embedder", None)
    use_light_models()
    monkeypatch.setattr(doctor, "find", lambda name, directory: directory / name)
    monkeypatch.setattr(doctor, "verify", lambda _, **__: None)
    monkeypatch.setattr(doctor, "prove", lambda _: None)
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
        "python", "compiler", "weights starter", "engine", "weights minilm", "data directory", "model directory",
        "port", "key", "database", "index",
    }  # fmt: skip


def test_a_missing_key_is_told(home: Path, examine: Examine) -> None:
    home.with_name("home.key").unlink()
    assert faults(examine()) == {"key"}


def test_a_wrong_key_is_told(home: Path, examine: Examine) -> None:
    home.with_name("home.key").write_bytes(bytes(32))
    assert faults(examine()) == {"key"}


def test_a_damaged_database_is_told(home: Path, examine: Examine) -> None:
    database = home / "inhouse.db"
    database.write_bytes(b"\0" * database.stat().st_size)
    assert faults(examine()) == {"database"}


def test_a_page_damaged_in_the_middle_is_told(home: Path, examine: Examine) -> None:
    database = home / "inhouse.db"
    with database.open("r+b") as file:
        file.seek(database.stat().st_size - 2000)
        file.write(b"damage")
    assert "database" in faults(examine())


def test_an_index_that_disagrees_is_told_and_built_again(
    home: Path, examine: Examine, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(home / "index")
    assert faults(examine()) == {"index"}
    assert cli.main(["doctor", "--rebuild-index"]) == 0
    capsys.readouterr()
    assert faults(examine()) == set()
    assert cli.main(["search", "zeppelin allowance", "--collection", "Pay", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["passages"]


def test_a_damaged_index_is_told_and_built_again(
    home: Path, examine: Examine, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "index" / "chroma.sqlite3").write_bytes(b"not a database" * 1000)
    assert faults(examine()) == {"index"}
    assert cli.main(["doctor", "--rebuild-index"]) == 0
    capsys.readouterr()
    assert faults(examine()) == set()


@pytest.mark.parametrize("error", [ModelMissingError("It is not there."), ModelFileDamagedError("It is damaged.")])
def test_weights_that_are_missing_or_damaged_are_told(
    examine: Examine, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(name: str, directory: Path) -> Path:
        raise error

    monkeypatch.setattr(doctor, "find", fail)
    found = examine()
    assert faults(found) == {"weights starter", "weights minilm"}
    assert "inhouse models fetch starter" in found["weights starter"]["remedy"]


def test_an_engine_that_dies_is_told(examine: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(path: Path) -> None:
        raise ModelFileDamagedError("The engine died.")

    monkeypatch.setattr(doctor, "prove", die)
    assert faults(examine()) == {"engine"}


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
    assert check_python().remedy


def test_a_full_disk_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not check_room(tmp_path / "not" / "there", "disk").remedy
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**10, 10**10, 10**6))
    assert check_room(tmp_path, "disk").remedy


def test_a_port_that_another_program_uses_is_a_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(0.1)
        assert check_port("127.0.0.1", taken.getsockname()[1]).remedy
    assert not check_port("127.0.0.1", 0).remedy


def test_the_report_is_well_only_when_every_finding_is() -> None:
    well, ill = Finding(name="a", found="fine."), Finding(name="b", found="broken.", remedy="Mend it.")
    assert report([well])["ok"]
    assert not report([well, ill])["ok"]
