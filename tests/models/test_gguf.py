"""A GGUF header tells whether the file is one, and whether it is whole."""

import os
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelFileDamagedError, ModelMissingError
from models.gguf import read_header
from models.weights import find
from tests.models.conftest import weights


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key: str, value: Any) -> bytes:
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    if isinstance(value, list):
        return text(key) + struct.pack("<IIQ", 9, 8, len(value)) + b"".join(text(each) for each in value)
    return text(key) + struct.pack("<II", 4, value)


def gguf(
    *, metadata: dict[str, Any] | None = None, weights_: int = 64, version: int = 3, data: int | None = None
) -> bytes:
    """Return a file with one f32 tensor."""
    values = {"general.architecture": "test", "tokens": ["a", "bc"]} if metadata is None else metadata
    header = b"GGUF" + struct.pack("<IQQ", version, 1, len(values))
    header += b"".join(entry(key, value) for key, value in values.items())
    header += text("weight") + struct.pack("<IQIQ", 1, weights_, 0, 0)
    header += bytes(-len(header) % 32)
    return header + bytes(4 * weights_ if data is None else data)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_a_whole_file_is_read(file: Path) -> None:
    file.write_bytes(
        gguf(metadata={"general.architecture": "test", "test.context_length": 4096, "tokens": ["a", "bc"]})
    )
    header = read_header(file)
    assert header.architecture == "test"
    assert header.metadata["test.context_length"] == 4096
    assert header.metadata["tokens"] == 2
    assert [tensor.size for tensor in header.tensors] == [256]
    assert header.needed == file.stat().st_size


def test_values_of_an_array_are_read_where_they_are_wanted(file: Path) -> None:
    file.write_bytes(gguf(metadata={"general.architecture": "test", "tokens": ["a", "bc"], "others": ["d"]}))
    metadata = read_header(file, arrays=frozenset({"tokens"})).metadata
    assert (metadata["tokens"], metadata["others"]) == (["a", "bc"], 1)


@pytest.mark.parametrize(
    "array",
    [
        struct.pack("<IIQ", 9, 8, 2**27),
        struct.pack("<IIQ", 9, 6, 2**27),
        struct.pack("<IIQ", 9, 9, 2),
        struct.pack("<IIQQ", 9, 8, 1, 2**40),
    ],
)
def test_an_array_that_lies_is_refused_where_its_values_are_wanted(file: Path, array: bytes) -> None:
    file.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("tokens") + array)
    with pytest.raises(ModelFileDamagedError):
        read_header(file, arrays=frozenset({"tokens"}))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty"),
        (b"PK\x03\x04" + bytes(60), "not a GGUF file"),
        (b"GGUF", "ends within its header"),
        (gguf(version=99), "version 99"),
        (gguf()[:100], "ends within its header"),
        (gguf(data=10), "is cut off"),
        (gguf(metadata={}), "holds no weights"),
        (gguf(metadata={"general.architecture": "test", "general.alignment": 0}), "alignment"),
        (b"GGUF" + struct.pack("<IQQ", 3, 2**60, 1), "announces"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**60), "announces"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("k") + struct.pack("<IIQ", 9, 8, 2**27), "ends within"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("k") + struct.pack("<IIQ", 9, 9, 2), "arrays within arrays"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("k") + struct.pack("<I", 77), "unknown kind 77"),
    ],
)
def test_what_is_no_whole_model_is_refused_with_a_sentence(file: Path, content: bytes, sentence: str) -> None:
    file.write_bytes(content)
    with pytest.raises(ModelFileDamagedError, match=sentence) as caught:
        read_header(file)
    assert str(caught.value).startswith("model.gguf ")


def test_a_file_that_is_not_there_is_a_sentence(file: Path) -> None:
    with pytest.raises(ModelMissingError, match="cannot be opened"):
        read_header(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelFileDamagedError, match="it is a pipe"):
        read_header(tmp_path / "pipe.gguf")


@given(st.integers(0, 400), st.binary(min_size=1, max_size=12))
def test_no_damage_to_the_header_does_more_than_refuse(
    tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes
) -> None:
    file = tmp_path_factory.mktemp("gguf") / "model.gguf"
    content = bytearray(gguf())
    content[at : at + len(junk)] = junk
    file.write_bytes(content)
    try:
        read_header(file)
    except ModelFileDamagedError as error:
        assert str(error).endswith(".")  # noqa: PT017


@pytest.mark.weights
@pytest.mark.parametrize("name", ["small", "tiny"])
def test_real_models_are_exactly_as_long_as_their_headers_say(name: str) -> None:
    path = find(name, directory=weights())
    assert read_header(path).needed == path.stat().st_size
