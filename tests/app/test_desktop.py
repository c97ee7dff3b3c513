"""Inhouse in a window of its own: it starts with the window and ends with it."""

import os
import shutil
import signal
import subprocess
import sys
import time
import types
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import desktop
from tests import light

BROWSER = """\
import sys, urllib.request
page = urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(sys.argv[1])
open({seen!r}, "w").write(str(page.status) + page.read().decode()[:100])
"""


@pytest.fixture(name="browser")
def _browser(tmp_path: Path) -> Path:
    """A program that opens the address like a browser that is closed at once; what it saw is in `seen` beside it."""
    program = tmp_path / "browser"
    program.write_text(f"#!{sys.executable}\n" + BROWSER.format(seen=str(tmp_path / "seen")))
    program.chmod(0o755)
    return program


@pytest.fixture(name="display")
def _display() -> Iterator[str]:
    """A virtual screen."""
    if not shutil.which("Xvfb"):
        pytest.skip("needs Xvfb")
    reader, writer = os.pipe()
    with subprocess.Popen(["Xvfb", "-displayfd", str(writer)], pass_fds=[writer], stderr=subprocess.DEVNULL) as screen:
        os.close(writer)
        with os.fdopen(reader) as told:
            yield ":" + told.readline().strip()
        screen.terminate()


def test_the_page_opens_and_closing_it_ends_inhouse(tmp_path: Path, browser: Path, display: str) -> None:
    done = light.run(tmp_path / "home", "desktop", timeout=90, DISPLAY=display, BROWSER=str(browser))
    assert done.returncode == 0, done.stderr
    seen = (tmp_path / "seen").read_text()
    assert seen.startswith("200")
    assert "<html" in seen
    assert not (tmp_path / "home" / "run" / "server.json").exists()


def test_a_browser_that_cannot_tell_its_end_leaves_inhouse_running_until_ctrl_c(
    tmp_path: Path, browser: Path, display: str
) -> None:
    running = light.start(tmp_path / "home", "desktop", DISPLAY=display, BROWSER=f"{browser} %s &")
    until = time.monotonic() + 60
    while not (tmp_path / "seen").exists() and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1)
    assert running.poll() is None
    running.send_signal(signal.SIGINT)
    ended = running.finish(timeout=30)
    assert ended.returncode == 0
    assert "Ctrl-C" in ended.stderr


class FakeWindow(types.ModuleType):
    """Stands in for pywebview, which is an optional extra."""

    def __init__(self, *, broken: bool = False) -> None:
        super().__init__("webview")
        self.broken = broken
        self.opened: list[str] = []
        self.errors = types.SimpleNamespace(WebViewException=RuntimeError)

    def create_window(self, title: str, address: str, **options: object) -> None:
        self.opened.append(address)

    def start(self, **options: object) -> None:
        if self.broken:
            raise RuntimeError("no toolkit")


def test_a_window_of_its_own_is_used_where_pywebview_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow()
    monkeypatch.setitem(sys.modules, "webview", window)
    assert desktop.show("http://127.0.0.1:1/") == "closed"
    assert window.opened == ["http://127.0.0.1:1/"]


def test_without_a_toolkit_for_windows_the_browser_is_used(monkeypatch: pytest.MonkeyPatch, browser: Path) -> None:
    monkeypatch.setitem(sys.modules, "webview", FakeWindow(broken=True))
    monkeypatch.setattr("webbrowser.get", lambda: webbrowser.GenericBrowser("true"))
    assert desktop.show("http://127.0.0.1:1/") == "closed"
