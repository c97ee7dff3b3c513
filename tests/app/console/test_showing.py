"""What documents and models say never steers the terminal it is printed on."""

import json
from collections.abc import Mapping

import pytest

from app.console import showing
from app.console.terminal import ProgressLine, print_items, say

STEERS = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
SIGNS = set("\x1b\x07\x9b\u202e")
PASSAGE = {"rank": 1, "document": f"a{STEERS}.md", "page": None, "score": 0.5, "text": f"Said.{STEERS}"}


def result(value: Mapping[str, object]) -> dict[str, object]:
    return {"kind": "result", "value": value, "failed": False}


@pytest.mark.parametrize(
    ("command", "item"),
    [
        ("search", result({"passages": [PASSAGE]})),
        ("ask", {"kind": "delta", "text": f"Said.{STEERS}"}),
        ("ingest", {"kind": "note", "text": f"Said.{STEERS}"}),
        ("ingest", {"kind": "progress", "text": f"Said.{STEERS}", "done": 1, "total": 2}),
        ("models use", result({"sentence": f"Said.{STEERS}"})),
        (
            "users list",
            result({"users": [{"name": STEERS, "roles": [], "groups": [], "active": True, "invited": False}]}),
        ),
    ],
)
def test_nothing_that_is_printed_steers_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str, item: dict[str, object]
) -> None:
    monkeypatch.setattr("app.console.terminal.QUIET_SECONDS", 0.0)
    print_items([item], command=command, as_json=False)
    printed = "".join(capsys.readouterr())
    assert printed.strip()
    assert not SIGNS & set(printed)


def test_json_steers_nothing_and_says_exactly_what_was_found(capsys: pytest.CaptureFixture[str]) -> None:
    found = {"passages": [PASSAGE | {"text": "Said.\u2066\x7f\n" + STEERS}]}
    print_items([result(found)], command="search", as_json=True)
    printed = capsys.readouterr().out
    assert not SIGNS & set(printed)
    assert json.loads(printed) == found


def test_the_line_of_progress_is_rewritten_by_our_own_signs_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    line = ProgressLine()
    line.show(f"a{STEERS}.md", 1, 2)
    line.clear()
    assert capsys.readouterr().err.replace("\r\x1b[K", "").isprintable()


def test_lines_and_tabs_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    say("One\n\ttwo \u200d👩‍💻 हिन्दी\u00a0ü")
    assert capsys.readouterr().err == "One\n\ttwo \u200d👩‍💻 हिन्दी\u00a0ü\n"
    assert showing.plain("a\rb") == "a b"
