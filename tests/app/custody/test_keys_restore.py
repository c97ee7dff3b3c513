"""`inhouse keys restore`: a lost key comes back with the recovery key, and nothing else opens the data."""

import io
import re
from pathlib import Path

import pytest

from app import cli
from tests.light import environment


@pytest.fixture(name="key_file")
def _key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the key will be; it is made by the first command."""
    for name, value in environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    key_file = tmp_path / "home.key"
    key_file.unlink()
    return key_file


@pytest.fixture(name="recovery_key")
def _recovery_key(key_file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the recovery key that the first command showed."""
    assert cli.main(["collections", "create", "Travel"]) == 0
    shown = re.search(r"INHOUSE(?:-\w{4})+", capsys.readouterr().err)
    assert shown
    return shown[0]


def _type(monkeypatch: pytest.MonkeyPatch, text: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(text + "\n"))
    return cli.main(["keys", "restore"])


def test_recovery_key_brings_a_lost_key_back(
    key_file: Path, recovery_key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key_file.unlink()
    assert cli.main(["collections", "list"]) == 1
    assert "inhouse keys restore" in capsys.readouterr().err
    assert _type(monkeypatch, recovery_key.lower()) == 0
    assert cli.main(["collections", "list"]) == 0
    assert "Travel" in capsys.readouterr().out


def test_mistyped_recovery_key_changes_nothing(
    key_file: Path, recovery_key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key_file.unlink()
    swapped = recovery_key[:-1] + ("0" if recovery_key[-1] != "0" else "1")
    assert _type(monkeypatch, swapped) == 1
    assert "not a recovery key" in capsys.readouterr().err
    assert not key_file.exists()


def test_recovery_key_in_a_file_is_sealed_and_brings_the_key_back(
    key_file: Path,
    recovery_key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    passphrase = "a long passphrase\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(2 * passphrase))
    assert cli.main(["keys", "export-recovery", str(tmp_path / "recovery")]) == 0
    assert cli.main(["keys", "export-recovery", str(tmp_path / "recovery")]) == 1
    assert "not replaced" in capsys.readouterr().err
    key = key_file.read_bytes()
    key_file.unlink()
    monkeypatch.setattr("sys.stdin", io.StringIO("another passphrase\n"))
    assert cli.main(["keys", "restore", str(tmp_path / "recovery")]) == 1
    assert "passphrase is wrong" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO(passphrase))
    assert cli.main(["keys", "restore", str(tmp_path / "recovery")]) == 0
    assert key_file.read_bytes() == key
