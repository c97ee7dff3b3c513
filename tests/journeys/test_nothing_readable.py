"""What people asked, what was answered and what the documents say never lies readable in anything Inhouse writes."""

import json
import re
import shutil
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR, Feedback
from tests import light
from tests.light import Served, opened
from tests.retrieval.files import docx, pdf

DOCUMENT = "# Ballooning\n\nThe zeppelin allowance is 4711 pelicans a month.\n\nOnly a xylophonist may claim it.\n"
QUESTION = "What is the zeppelin allowance of a xylophonist?"
COMMENT = "An ornithologist would disagree."
TITLE = "Hippopotamus matters"
WORDS = ("zeppelin", "pelican", "xylophonist", "ballooning", "ornithologist", "walrus", "hippopotamus")
NUMBER = "(?<![0-9a-f])4711(?![0-9a-f])"
"""The number of the document, but not four digits within a random id of Chroma's, which come up once in forty runs."""
PATTERN = re.compile("|".join((*WORDS, NUMBER)).encode(), re.IGNORECASE)


def readable(folder: Path) -> list[str]:
    """Return which files hold one of the words, also in their names, in UTF-8 or UTF-16."""
    found = []
    for file in folder.rglob("*"):
        content = file.read_bytes() if file.is_file() and not file.is_symlink() else b""
        plain = content + content.replace(b"\0", b"") + str(file.relative_to(folder)).encode()
        if PATTERN.search(plain):
            found.append(str(file))
    return found


@pytest.fixture(name="documents")
def _documents(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "ballooning.md").write_text(DOCUMENT)
    (folder / "ballooning.html").write_text(f"<h1>Ballooning</h1><p>{DOCUMENT}</p>")
    shutil.copy(next(folder.glob("*.md")), folder / "mislabelled-zeppelin.pdf")
    (folder / "walrus.pdf").write_bytes(pdf([["# Walruses", "A walrus may be brought on Fridays."]]))
    (folder / "walrus.docx").write_bytes(docx(heading="Walruses", paragraphs=["A walrus may sit anywhere."]))
    return folder


def test_the_search_for_readable_words_finds_them(documents: Path) -> None:
    assert len(readable(documents)) == 5


def test_the_search_for_the_number_passes_over_random_ids(tmp_path: Path) -> None:
    (tmp_path / "ids").write_bytes(b"\0 4dcc4711-28f3-4b52-9d47-111b0a4c52d1 0.47115")
    assert readable(tmp_path) == []
    (tmp_path / "text").write_bytes(b"\x8fallowance\x04 4711 birds")
    assert readable(tmp_path) == [str(tmp_path / "text")]


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """Everything Inhouse may write to: the data directory `home` and `temporary`."""
    place = tmp_path / "place"
    (place / "temporary").mkdir(parents=True)
    return place


def load_and_ask(server: Served, documents: Path) -> None:
    """Load documents through both doors and ask through the API."""
    loaded = light.run(server.home, "ingest", str(documents), "--collection", "Leisure", "--json")
    assert json.loads(loaded.stdout)["documents"]["added"] == 4
    listed = json.loads(server.request("GET", "/api/collections")[1])
    collection = next(one["collection_id"] for one in listed if one["name"] == "Leisure")
    path = f"/api/collections/{collection}/documents?name=pelican.md"
    assert server.request("PUT", path, f"{DOCUMENT}Another line.".encode())[0] == 200
    asked = {"messages": [{"role": "user", "content": QUESTION}], "stream": True}
    status, streamed = server.request("POST", "/v1/chat/completions", json.dumps(asked).encode())
    assert status == 200
    assert "4711" in streamed


def test_neither_data_directory_nor_temporary_files_nor_logs_hold_a_word(place: Path, documents: Path) -> None:
    home, temporary = place / "home", str(place / "temporary")
    with opened(home) as product:
        conversation = product.history.start(LOCAL_ACTOR).conversation_id
    with Served(home, TMPDIR=temporary, GRADIO_TEMP_DIR=temporary) as server:
        load_and_ask(server, documents)
        answered = light.run(home, "ask", QUESTION, "--conversation", conversation, "--json")
        assert "4711" in json.loads(answered.stdout)["answer"]
        assert readable(place) == []
    assert readable(place) == []
    with opened(home) as product:
        engine = product.engine()
        list(engine.submit(engine.tokenize(DOCUMENT * 4 + QUESTION), max_tokens=9))
    assert [file.suffix for file in (home / "states").rglob("*") if file.is_file()] == [".state"]
    assert readable(place) == []
    with opened(home) as product:
        (turn,) = product.history.turns(LOCAL_ACTOR, conversation)
        assert turn.answer is not None
        assert turn.question == QUESTION
        given = Feedback(answer_id=turn.answer.answer_id, liked=False, comment=COMMENT)
        product.feedback.record(LOCAL_ACTOR, given, share=str)
        (review,) = product.feedback.shared.queue(LOCAL_ACTOR, limit=1)
        product.feedback.shared.settle(LOCAL_ACTOR, review.review_id, note=COMMENT)
        product.history.rename(LOCAL_ACTOR, conversation, TITLE)
        assert product.history.conversations(LOCAL_ACTOR)[0].title == TITLE
    assert readable(place) == []
