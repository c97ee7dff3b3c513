"""The models on this machine and those that can be had: what is told of each, and what may be done to it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.chat_model.choosing import Located, NotChatError, located
from app.chat_model.shelf import InUseError, bring, fetch, fit, listed, recommended, remove
from app.settings import Settings
from models.adapters import AdapterError
from models.device import GIB, Machine
from models.errors import UnknownModelError
from models.plan import Wish
from models.recommended import RECOMMENDED
from tests.models.test_gguf import gguf

MACHINE = Machine(processor="p", cores=2, memory=64 * GIB, free_memory=64 * GIB)
WISH = Wish(context_tokens=4096, slots=2)
SEVEN = next(model for model in RECOMMENDED if model.name == "qwen2.5-7b-instruct")


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path, cache=tmp_path)
    settings.weights.mkdir()
    return settings


def put(settings: Settings, name: str, metadata: dict[str, Any] | None = None) -> Path:
    path = settings.weights / f"{name}.gguf"
    path.write_bytes(gguf(metadata={"general.architecture": "llama"} | (metadata or {})))
    return path


def entry(settings: Settings, name: str, *, answers: str = "starter") -> dict[str, Any]:
    return next(model for model in listed(settings, MACHINE, answers=answers) if model["name"] == name)


def test_an_imported_file_is_described_by_its_header(settings: Settings) -> None:
    told = {"general.name": "Mistral 7B", "general.license": "apache-2.0", "llama.context_length": 32768}
    path = put(settings, "own", told)
    model = entry(settings, "own")
    assert (model["title"], model["licence"], model["context_tokens"]) == ("Mistral 7B", "apache-2.0", 32768)
    assert (model["bytes"], model["imported"], model["here"]) == (path.stat().st_size, True, True)


def test_a_file_that_changes_is_read_anew(settings: Settings) -> None:
    put(settings, "own", {"general.name": "One"})
    assert entry(settings, "own")["title"] == "One"
    put(settings, "own", {"general.name": "Another"})
    assert entry(settings, "own")["title"] == "Another"


@pytest.mark.parametrize("metadata", [{}, {"general.name": 7, "general.license": ["a", "b"]}])
def test_what_a_header_does_not_tell_is_left_open(settings: Settings, metadata: dict[str, Any]) -> None:
    put(settings, "own", metadata)
    assert (entry(settings, "own")["title"], entry(settings, "own")["licence"]) == ("Imported", None)


def test_a_damaged_file_is_listed_with_what_is_wrong(settings: Settings) -> None:
    put(settings, "own").write_bytes(gguf()[:100])
    assert "ends within its header" in entry(settings, "own")["problem"]


def test_what_answers_is_marked_by_whatever_name_it_was_chosen(settings: Settings) -> None:
    path = put(settings, "own")
    for name in ("own", str(path)):
        assert entry(settings, "own", answers=name)["answers"]
        assert not entry(settings, "starter", answers=name)["answers"]
    assert entry(settings, "minilm")["used"]
    assert not entry(settings, "minilm")["answers"]


def test_a_model_fits_wholly_with_less_or_not_at_all() -> None:
    shape = SEVEN.architecture.shape()
    whole = fit("seven", shape, MACHINE, WISH)
    assert (whole["fits"], whole["fit"]) == ("yes", "Fits: it needs 5.0 GiB of memory.")
    tight = replace(MACHINE, free_memory=round(whole["needs_bytes"] * 1.01))
    less = fit("seven", shape, tight, WISH)
    assert less["fits"] == "less"
    assert less["needs_bytes"] == whole["needs_bytes"]
    assert "Fits, but only for 2 people at once with 2,048 tokens" in less["fit"]
    none = fit("seven", shape, replace(MACHINE, free_memory=2 * GIB), WISH)
    assert none["fits"] == "no"
    assert "needs 5.0 GiB of memory, and 2.0 GiB are free" in none["fit"]


def test_models_worth_bringing_say_what_they_are_and_what_they_need(settings: Settings) -> None:
    small, *_, large = recommended(settings, replace(MACHINE, free_memory=4 * GIB))
    assert (small["fits"], large["fits"]) == ("yes", "no")
    for model in recommended(settings, MACHINE):
        assert model["fits"] == "yes"
        assert model["licence"]
        assert model["page"].startswith("huggingface.co/")


def test_a_model_without_a_checksum_cannot_be_fetched_by_name(settings: Settings) -> None:
    with pytest.raises(UnknownModelError, match=r"huggingface\.co/Qwen/Qwen2\.5-7B-Instruct .* `inhouse models import"):
        fetch(settings, SEVEN.name, lambda _done, _total: None)


def test_what_is_used_is_not_removed_by_whatever_name(settings: Settings) -> None:
    path = put(settings, "own")
    for answers in ("own", str(path)):
        with pytest.raises(InUseError, match="it answers"):
            remove(settings, "own", answers=answers)
    with pytest.raises(InUseError, match="documents are searched with it"):
        remove(settings, "minilm", answers="own")
    with pytest.raises(InUseError, match="judges"):
        remove(settings.model_copy(update={"background_model": str(path)}), "own", answers="starter")
    assert path.exists()
    remove(settings, "own", answers="starter")
    assert not path.exists()


@pytest.mark.parametrize(
    ("architecture", "pooling", "kind"),
    [("llama", None, "chat"), ("bert", 1, "embedder"), ("qwen3", 3, "embedder"), ("bert", 4, "reranker")],
)
def test_an_imported_file_is_listed_as_what_its_header_makes_it(
    settings: Settings, architecture: str, pooling: int | None, kind: str
) -> None:
    put(
        settings,
        "own",
        {"general.architecture": architecture} | ({f"{architecture}.pooling_type": pooling} if pooling else {}),
    )
    told = entry(settings, "own")
    assert (told["kind"], "fit" in told) == (kind, kind == "chat")
    if kind != "chat":
        with pytest.raises(NotChatError, match="does not write answers"):
            located(settings, "own")


def test_an_embedding_file_that_search_uses_is_not_removed_by_whatever_name(settings: Settings) -> None:
    path = put(settings, "own", {"general.architecture": "bert", "bert.pooling_type": 1})
    for name in ("own", str(path)):
        used = settings.model_copy(update={"embedder": name})
        assert entry(used, "own")["used"]
        with pytest.raises(InUseError, match="documents are searched with it"):
            remove(used, "own", answers="starter")


def test_a_reranker_that_search_uses_is_shown_as_used_and_not_removed(settings: Settings) -> None:
    path = put(settings, "own", {"general.architecture": "bert", "bert.pooling_type": 4})
    used = settings.model_copy(update={"reranker": path})
    assert (entry(settings, "own")["used"], entry(used, "own")["used"]) == (False, True)
    with pytest.raises(InUseError, match="puts what a search finds in order"):
        remove(used, "own", answers="starter")


def test_a_checker_that_judges_is_shown_as_used_and_not_removed(settings: Settings) -> None:
    used = settings.model_copy(update={"checker": put(settings, "own")})
    assert (entry(settings, "own")["used"], entry(used, "own")["used"]) == (False, True)
    with pytest.raises(InUseError, match="judges the statements of answers"):
        remove(used, "own", answers="starter")


@pytest.fixture(name="adapter")
def _adapter(settings: Settings) -> str:
    """An adapter called legal beside the model it fits, called own, and one it does not fit."""
    put(settings, "own")
    put(settings, "other", {"general.architecture": "qwen2"})
    put(settings, "legal", {"general.type": "adapter", "adapter.type": "lora", "general.name": "Legal words"})
    return "legal"


def test_an_adapter_is_listed_with_the_models_it_may_be_used_with(settings: Settings, adapter: str) -> None:
    told = entry(settings, adapter)
    assert (told["kind"], told["title"], told["models"], told["used"]) == ("adapter", "Legal words", ["own"], False)


def test_a_model_with_an_adapter_is_used_and_answers_only_together(settings: Settings, adapter: str) -> None:
    together = f"own+{adapter}"
    assert located(settings, together) == Located(
        name=together, path=settings.weights / "own.gguf", adapter=settings.weights / "legal.gguf"
    )
    own, legal = (entry(settings, name, answers=together) for name in ("own", adapter))
    assert (own["used"], own["answers"]) == (True, False), "it may still be chosen, without the adapter"
    assert (legal["used"], legal["answers"]) == (True, True)
    for name in ("own", adapter):
        with pytest.raises(InUseError):
            remove(settings, name, answers=together)
    remove(settings, adapter, answers="own")


def test_an_adapter_does_not_answer_alone_or_with_another_model(settings: Settings, adapter: str) -> None:
    with pytest.raises(NotChatError, match=r"MODEL\+legal"):
        located(settings, adapter)
    with pytest.raises(AdapterError, match="of the kind llama, not qwen2"):
        located(settings, f"other+{adapter}")


def test_an_adapter_is_imported_without_its_model(settings: Settings, adapter: str, tmp_path: Path) -> None:
    file = (settings.weights / f"{adapter}.gguf").rename(tmp_path / "brought.gguf")
    assert bring(settings, file) == "brought"
    assert entry(settings, "brought")["kind"] == "adapter"
