"""A LoRA adapter changes what its model writes, and is refused with any other model."""

from pathlib import Path

import pytest

from models.adapters import AdapterError, find_adapter, parted
from models.engine import Engine
from models.errors import ModelFileDamagedError, ModelMissingError
from models.generation import Text
from models.isolated import IsolatedEngine
from models.loading import plan_for, start_here
from models.plan import Wish
from models.process import Order
from models.weights import find
from tests.light import speeds
from tests.models.conftest import weights
from tests.models.lora import lora
from tests.models.test_gguf import gguf

WISH = Wish(context_tokens=512, slots=1)


@pytest.mark.parametrize(
    ("name", "model", "adapter"),
    [
        ("starter", "starter", None),
        ("starter+legal", "starter", "legal"),
        ("/models/a+b.gguf+legal", "/models/a+b.gguf", "legal"),
        ("starter+", "starter+", None),
        ("+legal", "+legal", None),
    ],
)
def test_a_name_means_a_model_and_perhaps_an_adapter(name: str, model: str, adapter: str | None) -> None:
    assert parted(name) == (model, adapter)


def test_a_path_with_a_plus_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "c++.gguf"
    path.write_bytes(gguf())
    assert parted(str(path)) == (str(path), None)
    assert parted(f"{path}+legal") == (str(path), "legal")


def test_an_adapter_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="no adapter called legal"):
        find_adapter("legal", model=tmp_path / "any", directory=tmp_path)


@pytest.mark.weights
class TestReal:
    """With the tiny model."""

    @pytest.fixture(name="model")
    def _model(self) -> Path:
        return find("tiny", directory=weights())

    def test_what_was_made_for_another_model_is_refused(self, model: Path, tmp_path: Path) -> None:
        lora(tmp_path / "legal.gguf", model=model)
        lora(tmp_path / "narrow.gguf", model=model, narrower=8)
        (tmp_path / "whole.gguf").write_bytes(gguf())
        assert find_adapter("legal", model=model, directory=tmp_path) == tmp_path / "legal.gguf"
        for name, other, reason in [
            ("legal", find("small", directory=weights()), "made for a model of the kind gemma3, not qwen2"),
            ("narrow", model, "made for a model of another size"),
            ("whole", model, "it is no LoRA adapter"),
        ]:
            with pytest.raises(AdapterError, match=reason):
                find_adapter(name, model=other, directory=tmp_path)

    def test_its_weights_are_part_of_the_plan(self, model: Path, tmp_path: Path) -> None:
        adapter = lora(tmp_path / "legal.gguf", model=model)
        plain, _, machine = plan_for(model, WISH)
        adapted, _, _ = plan_for(model, WISH, adapter=adapter, machine=machine)
        assert 0 < adapted.host_bytes - plain.host_bytes <= adapter.stat().st_size

    def test_only_an_adapter_that_changes_something_changes_the_text(
        self, model: Path, tmp_path: Path, tiny: Engine
    ) -> None:
        idle = start_here(model, WISH, adapter=lora(tmp_path / "idle.gguf", model=model))
        assert written(idle) == written(tiny)
        idle.close()
        strong = lora(tmp_path / "strong.gguf", model=model, strength=3.0)
        order = Order(path=model, adapter=strong, wish=WISH, max_waiting=2, speeds=speeds())
        engine = IsolatedEngine(order, tell=lambda _: None)
        assert written(engine) != written(tiny)
        engine.close()

    def test_half_an_adapter_is_refused_with_llama_cpps_reason(self, model: Path, tmp_path: Path) -> None:
        half = lora(tmp_path / "half.gguf", model=model, parts="a")
        with pytest.raises(ModelFileDamagedError, match=r"half\.gguf cannot be used with this model \(.+\)"):
            start_here(model, WISH, adapter=half)


def written(engine: Engine | IsolatedEngine) -> str:
    """Return twelve tokens, always the same."""
    prompt = [engine.model.begin or 0, *engine.tokenize("Once upon a time there was")]
    return "".join(event.text for event in engine.submit(prompt, max_tokens=12) if isinstance(event, Text))
