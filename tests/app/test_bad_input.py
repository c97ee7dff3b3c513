"""Whatever a person gets wrong or a machine breaks: a sentence, exit status 1, and everything stored stays.

At the command line; `test_api.py` has the same at the HTTP doors, `tests/journeys` a second server, a port in use and a
full disk, `tests/browser` the browser that is closed.
"""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import cli, commands, voices
from app.answers import LOCAL_ACTOR
from app.store.history import History
from tests.light import environment, opened, use_light_models
from tests.retrieval.files import docx_with_part, pdf

TEXT = "# Allowances\n\nThe zeppelin allowance is 4711 pelicans a month.\n"
QUESTION = "What is the zeppelin allowance?"
Typed = Callable[..., tuple[int, str, str]]
REAL_PARTS = {name: getattr(voices, name) for name in ("load_engine", "load_chat", "load_embedder")}


@pytest.fixture(name="before", scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one document and one conversation, and its key beside it."""
    place = tmp_path_factory.mktemp("before")
    (place / "pay.md").write_text(TEXT)
    with opened(place / "home") as product:
        ingest = {"paths": [str(place / "pay.md")], "collection": "Pay", "sync": False}
        conversation = product.history.start(LOCAL_ACTOR).conversation_id
        for name, arguments in (
            ("ingest", ingest),
            ("ask", {"questions": [{"text": QUESTION}], "conversation": conversation}),
        ):
            list(commands.run(product, name, arguments, threading.Event()))
    return place


@pytest.fixture(name="home")
def _home(before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(before, tmp_path, dirs_exist_ok=True)
    home = tmp_path / "home"
    for name, value in environment(home).items():
        monkeypatch.setenv(name, value)
    use_light_models(monkeypatch)
    return home


@contextmanager
def history(home: Path) -> Iterator[History]:
    """Open the conversations of a data directory, as the next start would."""
    with opened(home) as product:
        yield product.history


@pytest.fixture(name="typed")
def _typed(home: Path, capsys: pytest.CaptureFixture[str]) -> Typed:
    def typed(*arguments: str) -> tuple[int, str, str]:
        """Run a command; return its exit status, what it printed, and its sentences."""
        status = cli.main(arguments)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        assert "made a mistake" not in printed.err
        return status, printed.out, printed.err

    return typed


@pytest.fixture(autouse=True)
def _nothing_is_lost(home: Path, typed: Typed) -> Iterator[None]:
    """After every test, which may repair what it broke, the document and the conversation are as they were."""
    yield
    status, found, _ = typed("search", "zeppelin allowance", "--collection", "Pay", "--json")
    assert status == 0
    assert json.loads(found)["passages"][0]["text"] == TEXT.rstrip()
    with history(home) as kept:
        (conversation,) = kept.conversations(LOCAL_ACTOR)
        turns = kept.turns(LOCAL_ACTOR, conversation.conversation_id)
    assert conversation.title
    assert turns[0].question == QUESTION
    assert turns[0].answer is not None
    assert "4711" in turns[0].answer.text


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("", "The question is empty"),
        (" \n\t ", "The question is empty"),
        ("\u202e\u2066\u200b\x07\x1b", "The question is empty"),
        ("x" * 200_000, "200,000 characters; at most 4,000"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_a_sentence(typed: Typed, question: str, sentence: str) -> None:
    status, out, err = typed("ask", question, "--collection", "Pay")
    assert (status, out) == (1, "")
    assert sentence in err


def test_a_refused_question_is_not_kept(home: Path, typed: Typed) -> None:
    with history(home) as kept:
        (conversation,) = kept.conversations(LOCAL_ACTOR)
    assert typed("ask", "x" * 200_000, "--conversation", conversation.conversation_id)[0] == 1
    with history(home) as kept:
        assert len(kept.turns(LOCAL_ACTOR, conversation.conversation_id)) == 1


def test_control_and_direction_characters_are_taken_out_of_a_question(home: Path, typed: Typed) -> None:
    with history(home) as kept:
        conversation = kept.start(LOCAL_ACTOR).conversation_id
    status, out, _ = typed("ask", "What is\x07 the \u202ezeppelin allowance?\x1b", "--conversation", conversation)
    assert status == 0
    assert "4711" in out
    with history(home) as kept:
        assert kept.turns(LOCAL_ACTOR, conversation)[0].question == QUESTION
        kept.delete(LOCAL_ACTOR, conversation)


def test_one_bad_question_of_a_file_leaves_the_others_answered(tmp_path: Path, typed: Typed) -> None:
    asked = [{"_id": "a", "text": QUESTION}, {"_id": "b", "text": " "}, {"_id": "c", "text": "x" * 200_000}]
    asked.append({"_id": "d", "text": QUESTION})
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, asked)))
    status, out, err = typed("ask", "--questions", str(file), "--collection", "Pay", "--json")
    assert status == 1
    first, empty, long, last = (json.loads(line) for line in out.splitlines())
    assert [one["_id"] for one in (first, empty, long, last)] == ["a", "b", "c", "d"]
    assert "4711" in first["answer"]
    assert "4711" in last["answer"]
    assert empty["error"] == "The question is empty. Type what you would like to know."
    assert "200,000" in long["error"]
    assert "b: The question is empty." in err


@pytest.mark.parametrize("query", ["", " \n", "\u202e\x07", "x" * 200_000, "zeppelin " * 20_000])
def test_any_query_is_searched(typed: Typed, query: str) -> None:
    assert typed("search", query, "--collection", "Pay")[0] == 0


@pytest.mark.parametrize("command", [["ask", QUESTION, "--collection"], ["search", "x", "--collection"]])
def test_an_unknown_collection_is_named_with_those_there_are(typed: Typed, command: list[str]) -> None:
    status, out, err = typed(*command, "Travel")
    assert (status, out) == (1, "")
    assert "'Travel'" in err
    assert "Pay" in err
    assert typed("collections", "delete", "Travel")[0] == 1


@pytest.mark.parametrize("name", ["", "  ", "x" * 5000, "a\u202eb"])
def test_an_unusable_collection_name_is_refused(tmp_path: Path, typed: Typed, name: str) -> None:
    status, _, err = typed("ingest", str(tmp_path / "pay.md"), "--collection", name)
    assert status == 1
    assert "1 to 100 characters" in err


BAD_FILES = {
    "corrupt.pdf": b"%PDF-1.7 and nothing more",
    "corrupt.docx": b"PK\x03\x04 and nothing more",
    "encrypted.pdf": pdf([["Secret."]], password="hidden"),
    "encrypted.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
    "empty.md": b"",
    "blank.txt": b" \n\t\n",
    "scan.pdf": pdf([[]], image_only=True),
    "pictures.docx": docx_with_part("word/document.xml", b"<not-word/>"),
    "words-named.pdf": b"Plain words.",
    "program.md": b"MZ\x90\x00\x03\x00\x00\x00" * 50,
    "tool.exe": b"MZ\x00\x01",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_is_a_sentence_and_a_failure(tmp_path: Path, typed: Typed, name: str) -> None:
    (tmp_path / name).write_bytes(BAD_FILES[name])
    status, out, err = typed("ingest", str(tmp_path / name), "--collection", "Pay", "--json")
    assert status == 1
    assert "no file could be read" in err
    (problem,) = json.loads(out)["problems"]
    assert problem["path"] == name
    assert problem["error"].endswith(".")
    assert typed("ingest", str(tmp_path / name), "--collection", "Pay")[2].count(problem["error"]) == 1


def test_bad_files_beside_good_ones_are_reported_and_the_good_ones_are_learned(tmp_path: Path, typed: Typed) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for name, data in BAD_FILES.items():
        (folder / name).write_bytes(data)
    (folder / "good.md").write_text("# Walruses\n\nA walrus may be brought on Fridays.\n")
    status, out, _ = typed("ingest", str(folder), "--collection", "Animals", "--json")
    report = json.loads(out)
    assert status == 0
    assert report["documents"]["added"] == 1
    assert {problem["path"] for problem in report["problems"]} == BAD_FILES.keys()


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
def test_a_path_outside_what_may_be_read_is_reported_and_not_read(tmp_path: Path, typed: Typed) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "private.md").write_text("# Private\n\nThe kraken sleeps in the cellar.\n")
    (folder / "link.md").symlink_to(tmp_path / "private.md")
    status, out, _ = typed("ingest", str(folder), "--collection", "Pay", "--json")
    assert status == 1
    (problem,) = json.loads(out)["problems"]
    assert problem["path"] == "link.md"
    assert "leads out of" in problem["error"]
    assert "kraken" not in typed("search", "kraken cellar", "--collection", "Pay")[1]


@pytest.mark.parametrize("path", ["nowhere", "/dev/null", "a\x00b"])
def test_a_path_that_is_no_file_is_a_sentence(typed: Typed, path: str) -> None:
    status, out, err = typed("ingest", path, "--collection", "Pay")
    assert (status, out) == (1, "")
    assert "no file or folder" in err


def test_an_empty_path_is_wrong_usage_and_not_this_folder(typed: Typed) -> None:
    with pytest.raises(SystemExit) as raised:
        typed("ingest", "", "--collection", "Pay")
    assert raised.value.code == 2


@pytest.mark.parametrize("damage", ["missing", "another", "short", "readable"])
def test_a_key_that_is_missing_or_wrong_is_a_sentence_with_the_remedy(home: Path, typed: Typed, damage: str) -> None:
    key = home.with_name("home.key")
    right = key.read_bytes()
    match damage:
        case "missing":
            key.unlink()
        case "another":
            key.write_bytes(bytes(32))
        case "short":
            key.write_bytes(right[:-1])
        case "readable":
            if os.name == "nt":
                pytest.skip("Windows has no modes")
            key.chmod(0o644)
    before = {file: file.read_bytes() for file in home.rglob("*") if file.is_file()}
    status, out, err = typed("ask", QUESTION)
    assert (status, out) == (1, "")
    assert "`chmod 600" in err or "`inhouse keys restore`" in err
    assert {file: file.read_bytes() for file in home.rglob("*") if file.is_file()} == before
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    key.write_bytes(right)


@pytest.mark.parametrize("name", ["inhouse.db", "ledger.db", "key.json"])
@pytest.mark.parametrize("damage", ["overwritten", "emptied", "lost"])
def test_a_damaged_database_is_a_sentence_and_is_not_replaced(home: Path, typed: Typed, name: str, damage: str) -> None:
    file = home / name
    sound = file.read_bytes()
    match damage:
        case "overwritten":
            file.write_bytes(os.urandom(len(sound)))
        case "emptied":
            file.write_bytes(b"")
        case "lost":
            file.unlink()
    if (name, damage) != ("key.json", "lost"):  # the key alone opens everything then
        status, out, err = typed("ask", QUESTION)
        assert (status, out) == (1, "")
        assert name in err
        assert "backup" in err or "copy" in err
    file.write_bytes(sound)


def test_a_page_damaged_in_the_middle_is_a_sentence(home: Path, typed: Typed) -> None:
    database = home / "inhouse.db"
    sound = database.read_bytes()
    with database.open("r+b") as file:
        for page in range(4096 * 4, len(sound), 4096):
            file.seek(page + 100)
            file.write(b"damage")
    for command in (["ask", QUESTION], ["search", "zeppelin", "--collection", "Pay"], ["collections", "list"]):
        status, _, err = typed(*command)
        assert status == 1
        assert "is damaged" in err
    database.write_bytes(sound)


def test_an_index_that_disagrees_is_told_and_what_is_stored_is_still_found(home: Path, typed: Typed) -> None:
    shutil.rmtree(home / "index")
    for command in (["ask", QUESTION], ["search", "zeppelin", "--collection", "Pay"]):
        status, out, err = typed(*command)
        assert status == 0
        assert "4711" in out
        assert "`inhouse doctor --rebuild-index`" in err
    assert typed("doctor", "--rebuild-index")[0] == 0
    assert "disagree" not in typed("search", "zeppelin", "--collection", "Pay")[2]


def test_an_index_that_is_damaged_is_a_sentence_with_the_remedy(home: Path, typed: Typed) -> None:
    (home / "index" / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    for command in (["ask", QUESTION], ["search", "zeppelin", "--collection", "Pay"]):
        status, out, err = typed(*command)
        assert (status, out) == (1, "")
        assert "`inhouse doctor --rebuild-index`" in err
    assert typed("doctor", "--rebuild-index")[0] == 0


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_weights_that_are_missing_or_damaged_are_a_sentence_with_the_remedy(
    home: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    weights = home.with_name("cache") / "weights"
    (home / "inhouse.toml").write_text(f"cache = {json.dumps(str(weights.parent))}\n")
    if damage == "damaged":
        (weights / "minilm").mkdir(parents=True)
        (weights / "minilm" / "model.safetensors").write_bytes(b"no weights")
        (weights / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf").write_bytes(b"GGUF no weights")
    with monkeypatch.context() as really:
        for name, part in REAL_PARTS.items():
            really.setattr(voices, name, part)
        for command in (["ask", QUESTION], ["search", "zeppelin", "--collection", "Pay"]):
            status, out, err = typed(*command)
            assert (status, out) == (1, "")
            assert "`inhouse models fetch" in err
    (home / "inhouse.toml").unlink()


def test_a_model_file_that_is_none_is_a_sentence(tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "junk.gguf").write_bytes(b"junk")
    status, _, err = typed("models", "import", str(tmp_path / "junk.gguf"))
    assert status == 1
    assert "not a GGUF file" in err
