"""Files of JSON lines as people and programs write them."""

from pathlib import Path

import pytest

from app.console.lines import InputFileError, read_lines, read_objects


def written(folder: Path, data: bytes) -> Path:
    """Return a file that holds these bytes."""
    file = folder / "lines.jsonl"
    file.write_bytes(data)
    return file


@pytest.mark.parametrize(
    "data",
    [
        b'\xef\xbb\xbf{"_id": 1, "text": "a"}\n{"_id": "2", "text": "b"}\n',
        b'{"_id": 1, "text": "a"}\r\n\r\n{"_id": "2", "text": "b"}\r\n',
        b'\n  \n{"_id": 1, "text": "a"}\n\n{"_id": "2", "text": "b"}',
    ],
)
def test_byte_order_marks_line_ends_and_empty_lines_do_not_matter(tmp_path: Path, data: bytes) -> None:
    assert [read["_id"] for read in read_lines(written(tmp_path, data))] == [1, "2"]


def test_half_of_a_character_is_replaced(tmp_path: Path) -> None:
    file = written(tmp_path, b'{"_id": "1", "text": "a\\ud800b", "history": [{"speaker": "user", "text": "\\udfff"}]}')
    said = {"speaker": "user", "text": "\ufffd"}
    assert read_lines(file) == [{"_id": "1", "text": "a\ufffdb", "history": [said]}]


@pytest.mark.parametrize("line", [b"[" * 20_000 + b"]" * 20_000, b'{"_id": NaN}'])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: bytes) -> None:
    file = written(tmp_path, b'{"_id": 1, "text": "a"}\n' + line)
    with pytest.raises(InputFileError, match="Line 2"):
        read_objects(file)


@pytest.mark.parametrize("history", [b'"x"', b"[5]", b'[{"speaker": "user"}]', b'[{"text": "x"}]'])
def test_a_history_of_another_shape_is_named(tmp_path: Path, history: bytes) -> None:
    file = written(tmp_path, b'{"_id": 1, "text": "a", "history": ' + history + b"}")
    with pytest.raises(InputFileError, match=r'Line 1 of .* "history"'):
        read_lines(file)
