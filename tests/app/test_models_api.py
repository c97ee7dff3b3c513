"""The models over JSON: what the engine does right now."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import assemble, voices
from app.settings import Settings
from models.catalogue import CATALOGUE
from models.device import Machine
from models.errors import EngineRestartingError, NotEnoughMemoryError
from models.weights import find
from tests.fakes import PlannedEngine, ScriptedChat, ScriptedMemory, ScriptedVocabulary, scripted_engine
from tests.light import use_light_models
from tests.models.test_gguf import gguf
from tests.models.toy import CONTENT, entry, serving_hub
from tests.served import QUESTION, Doors, doors_of, open_doors

ASKED = {"messages": [{"role": "user", "content": QUESTION}]}


@pytest.fixture(name="doors")
def _doors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doors]:
    """Doors before a product with a folder of weights of its own."""
    monkeypatch.delenv("INHOUSE_MODEL", raising=False)
    use_light_models(monkeypatch)
    (tmp_path / "cache" / "weights").mkdir(parents=True)
    with open_doors(tmp_path / "home", cache=tmp_path / "cache") as doors:
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
    def stepping_down(_settings: Settings, tell: Any, *_: object) -> PlannedEngine:
        tell("There is less memory than was wished for.")
        return PlannedEngine(ScriptedVocabulary(), ScriptedMemory())

    monkeypatch.setattr(voices, "load_engine", stepping_down)
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

    monkeypatch.setattr(voices, "load_engine", too_large)
    settings = Settings(home=tmp_path, key_source="file", key_file=tmp_path / "key", port=0)
    with closing(assemble.assemble(settings, tell=lambda _sentence: None)) as product:
        doors = doors_of(product, ScriptedChat())
        with pytest.raises(NotEnoughMemoryError):
            product.engine()
        told = now(doors)
        assert (told["state"], told["sentence"]) == ("failed", "The model needs 9 GiB of memory and 1 GiB are free.")


def put(doors: Doors, name: str) -> None:
    (doors.product.settings.weights / f"{name}.gguf").write_bytes(gguf())


def begin(doors: Doors, path: str, body: dict[str, Any]) -> Any:
    return doors.program().post(f"/api/models/{path}", json=body)


def ended(doors: Doors) -> dict[str, Any]:
    """Return how the work stands when it has ended."""
    for _ in range(1000):
        work: dict[str, Any] = now(doors)["work"]
        if work["state"] != "running":
            return work
        threading.Event().wait(0.02)
    raise AssertionError(work)


def names(doors: Doors, field: str) -> set[str]:
    listed = doors.program().get("/api/models").json()["models"]
    return {model["name"] for model in listed if model[field]}


def test_another_model_answers_after_it_was_chosen_and_every_page_is_told(doors: Doors) -> None:
    put(doors, "second")
    assert names(doors, "here") == {"second"}
    assert names(doors, "answers") == {"starter"}
    begun = begin(doors, "use", {"model": "second"})
    assert (begun.status_code, begun.json()["kind"]) == (202, "use")
    work = ended(doors)
    assert (work["state"], work["sentence"]) == ("done", "second answers now.")
    assert now(doors)["model"] == "second"
    assert names(doors, "answers") == {"second"}
    assert doors.program().get("/api/models").json()["next_start"] == "second"


def test_a_model_that_is_not_here_is_refused_at_once(doors: Doors) -> None:
    assert begin(doors, "use", {"model": "nobody"}).status_code == 404
    assert begin(doors, "use", {"model": "small"}).status_code == 404
    assert begin(doors, "use", {"model": "minilm"}).status_code == 422
    assert begin(doors, "use", {}).status_code == 422
    assert now(doors)["work"] is None


def test_no_room_for_both_is_told_with_a_code_that_a_page_can_offer_a_pause_for(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(doors, "second")
    doors.product.assistant()
    little = Machine(processor="p", cores=1, memory=2**40, free_memory=2**20)
    monkeypatch.setattr(PlannedEngine, "look", lambda _self: little)
    monkeypatch.setattr(PlannedEngine, "plan", replace(PlannedEngine.plan, host_bytes=2**34))
    begin(doors, "use", {"model": "second"})
    work = ended(doors)
    assert (work["state"], work["code"]) == ("failed", "not_beside")
    assert now(doors)["model"] == "starter"
    begin(doors, "use", {"model": "second", "pause": True})
    assert ended(doors)["state"] == "done"
    assert now(doors)["model"] == "second"


def test_one_piece_of_work_at_a_time(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    put(doors, "second")
    put(doors, "third")
    gate = threading.Event()

    def slow(*parts: Any) -> Any:
        assert gate.wait(30)
        return scripted_engine(*parts)

    monkeypatch.setattr(voices, "load_engine", slow)
    begin(doors, "use", {"model": "second"})
    refused = begin(doors, "use", {"model": "third"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "working")
    assert now(doors)["work"]["model"] == "second"
    assert doors.program().post("/v1/chat/completions", json=ASKED).json()["inhouse"]["model"] == "starter"
    gate.set()
    assert ended(doors)["state"] == "done"
    assert doors.program().post("/v1/chat/completions", json=ASKED).json()["inhouse"]["model"] == "second"


def test_a_model_is_fetched_with_progress_and_can_then_be_chosen(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUE, "toy", entry())
    with serving_hub(monkeypatch) as hub:
        hub.gate = threading.Event()
        assert begin(doors, "fetch", {"model": "toy"}).status_code == 202
        for _ in range(1000):
            work = now(doors)["work"]
            if work["done"]:
                break
            threading.Event().wait(0.02)
        assert (work["state"], work["total"]) == ("running", len(CONTENT))
        assert 0 < work["done"] < len(CONTENT)
        hub.gate.set()
        assert ended(doors)["sentence"] == "The model toy is here and verified."
    assert "toy" in names(doors, "here")
    begin(doors, "verify", {"model": "toy"})
    assert ended(doors)["sentence"] == "The model toy is as published."


def test_fetching_stops_when_asked_and_goes_on_from_there(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUE, "toy", entry())
    with serving_hub(monkeypatch) as hub:
        hub.gate = threading.Event()
        begin(doors, "fetch", {"model": "toy"})
        while not now(doors)["work"]["done"]:
            threading.Event().wait(0.02)
        assert doors.program().post("/api/models/stop").status_code == 204
        hub.gate.set()
        work = ended(doors)
        assert (work["state"], work["code"]) == ("failed", "stopped_work")
        begin(doors, "fetch", {"model": "toy"})
        assert ended(doors)["state"] == "done"
        assert hub.ranges[-1].startswith("bytes=")


def test_what_has_no_checksum_here_is_not_fetched(doors: Doors) -> None:
    refused = begin(doors, "fetch", {"model": "qwen2.5-7b-instruct"})
    assert refused.status_code == 404
    assert "`inhouse models import FILE`" in refused.json()["error"]["message"]
    assert begin(doors, "fetch", {"model": "nobody"}).status_code == 404


def test_a_damaged_file_is_told_when_it_is_verified(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CATALOGUE, "toy", entry())
    (doors.product.settings.weights / "toy.gguf").write_bytes(CONTENT[:-1] + b"!")
    begin(doors, "verify", {"model": "toy"})
    work = ended(doors)
    assert (work["state"], work["code"]) == ("failed", "model_file_damaged")


def test_only_models_nobody_uses_are_removed(doors: Doors) -> None:
    put(doors, "second")
    put(doors, "third")
    begin(doors, "use", {"model": "second"})
    ended(doors)
    client = doors.program()
    assert client.delete("/api/models", params={"model": "second"}).status_code == 409
    assert client.delete("/api/models", params={"model": "minilm"}).status_code == 409
    assert client.delete("/api/models", params={"model": "third"}).status_code == 204
    assert client.delete("/api/models", params={"model": "third"}).status_code == 404
    assert names(doors, "here") == {"second"}


@pytest.mark.parametrize(
    ("path", "status"), [("model.gguf", 400), ("/nowhere/model.gguf", 404), ("/etc/hostname", 422), ("", 400)]
)
def test_what_is_no_model_file_is_refused_at_once(doors: Doors, path: str, status: int) -> None:
    assert begin(doors, "import", {"path": path}).status_code == status
    assert now(doors)["work"] is None


@pytest.mark.parametrize("name", ["~nobody/m.gguf", "~nobody", "/m\0.gguf", "\0", "/" + "m" * 5000 + ".gguf", "/", "."])
def test_a_name_no_file_can_have_is_no_fault(doors: Doors, name: str) -> None:
    for action in ("use", "fetch", "import"):
        answer = begin(doors, action, {"path": name} if action == "import" else {"model": name})
        assert answer.status_code in {400, 404, 422}, (action, answer.text)
    assert doors.program().delete("/api/models", params={"model": name}).status_code in {404, 422}
    assert now(doors)["work"] is None


def test_a_header_without_a_model_behind_it_is_not_imported(doors: Doors, tmp_path: Path) -> None:
    (tmp_path / "hollow.gguf").write_bytes(gguf())
    begin(doors, "import", {"path": str(tmp_path / "hollow.gguf")})
    assert ended(doors)["state"] == "failed"
    assert names(doors, "here") == set()


@pytest.mark.weights
def test_a_file_of_ones_own_is_imported_after_the_engine_has_tried_it(doors: Doors, tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.symlink_to(find("tiny", directory=Settings().weights))
    begin(doors, "import", {"path": str(own)})
    assert ended(doors)["sentence"] == "The model is here as own."
    (model,) = [model for model in doors.program().get("/api/models").json()["models"] if model["imported"]]
    assert (model["name"], model["title"], model["licence"]) == ("own", "Gemma 3 270m", "gemma")
    assert (model["context_tokens"], model["fits"]) == (32_768, "yes")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", "/use"), ("POST", "/fetch"), ("POST", "/import"), ("DELETE", "?model=x")]
)
def test_a_stranger_is_told_nothing_about_models(doors: Doors, method: str, path: str) -> None:
    assert doors.stranger().request(method, f"/api/models{path}", json={"model": "small"}).status_code in {401, 403}


def test_a_model_that_rests_is_told_and_the_next_question_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_light_models(monkeypatch)
    with open_doors(tmp_path, unload_after_minutes=0.0005) as doors:
        doors.product.assistant()
        while now(doors)["state"] != "resting":
            threading.Event().wait(0.02)
        assert now(doors)["figures"] is None
        assert doors.stranger().get("/readyz").json()["checks"]["model"] == "ok"
        answer = doors.program().post("/v1/chat/completions", json=ASKED)
        assert answer.json()["inhouse"]["outcome"] == "finished"
