"""The master key in a real system keyring: gnome-keyring on a D-Bus session of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PASSWORD = "zanzibar login"

pytestmark = [
    pytest.mark.keyring,
    pytest.mark.skipif(
        not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
        reason="gnome-keyring and dbus are not installed",
    ),
]


def in_session(tmp_path: Path, script: str, *, password: str = PASSWORD) -> str:
    """Run a Python script in a login session whose keyring was unlocked with a password; return what it printed."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment |= {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "PASSWORD": password}
    unlocked = 'printf %s "$PASSWORD" | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"'
    command = ["dbus-run-session", "--", "bash", "-c", unlocked, "session", sys.executable, "-c", script, str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


SETUP = """
import sys
from pathlib import Path
from app.errors import explain
from app.store.errors import StoreError
from app.store.keys import open_key, restore_key
first, second = Path(sys.argv[1], "first"), Path(sys.argv[1], "second")
"""


def test_each_data_directory_has_its_own_key_and_finds_it_again(tmp_path: Path) -> None:
    opening = SETUP + (
        "for home in (first, second):\n"
        "    opened = open_key(home, source='keyring', create=True)\n"
        "    print(opened.master.hex(), opened.recovery_key is not None)\n"
    )
    made = in_session(tmp_path, opening).splitlines()
    again = in_session(tmp_path, opening).splitlines()
    assert [line.split()[1] for line in made] == ["True", "True"]
    assert again == [line.replace("True", "False") for line in made]
    assert made[0] != made[1]


def test_locked_keyring_is_a_sentence_and_makes_no_key(tmp_path: Path) -> None:
    made = in_session(tmp_path, SETUP + "print(open_key(first, source='keyring', create=True).master.hex())")
    trying = SETUP + (
        "for home in (first, second):\n"
        "    try:\n"
        "        open_key(home, source='keyring', create=True)\n"
        "    except StoreError as error:\n"
        "        print(type(error).__name__, explain(error))\n"
    )
    refused = in_session(tmp_path, trying, password="another").splitlines()
    assert [line.split()[0] for line in refused] == ["KeyringLockedError"] * 2
    assert "Unlock it" in refused[0]
    assert in_session(tmp_path, SETUP + "print(open_key(first, source='keyring').master.hex())") == made


def test_key_that_vanished_from_the_keyring_comes_back_by_the_recovery_key(tmp_path: Path) -> None:
    recovery = in_session(tmp_path, SETUP + "print(open_key(first, source='keyring', create=True).recovery_key)")
    for file in (tmp_path / ".local/share/keyrings").iterdir():
        file.unlink()
    lost = SETUP + (
        "try:\n"
        "    open_key(first, source='keyring', create=True)\n"
        "except StoreError as error:\n"
        "    print(explain(error))\n"
    )
    assert "recovery key" in in_session(tmp_path, lost)
    restoring = SETUP + (
        f"restored = restore_key(first, {recovery.strip()!r}, source='keyring')\n"
        "print(restored.master == open_key(first, source='keyring').master)\n"
    )
    assert in_session(tmp_path, restoring) == "True\n"


def test_without_a_session_the_alternatives_are_named(tmp_path: Path) -> None:
    trying = SETUP + (
        "try:\n"
        "    open_key(first, source='keyring', create=True)\n"
        "except StoreError as error:\n"
        "    print(type(error).__name__, explain(error))\n"
    )
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    ended = subprocess.run(
        [sys.executable, "-c", trying, str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert ended.stdout.startswith("NoKeyringError")
    assert "INHOUSE_KEY_SOURCE" in ended.stdout
    assert not (tmp_path / "first").exists()
