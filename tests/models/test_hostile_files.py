"""A model's file that lies ends with a sentence, and the process that asked for it goes on."""

from contextlib import closing, suppress
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from models import template_process
from models.chat import LocalChat
from models.errors import ModelError, ModelFileDamagedError, TemplateBrokenError
from models.gguf import read_header
from models.isolated import IsolatedEngine
from models.plan import Wish
from models.process import Order
from models.shape import shape_of
from tests.light import speeds
from tests.models import ranker_file
from tests.models.test_file_embedder import with_number
from tests.models.test_gguf import gguf
from tests.models.test_template import CHATML, HARMFUL

LARGEST = 2**31 - 1


@pytest.fixture(name="chat_file", scope="module")
def _chat_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chat model of made-up weights."""
    return ranker_file.of_qwen(tmp_path_factory.mktemp("chat") / "own.gguf", template=CHATML, ranks=False)[0]


def engine_of(path: Path) -> IsolatedEngine:
    wish = Wish(context_tokens=128, slots=1)
    return IsolatedEngine(Order(path=path, wish=wish, max_waiting=4, speeds=speeds()), tell=lambda _sentence: None)


def test_numbers_of_a_header_that_cannot_be_are_estimated_without_harm(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    for number in (0, 1, LARGEST, 2**32 - 1):
        about = {"llama.block_count": number, "llama.embedding_length": number, "llama.attention.head_count": number}
        path.write_bytes(gguf(metadata={"general.architecture": "llama"} | about))
        assert len(shape_of(read_header(path)).layers) <= 1


def test_a_layer_of_no_number_is_no_layer(tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    content = gguf(metadata={"general.architecture": "llama", "llama.block_count": 1})
    path.write_bytes(
        content.replace(b"\x06\x00\x00\x00\x00\x00\x00\x00weight", b"\x06\x00\x00\x00\x00\x00\x00\x00blk.\xc2\xb2")
    )
    header = read_header(path)
    assert header.tensors[0].name == "blk.²"
    assert shape_of(header).layers == (0,)


@pytest.mark.weights
@pytest.mark.parametrize(
    ("key", "number"),
    [
        ("block_count", 0),
        ("block_count", LARGEST),
        ("attention.head_count", 0),
        ("attention.head_count", LARGEST),
        ("attention.head_count_kv", 0),
        ("attention.key_length", 0),
        ("embedding_length", 0),
        ("embedding_length", LARGEST),
        ("feed_forward_length", 0),
        ("context_length", 0),
        ("context_length", 2**32 - 1),
    ],
)
def test_a_header_that_lies_is_a_sentence_or_does_no_harm(
    chat_file: Path, tmp_path: Path, key: str, number: int
) -> None:
    """What llama.cpp makes of it is its own: it refuses, dies in its process, or does without."""
    path = with_number(chat_file, tmp_path, f"qwen3.{key}", number)
    with suppress(ModelError), closing(engine_of(path)) as engine:
        assert list(engine.submit([40, 41], max_tokens=2))


@pytest.mark.weights
def test_an_unknown_architecture_is_a_sentence_that_names_it(chat_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.gguf"
    path.write_bytes(chat_file.read_bytes().replace(b"qwen3", b"qwenX"))
    with pytest.raises(ModelFileDamagedError, match="unknown model architecture: 'qwenX'"):
        engine_of(path)


@pytest.mark.weights
def test_a_file_whose_template_never_ends_is_a_sentence_and_the_engine_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template_process, "RENDER_SECONDS", 6.0)
    template = CHATML + "{% if messages | length > 1 %}" + HARMFUL["loops without end"] + "{% endif %}"
    path, *_ = ranker_file.of_qwen(tmp_path / "own.gguf", template=template, ranks=False)
    with closing(engine_of(path)) as engine:
        chat = LocalChat(engine=engine, max_tokens=2)
        with pytest.raises(TemplateBrokenError, match="took too long or too much memory"):
            chat.invoke([HumanMessage("Hi"), HumanMessage("Hi")])
        assert chat.invoke([HumanMessage("Hi")]).response_metadata
        assert isinstance(chat._template, template_process.TemplateProcess)
    assert chat._template._child is None, "it ends with the engine"
