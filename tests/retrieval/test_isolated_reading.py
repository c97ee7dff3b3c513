"""Files are read in a process of their own: what it costs, what it says and how it ends harms nobody else."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from retrieval.errors import ReaderMissingError, ReadingStoppedError, UnreadableDocumentError
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.readers import read_document
from retrieval.readers.isolated import ROOT, Allowance, Reader
from retrieval.sources import bytes_source
from tests.retrieval.files import pdf
from tests.retrieval.learning import COLLECTION

STAND_IN = """
import json, os, subprocess, sys, time
from retrieval.readers.frames import pack, read_frame, write_frame
out, source = sys.stdout.buffer, sys.stdin.buffer
write_frame(out, pack({"ready": True}))
name = json.loads(read_frame(source, most=1000))["name"]
read_frame(source, most=1000)
head = {"title": "t", "media_type": "m", "encoding": "", "language": "", "warnings": [], "notes": []}
head |= {"blocks": [], "pages": []}
"""
"""The beginning of a reading process that misbehaves with its first file."""
SECONDS = 30.0
"""How long is waited for what takes a fraction of a second."""


ReaderOf = Callable[..., Reader]


@pytest.fixture(name="reader_of")
def _reader_of() -> Iterator[ReaderOf]:
    """Return what makes readers: with a process of our own, or, given code, with one that misbehaves."""
    with contextlib.ExitStack() as made:

        def make(code: str = "", *, whole: str = "", **allowance: Any) -> Reader:
            script = whole or (STAND_IN + code if code else "")
            command = [sys.executable, "-c", script] if script else []
            reader = Reader(command=command, allowance=Allowance(**allowance))
            made.callback(reader.close)
            return reader

        yield make


@pytest.fixture(name="reader")
def _reader(reader_of: ReaderOf) -> Reader:
    return reader_of()


def wait_until_gone(pid: int) -> None:
    end = time.monotonic() + SECONDS
    with contextlib.suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < end, "the process is still there"
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("# Tilit\n\n四半期 ربع السنة 🙂\n\n| a | b |\n|---|---|\n| 1 | 2 |\n".encode(), "deep/x.md"),
        (pdf([["# One", "", "First page."], ["Second page."]]), "x.pdf"),
        ("Café".encode("cp1252"), "x.txt"),
    ],
)
def test_a_document_is_the_same_as_one_read_here(reader: Reader, data: bytes, name: str) -> None:
    assert reader.read(data, name=name) == read_document(data, name=name)


def test_half_a_character_does_not_stop_a_document(reader: Reader) -> None:
    assert "more" in reader.read(b"<p>\xed\xa0\x80 &#xd800; more</p>", name="x.html").text


def test_a_refusal_comes_with_its_sentence(reader: Reader) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"report.md is empty \(0 bytes\)"):
        reader.read(b"", name="old/report.md")


def test_one_process_reads_many_files(reader: Reader) -> None:
    pids = set()
    for number in range(5):
        reader.read(b"Text %d" % number, name="a.txt")
        pids.add(reader.pid)
    assert len(pids) == 1


def test_a_process_that_died_between_two_files_is_replaced_unseen(reader: Reader) -> None:
    reader.read(b"One", name="a.txt")
    assert reader.pid
    psutil.Process(reader.pid).kill()
    psutil.Process(reader.pid).wait(SECONDS)
    assert reader.read(b"Two", name="a.txt").text == "Two"


def test_a_file_that_takes_too_long_is_given_up(reader_of: ReaderOf) -> None:
    reader = reader_of("time.sleep(600)", seconds=0.2)
    with pytest.raises(UnreadableDocumentError, match=r"x\.txt took longer"):
        reader.read(b"x", name="x.txt")
    assert reader.pid is None


def test_signs_of_life_prolong_a_file_only_to_the_whole_time_it_may_take(reader_of: ReaderOf) -> None:
    reader = reader_of('while True: write_frame(out, pack({"alive": True}))', total_seconds=0.5)
    with pytest.raises(UnreadableDocumentError, match="took longer"):
        reader.read(b"x", name="x.txt")


def test_a_process_that_takes_nothing_in_does_not_block_the_product(reader_of: ReaderOf) -> None:
    code = "import time\nfrom retrieval.readers.frames import pack, write_frame\nimport sys\n"
    code += 'write_frame(sys.stdout.buffer, pack({"ready": True}))\ntime.sleep(600)'
    reader = reader_of(whole=code, seconds=0.2)
    with pytest.raises(UnreadableDocumentError, match="took longer"):
        reader.read(b"x" * 10_000_000, name="x.txt")


def test_a_file_that_takes_too_much_memory_is_given_up(reader_of: ReaderOf) -> None:
    reader = reader_of("held = b'x' * 300_000_000\ntime.sleep(600)", memory_bytes=100_000_000)
    with pytest.raises(UnreadableDocumentError, match=r"needs more memory .* \(95 MB\)"):
        reader.read(b"x", name="x.txt")


def test_memory_runs_out_in_the_reading_process_alone(reader_of: ReaderOf) -> None:
    reader = reader_of(memory_bytes=500_000_000)
    with pytest.raises(UnreadableDocumentError, match="needs more memory"):
        reader.read(b"a\n\n" * 3_000_000, name="x.md")
    assert reader.read(b"Next", name="next.txt").text == "Next"


@pytest.mark.parametrize(
    "answer",
    [
        "os._exit(3)",
        "os.abort()",
        "out.write(b'\\xff' * 4); out.flush(); time.sleep(600)",
        "write_frame(out, b'no json'); time.sleep(600)",
        "write_frame(out, b'[' * 100_000); time.sleep(600)",
        "write_frame(out, b'[]'); time.sleep(600)",
        "import pickle; write_frame(out, pickle.dumps({'title': 't'})); time.sleep(600)",
        "write_frame(out, pack({})); write_frame(out, b'')",
        "write_frame(out, pack(head)); write_frame(out, b'\\xff\\xfe')",
        "write_frame(out, pack(head)); out.write(b'\\x09\\x00\\x00\\x00half'); out.flush(); os._exit(0)",
        "write_frame(out, pack(head | {'title': 7})); write_frame(out, b'text')",
        "write_frame(out, pack(head | {'blocks': [['code', 0, 9, 0]]})); write_frame(out, b'text')",
        "write_frame(out, pack(head | {'blocks': [['code', 2, 1, 0]]})); write_frame(out, b'text')",
        "write_frame(out, pack(head | {'blocks': [['code', -1, 1, 0]]})); write_frame(out, b'text')",
        "write_frame(out, pack(head | {'blocks': [['script', 0, 4, 0]]})); write_frame(out, b'text')",
        "write_frame(out, pack(head | {'blocks': [[[], 0, 4, 0]]})); write_frame(out, b'text')",
        "write_frame(out, pack(head | {'pages': [[1, 0, 4], [2, 0, 4]]})); write_frame(out, b'text')",
        "write_frame(out, pack(head | {'pages': 7})); write_frame(out, b'text')",
        "write_frame(out, pack({'refused': {}}))",
    ],
)
def test_what_a_captured_process_says_is_refused_as_a_failure(answer: str, reader_of: ReaderOf) -> None:
    reader = reader_of(answer)
    with pytest.raises(UnreadableDocumentError, match="made its reader fail"):
        reader.read(b"x", name="x.txt")
    assert reader.pid is None


def test_a_process_that_has_retired_is_replaced_by_another_once(tmp_path: Path, reader_of: ReaderOf) -> None:
    lives = tmp_path / "lives"
    code = f"held = open({str(lives)!r}, 'a'); held.write('x'); held.close(); os._exit(0)"
    with pytest.raises(UnreadableDocumentError, match="made its reader fail"):
        reader_of(code).read(b"x", name="x.txt")
    assert lives.read_text() == "xx"


@pytest.mark.parametrize("command", [["/nowhere/at/all"], [sys.executable, "-c", "raise SystemExit(1)"]])
def test_a_reader_that_cannot_start_says_so_and_blames_no_file(command: list[str]) -> None:
    with pytest.raises(ReaderMissingError):
        Reader(command=command).read(b"x", name="x.txt")


def test_the_process_learns_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch, reader_of: ReaderOf) -> None:
    monkeypatch.setenv("INHOUSE_KEY_FILE", "/the/key")
    monkeypatch.setenv("SOME_TOKEN", "the token")
    code = "write_frame(out, pack(head)); write_frame(out, repr(dict(os.environ)).encode())"
    seen = reader_of(code).read(b"x", name="x.txt").text
    assert "PATH" in seen
    assert "the key" not in seen
    assert "the token" not in seen


@pytest.mark.skipif(os.name == "nt", reason="Windows has no groups of processes to kill")
def test_what_the_process_started_ends_with_it(tmp_path: Path, reader_of: ReaderOf) -> None:
    note = tmp_path / "pid"
    code = (
        f"import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nopen({str(note)!r}, 'w').write(str(child.pid))"
    )
    whole = f"{code}\n{STAND_IN}time.sleep(600)"  # it has started that before it is ready, however long that took
    reader = reader_of(whole=whole, seconds=0.2)
    with pytest.raises(UnreadableDocumentError, match="took longer"):
        reader.read(b"x", name="x.txt")
    wait_until_gone(int(note.read_text()))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_the_process_does_not_outlive_a_product_that_was_killed() -> None:
    code = "import time\nfrom retrieval.readers.isolated import Reader\nreader = Reader()\n"
    code += "reader.read(b'x', name='x.txt')\nprint(reader.pid, flush=True)\ntime.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as product:
        assert product.stdout
        pid = int(product.stdout.readline())
        product.send_signal(signal.SIGKILL)
    wait_until_gone(pid)


def test_closing_in_the_middle_of_a_file_leaves_no_problem_behind(library: Library, reader_of: ReaderOf) -> None:
    reader = reader_of("time.sleep(600)")
    sources = [bytes_source("a.txt", b"The rule.")]

    def close_when_reading() -> None:
        while reader.pid is None:
            time.sleep(0.01)
        reader.close()

    closing = threading.Thread(target=close_when_reading)
    closing.start()
    with pytest.raises(ReadingStoppedError):
        list(ingest(sources, library=replace(library, read=reader.read), collection_id=COLLECTION))
    closing.join()
    assert library.chunks.problems(COLLECTION) == []
    *_, _report = ingest(sources, library=library, collection_id=COLLECTION)
    assert [each.name for each in library.chunks.documents(COLLECTION)] == ["a.txt"]


def test_a_file_that_harms_its_process_is_a_problem_and_the_rest_is_learned(
    library: Library, reader_of: ReaderOf
) -> None:
    code = "os._exit(5) if 'bad' in name else (write_frame(out, pack(head | {'blocks': [['paragraph', 0, 4, 0]]})),"
    reader = reader_of(code + "write_frame(out, b'Text'))")
    sources = [bytes_source(name, name.encode()) for name in ("a.txt", "bad.txt", "c.txt")]
    list(ingest(sources, library=replace(library, read=reader.read), collection_id=COLLECTION))
    assert [each.name for each in library.chunks.documents(COLLECTION)] == ["a.txt", "c.txt"]
    assert [each.name for each in library.chunks.problems(COLLECTION)] == ["bad.txt"]


def test_the_product_itself_loads_no_parser() -> None:
    code = "import sys, app.assemble, app.library.knowledge, retrieval.ingest; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(loaded.split()) & {"pypdfium2", "lxml", "olefile", "markdown_it", "retrieval.readers.reading"} == set()


CONFINED = """
import json, os, socket, subprocess, sys
from retrieval.readers.confinement import confine
confine(memory_bytes=2**30)
def outcome(attempt):
    try:
        attempt()
    except Exception as error:
        return type(error).__name__
    return "done"
