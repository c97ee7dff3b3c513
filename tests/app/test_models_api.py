"""The models over JSON: what the engine does right now."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import assemble
from app.settings import Settings
from models.errors import EngineRestartingError, NotEnoughMemoryError
from tests.fakes import PlannedEngine, ScriptedChat, ScriptedMemory, ScriptedVocabulary
from tests.served import Doors, doors_of, open_doors


@pytest.fixture(name="doors")
def _doors(tmp_path: Path) -> Iterator[Doors]:
    with open_doors(tmp_path) as doors:
        yield doors


def now(doors: Doors) -> dict[str, Any]:
    answer = doors.program().get("/api/models/now")
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_now_tells_plan_slots_and_counts_and_nothing_that_was_asked(doors: Doors) -> None:
    engine = doors.product.engine()
    list(engine.submit(list(b"A zeppelin?"), max_tokens=2))
    told = now(doors)
    assert told["state"] == "ready"
    assert told["sentence"].startswith("All 2 layers on 1 core, ")
    figures = told["figures"]
    assert (figures["slots"], figures["running"], figures["waiting"]) == (2, 0, 0)
    assert figures["counters"]["written_tokens"] == 2
    assert figures["cached_share"] == 0.0
    assert "zeppelin" not in str(told)


def test_share_that_needed_no_reading_grows_when_a_prompt_comes_again(doors: Doors) -> None:
    for _ in range(2):
        list(doors.product.engine().submit(list(b"The same beginning?"), max_tokens=2))
    assert 0.4 < now(doors)["figures"]["cached_share"] < 0.5


def test_a_stranger_is_told_nothing(doors: Doors) -> None:
    assert doors.stranger().get("/api/models/now").status_code == 401


def test_engine_between_two_lives_is_told_without_waiting_for_it(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PlannedEngine, "alive", False)
    monkeypatch.setattr(PlannedEngine, "restarts", 3)
    told = now(doors)
    assert (told["state"], told["figures"], told["restarts"]) == ("restarting", None, 3)
    monkeypatch.setattr(PlannedEngine, "failure", EngineRestartingError("It died again and again."))
    told = now(doors)
    assert (told["state"], told["sentence"]) == ("failed", "It died again and again.")


def test_sentences_about_the_engine_are_kept_for_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stepping_down(_settings: Settings, tell: Any) -> PlannedEngine:
        tell("There is less memory than was wished for.")
        return PlannedEngine(ScriptedVocabulary(), ScriptedMemory())

    monkeypatch.setattr(assemble, "load_engine", stepping_down)
    told: list[str] = []
    settings = Settings(home=tmp_path, key_source="file", key_file=tmp_path / "key", port=0)
    with closing(assemble.assemble(settings, tell=told.append)) as product:
        doors = doors_of(product, ScriptedChat())
        assert now(doors)["state"] == "loading"
        product.engine()
        assert [notice["sentence"] for notice in now(doors)["notices"]] == ["There is less memory than was wished for."]
    assert "There is less memory than was wished for." in told
    assert not any("INHOUSE-" in notice.sentence for notice in product.notices.latest)


def test_model_that_does_not_fit_is_told_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object) -> None:
        raise NotEnoughMemoryError("The model needs 9 GiB of memory and 1 GiB are free.")

    monkeypatch.setattr(assemble, "load_engine", too_large)
    settings = Settings(home=tmp_path, key_source="file", key_file=tmp_path / "key", port=0)
    with closing(assemble.assemble(settings, tell=lambda _sentence: None)) as product:
        doors = doors_of(product, ScriptedChat())
        with pytest.raises(NotEnoughMemoryError):
            product.engine()
        told = now(doors)
        assert (told["state"], told["sentence"]) == ("failed", "The model needs 9 GiB of memory and 1 GiB are free.")
