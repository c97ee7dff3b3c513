"""Choosing the model that answers: at once in a running product, and for the next start."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import assemble, commands, voices
from app.answers import LOCAL_ACTOR, Answer, Question
from app.chat_model.choosing import NotChatError, NotSwitchedError, choose, next_start
from app.chat_model.shelf import InUseError
from app.product import Product
from app.settings import Settings
from models.device import Machine
from models.errors import NotEnoughMemoryError, UnknownModelError
from models.room import NotBesideError
from tests.fakes import PlannedEngine, ScriptedChat, scripted_engine
from tests.light import use_light_models
from tests.models.test_gguf import gguf
from tests.served import QUESTION, learn


@pytest.fixture(name="product")
def _product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    """A product that answers with the model `first`, beside which lies `second`; neither is a real one."""
    monkeypatch.delenv("INHOUSE_MODEL", raising=False)
    use_light_models(monkeypatch)
    settings = Settings(
        home=tmp_path / "home", cache=tmp_path / "cache", key_source="file", key_file=tmp_path / "key", model="first"
    )
    settings.weights.mkdir(parents=True)
    for name in ("first", "second"):
        (settings.weights / f"{name}.gguf").write_bytes(gguf())
    with closing(assemble.assemble(settings, tell=lambda _sentence: None)) as product:
        yield product


def chosen(product: Product, name: str, *, pause: bool = False) -> str:
    return choose(product.settings, product.serving, name, pause=pause, told=lambda _sentence: None).sentence


def asked(product: Product) -> Answer:
    *_, answer = product.assistant().ask(LOCAL_ACTOR, Question(text=QUESTION))
    assert isinstance(answer, Answer)
    return answer


def test_questions_go_to_the_chosen_model_at_once_and_after_the_next_start(product: Product) -> None:
    learn(product)
    assert asked(product).model == "first"
    assert chosen(product, "second") == "second answers now."
    assert asked(product).model == "second"
    assert next_start(product.settings) == "second"
    assert 'model = "second"' in (product.settings.home / "inhouse.toml").read_text()


def test_an_explicit_variable_goes_before_what_was_chosen_and_it_is_said(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INHOUSE_MODEL", "starter")
    product.assistant()
    assert chosen(product, "second") == (
        "second answers now. But INHOUSE_MODEL is set, so the next start begins with starter."
    )
    assert product.serving.name == "second"
    assert next_start(product.settings) == "starter"


def test_prompts_fit_the_model_that_was_switched_to(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    learn(product, text="# Desks\n\n" + "\n\n".join(f"The Paris office has {n} desks of oak." for n in range(90)))
    product.assistant()
    narrow = ScriptedChat(context_tokens=500)
    monkeypatch.setattr(voices, "load_chat", lambda _engine: narrow)
    chosen(product, "second")
    asked(product)
    assert 100 < narrow.count_prompt_tokens(narrow.prompts[-1]) <= 500 - product.settings.answer_tokens


def test_prompts_fit_an_engine_that_was_started_again_with_less(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn(product, text="# Desks\n\n" + "\n\n".join(f"The Paris office has {n} desks of oak." for n in range(90)))
    chat = ScriptedChat()
    monkeypatch.setattr(voices, "load_chat", lambda _engine: chat)
    asked(product)
    chat.context_tokens = 500
    asked(product)
    wide, narrow = (chat.count_prompt_tokens(prompt) for prompt in chat.prompts[:2])
    assert narrow <= 500 - product.settings.answer_tokens < wide


def test_a_file_outside_of_the_folder_is_remembered_by_its_whole_path(product: Product, tmp_path: Path) -> None:
    (tmp_path / "third.gguf").write_bytes(gguf())
    product.assistant()
    chosen(product, str(tmp_path / "third.gguf"))
    assert next_start(product.settings) == product.serving.name == str(tmp_path / "third.gguf")


def test_what_is_no_chat_model_or_not_there_is_refused_and_nothing_changes(product: Product) -> None:
    product.assistant()
    with pytest.raises(NotChatError):
        chosen(product, "minilm")
    with pytest.raises(UnknownModelError):
        chosen(product, "nobody")
    assert product.serving.name == next_start(product.settings).replace("starter", "first") == "first"


def test_without_room_for_both_only_a_pause_is_offered(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    product.assistant()
    little = Machine(processor="p", cores=1, memory=2**40, free_memory=2**20)
    monkeypatch.setattr(PlannedEngine, "look", lambda _self: little)
    monkeypatch.setattr(PlannedEngine, "plan", replace(PlannedEngine.plan, host_bytes=2**34))
    with pytest.raises(NotBesideError, match="no room for second beside scripted"):
        chosen(product, "second")
    assert product.serving.name == "first"
    chosen(product, "second", pause=True)
    assert product.serving.name == "second"


def test_a_model_that_fails_leaves_the_first_one_answering_and_says_why(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(settings: Settings, *parts: Any) -> Any:
        if settings.model == "second":
            raise NotEnoughMemoryError("It needs 9 GiB.")
        return scripted_engine(settings, *parts)

    product.assistant()
    monkeypatch.setattr(voices, "load_engine", too_large)
    for pause in (False, True):
        with pytest.raises(NotSwitchedError) as caught:
            chosen(product, "second", pause=pause)
        assert str(caught.value) == "second was not switched to. It needs 9 GiB. first goes on answering."
        assert caught.value.status == 503
        assert product.serving.ready
    assert not (product.settings.home / "inhouse.toml").exists()


def test_a_model_that_says_nothing_is_not_switched_to(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    product.assistant()
    monkeypatch.setattr(voices, "load_chat", lambda _engine: ScriptedChat(texts=[""]))
    with pytest.raises(NotSwitchedError, match=r"wrote nothing .* first goes on answering\.$"):
        chosen(product, "second")


def test_the_command_tells_its_steps_and_ends_with_what_was_chosen(product: Product) -> None:
    product.assistant()
    *steps, last = commands.run(product, "models use", {"name": "second", "pause": False}, threading.Event())
    assert [step["kind"] for step in steps] == ["progress"] * len(steps)
    assert "Asking second a trial question." in [step["text"] for step in steps]
    assert last["value"] == {"model": "second", "sentence": "second answers now."}


def test_the_command_fails_with_the_sentence(product: Product) -> None:
    with pytest.raises(UnknownModelError, match="no model called nobody"):
        list(commands.run(product, "models use", {"name": "nobody", "pause": False}, threading.Event()))


def test_the_command_removes_what_nobody_uses_and_nothing_else(product: Product) -> None:
    with pytest.raises(InUseError, match="it answers"):
        list(commands.run(product, "models remove", {"name": "first"}, threading.Event()))
    list(commands.run(product, "models remove", {"name": "second"}, threading.Event()))
    assert [path.name for path in product.settings.weights.glob("*.gguf")] == ["first.gguf"]