def write():
    with open(sys.argv[1], "w") as file:
        file.write("the text of a document")
inner = "import socket\\ntry:\\n socket.socket()\\nexcept OSError as error:\\n print(type(error).__name__)"
print(json.dumps({
    "socket": outcome(socket.socket),
    "pair": outcome(socket.socketpair),
    "write": outcome(write),
    "memory": outcome(lambda: bytes(2**31)),
    "codec": outcome(lambda: "x".encode("shift_jis")),
    "started": subprocess.run([sys.executable, "-c", inner], capture_output=True, text=True).stdout.strip(),
}))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what only Linux lets a process give up")
def test_the_process_can_neither_reach_the_network_nor_write_a_file(tmp_path: Path) -> None:
    note = tmp_path / "note"
    ran = subprocess.run(
        [sys.executable, "-c", CONFINED, str(note)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    seen = json.loads(ran.stdout)
    assert seen.pop("write") in {"OSError", "PermissionError"}  # the second with Landlock
    assert seen == {
        "socket": "PermissionError",
        "pair": "PermissionError",
        "memory": "MemoryError",
        "codec": "done",
        "started": "PermissionError",
    }
    assert not note.exists() or note.read_text() == ""


OPENING = """
import sys
from retrieval.readers.confinement import confine
from retrieval.readers.landlock import close_files
confine(memory_bytes=2**30)
for path in (sys.argv[1], sys.executable):
    try:
        open(path, "rb").close()
        print("opened")
    except OSError as error:
        print(type(error).__name__)
print(close_files())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what only Linux lets a process give up")
def test_the_process_opens_no_file_but_the_systems(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("the key")
    command = [sys.executable, "-c", OPENING, str(secret)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    opened, program, has_landlock = ran.stdout.split()
    assert (opened, program) == ("PermissionError" if has_landlock == "True" else "opened", "opened")
