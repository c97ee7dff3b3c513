"""Everything about a person in one file: complete, readable, and for nobody else."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.answers import LOCAL_ACTOR, Actor, Feedback
from app.store.errors import (
    DamagedFileError,
    FileExistsAlreadyError,
    ForeignFileError,
    NotFoundError,
    WrongPassphraseError,
)
from app.store.exports import opened, write_file
from app.store.opening import Store
from tests.app.store.test_erasure import SECRET, converse

EVIL = "<script>alert('llama')</script>"


def exported(store: Store, person: Actor) -> tuple[dict[str, Any], str]:
    """Return the JSON and the page of an export."""
    with zipfile.ZipFile(io.BytesIO(b"".join(store.person_export.pieces(person)))) as package:
        assert package.testzip() is None
        return json.loads(package.read("export.json")), package.read("export.html").decode()


def test_export_holds_everything_of_one_person_and_nothing_of_another(store: Store, ada: Actor, mallory: Actor) -> None:
    conversation_id = converse(store, ada)
    converse(store, mallory, question="What is not Ada's?")
    (turn,) = store.history.turns(ada, conversation_id)
    assert turn.answer is not None
    given = Feedback(answer_id=turn.answer.answer_id, liked=False, comment="No camels")
    store.feedback.record(ada, given)
    store.collections.create(ada, "Travel")
    told, page = exported(store, ada)
    (conversation,) = told["conversations"]
    (written,) = conversation["turns"]
    assert written["question"] == SECRET
    assert written["answer"] == turn.answer.text
    assert [one["quote"] for one in written["sources"]] == [one.quote for one in turn.answer.citations]
    assert written["feedback"]["comment"] == "No camels"
    assert told["collections_made"][0]["name"] == "Travel"
    for text in (SECRET, turn.answer.text, "No camels", "Travel"):
        assert text.partition("\n")[0] in page
    assert "not Ada" not in json.dumps(told) + page


def test_export_of_somebody_without_anything_is_whole(store: Store, ada: Actor) -> None:
    told, page = exported(store, ada)
    assert told["conversations"] == []
    assert "Ada" in page


def test_nothing_in_the_page_is_active(store: Store, ada: Actor) -> None:
    converse(store, ada, question=EVIL)
    told, page = exported(store, ada)
    assert told["conversations"][0]["turns"][0]["question"] == EVIL
    assert "<script" not in page


def test_export_for_somebody_else_opens_with_a_passphrase_only_they_are_shown(
    store: Store, ada: Actor, mallory: Actor, tmp_path: Path
) -> None:
    converse(store, ada)
    path = tmp_path / "ada.inhouse-export"
    made = store.exports.seal(LOCAL_ACTOR, ada.user_id, path, store.person_export.pieces(ada))
    assert b"export.json" not in path.read_bytes()
    assert store.exports.of(ada) == [made]
    assert store.exports.of(LOCAL_ACTOR) == store.exports.of(mallory) == []
    for other in (LOCAL_ACTOR, mallory):
        with pytest.raises(NotFoundError):
            store.exports.passphrase(other, made.export_id)
    passphrase = store.exports.passphrase(ada, made.export_id)
    with zipfile.ZipFile(io.BytesIO(b"".join(opened(path, passphrase)))) as package:
        assert SECRET in package.read("export.json").decode()
    with pytest.raises(WrongPassphraseError):
        list(opened(path, passphrase[::-1]))
    with pytest.raises(FileExistsAlreadyError):
        store.exports.seal(LOCAL_ACTOR, ada.user_id, path, [])
    store.erasure.erase(LOCAL_ACTOR, ada.user_id)
    assert store.exports.of(ada) == []


def test_damaged_or_foreign_export_is_a_sentence(store: Store, ada: Actor, tmp_path: Path) -> None:
    path = tmp_path / "sealed"
    made = store.exports.seal(LOCAL_ACTOR, ada.user_id, path, [b"some text"])
    content = path.read_bytes()
    path.write_bytes(content[:-1])
    with pytest.raises(DamagedFileError):
        list(opened(path, store.exports.passphrase(ada, made.export_id)))
    path.write_bytes(b"PK")
    for place in (path, tmp_path / "nowhere"):
        with pytest.raises(ForeignFileError):
            list(opened(place, "any"))


def test_export_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def fails() -> Any:
        yield b"begun"
        raise NotFoundError

    with pytest.raises(NotFoundError):
        write_file(tmp_path / "export.zip", fails())
    assert not (tmp_path / "export.zip").exists()
