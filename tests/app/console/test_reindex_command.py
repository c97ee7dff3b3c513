"""What `inhouse reindex` sends to the process that does it."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from app.console import actions


@pytest.mark.parametrize(("given", "sent"), [("own.gguf", "/here/own.gguf"), ("own", "own"), (None, None)])
def test_the_path_of_a_file_is_sent_whole_and_a_name_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str | None, sent: str | None
) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(actions, "invoke", lambda _options, _name, **arguments: asked.update(arguments) or 0)
    monkeypatch.chdir(tmp_path)
    assert actions.reindex(argparse.Namespace(embedder=given)) == 0
    assert asked == {"embedder": sent and sent.replace("/here", str(tmp_path))}
