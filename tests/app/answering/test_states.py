"""What the engine keeps of conversations goes with whatever of them, or of the documents behind them, is erased."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app import assemble, voices
from app.answering.states import EngineStates
from app.answers import LOCAL_ACTOR, Role
from app.product import Product
from app.settings import Settings
from app.store.grants import group
from models.errors import NotErasedError
from models.generation import Finished
from retrieval.documents import SuspectPlace, Suspicion
from retrieval.screening import Screening
from retrieval.sources import Source
from tests.light import key_file, light_parts, opened

STORY = "A zeppelin landed in the garden, and out of it came an old xylophonist with a walrus. " * 4


def files(home: Path) -> list[Path]:
    return [path for path in (home / "states").rglob("*") if path.is_file()]


def tell(product: Product, text: str) -> int:
    """Let the engine read a text, and return how much of it it knew."""
    engine = product.engine()
    last = list(engine.submit(engine.tokenize(f"{text}?"), max_tokens=9))[-1]
    assert isinstance(last, Finished)
    return last.cached_tokens


def source(text: str, *, name: str = "rules.md") -> Source:
    return Source(name=name, read=text.encode)


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(name="product")
def _product(home: Path) -> Iterator[Product]:
    with opened(home) as product:
        yield product


def delete_conversation(product: Product, conversation_id: str, _: str) -> None:
    product.history.delete(LOCAL_ACTOR, conversation_id)


def remove_document(product: Product, _: str, collection_id: str) -> None:
    (document,) = product.chunks.documents(collection_id)
    product.knowledge.forget_document(document.document_id)


def remove_collection(product: Product, _: str, collection_id: str) -> None:
    product.knowledge.forget_collection(collection_id)


def replace_document(product: Product, _: str, collection_id: str) -> None:
    list(product.knowledge.learn([source("# Rules\n\nOther rules.")], collection_id=collection_id))


def remove_by_sync(product: Product, _: str, collection_id: str) -> None:
    list(product.knowledge.learn([], collection_id=collection_id, sync=True))


def judge_anew(product: Product, _: str, collection_id: str) -> None:
    suspect = SuspectPlace(quote="One rule.", start=0, end=9, page=None, reasons=("it is odd",))
    strict = Screening(version="strict", judge=lambda _document: Suspicion(score=1.0, places=(suspect,)))
    library = product.knowledge.library
    product.knowledge.library = lambda: replace(library(), screening=strict)
    list(product.knowledge.learn([], collection_id=collection_id))
    assert [one.state for one in product.chunks.documents(collection_id)] == ["quarantined"]


def employee(product: Product) -> str:
    """Make an account with two roles and a group, and return its id."""
    roles: list[Role] = ["employee", "curator"]
    return product.people.accounts.add(LOCAL_ACTOR, "Ada", roles=roles, groups=["Sales"]).user_id


def revoke_grant(product: Product, _: str, collection_id: str) -> None:
    product.collections.grant(LOCAL_ACTOR, collection_id, group("sales"))
    assert product.collections.revoke(LOCAL_ACTOR, collection_id, group("sales"))


def take_out_of_a_group(product: Product, *_: str) -> None:
    product.people.change(LOCAL_ACTOR, employee(product), groups=["Board"])


def take_a_role(product: Product, *_: str) -> None:
    product.people.change(LOCAL_ACTOR, employee(product), roles=["employee"])


def disable_an_account(product: Product, *_: str) -> None:
    product.people.change(LOCAL_ACTOR, employee(product), active=False)


Erase = Callable[[Product, str, str], None]
ERASERS = [
    delete_conversation,
    remove_document,
    remove_collection,
    replace_document,
    remove_by_sync,
    judge_anew,
    revoke_grant,
    take_out_of_a_group,
    take_a_role,
    disable_an_account,
]


def prepare(product: Product) -> tuple[str, str]:
    """Make a conversation and a collection with a document, and return their ids."""
    collection = product.collections.create(LOCAL_ACTOR, "Rules").collection_id
    list(product.knowledge.learn([source("# Rules\n\nOne rule.")], collection_id=collection))
    conversation = product.history.start(LOCAL_ACTOR).conversation_id
    product.history.begin_turn(LOCAL_ACTOR, conversation, "Who?")
    return conversation, collection


@pytest.mark.parametrize("erase", ERASERS)
def test_erasing_destroys_what_a_running_engine_holds_and_saved(product: Product, home: Path, erase: Erase) -> None:
    ids = prepare(product)
    for text in (STORY, "second" * 30, "third" * 40):
        tell(product, text)
    product.engine()._saved.settle()  # type: ignore[attr-defined]
    assert len(files(home)) == 1
    erase(product, *ids)
    assert files(home) == []
    assert [tell(product, text) for text in (STORY, "third" * 40)] == [0, 0]


@pytest.mark.parametrize("erase", ERASERS)
def test_erasing_destroys_what_was_saved_where_no_engine_runs(home: Path, erase: Erase) -> None:
    with opened(home) as product:
        ids = prepare(product)
        tell(product, STORY)
    assert len(files(home)) == 1
    with opened(home) as product:
        erase(product, *ids)
        assert not product.engine.ready
    assert files(home) == []


def test_learning_more_leaves_what_was_saved(product: Product, home: Path) -> None:
    _, collection = prepare(product)
    tell(product, STORY)
    list(product.knowledge.learn([source("# More\n\nMore rules.", name="more.md")], collection_id=collection))
    assert tell(product, STORY) == len(STORY)


def test_giving_access_and_taking_what_nobody_held_leave_what_was_saved(product: Product) -> None:
    _, collection = prepare(product)
    tell(product, STORY)
    product.collections.grant(LOCAL_ACTOR, collection, group("sales"))
    assert not product.collections.revoke(LOCAL_ACTOR, collection, group("board"))
    ada = employee(product)
    for more in (
        {"groups": ["sales", "Board"], "roles": ["admin", "curator", "employee"]},
        {"groups": ["Board", "Sales"], "roles": ["employee", "curator", "admin"], "active": True, "name": "Ada L."},
    ):
        product.people.change(LOCAL_ACTOR, ada, **more)
    assert tell(product, STORY) == len(STORY)


def test_an_empty_conversation_costs_nobody_what_was_read(product: Product) -> None:
    conversation = product.history.start(LOCAL_ACTOR).conversation_id
    tell(product, STORY)
    product.history.delete(LOCAL_ACTOR, conversation)
    assert tell(product, STORY) == len(STORY)


def test_what_a_killed_process_did_not_come_to_destroy_is_destroyed_at_the_next_start(home: Path) -> None:
    with opened(home) as product:
        prepare(product)
        tell(product, STORY)
        left = b"an original whose document is gone"
        product.originals.keep(hashlib.sha256(left).hexdigest(), left)
    assert len(files(home)) == 1
    with opened(home):
        assert files(home) == []


def test_after_a_restart_a_conversation_is_not_read_again(home: Path) -> None:
    with opened(home) as product:
        assert tell(product, STORY) == 0
    with opened(home) as product:
        assert tell(product, STORY + "?ok And then") >= len(STORY)


def test_what_was_saved_is_destroyed_before_and_what_comes_meanwhile_after(home: Path) -> None:
    states = EngineStates(home / "states")
    file = home / "states" / "room" / "one.state"
    file.parent.mkdir(parents=True)
    file.touch()
    with states.forgotten():
        assert files(home) == []
        file.parent.mkdir(parents=True)
        file.touch()
    assert files(home) == []


def test_what_comes_while_an_erasing_fails_is_destroyed_too(home: Path) -> None:
    states = EngineStates(home / "states")
    file = home / "states" / "room" / "one.state"

    def fail() -> None:
        with states.forgotten():
            file.parent.mkdir(parents=True)
            file.touch()
            raise TimeoutError

    with pytest.raises(TimeoutError):
        fail()
    assert files(home) == []


def test_an_engine_that_does_not_answer_leaves_its_files_to_the_product(home: Path) -> None:
    class Dead:
        def forget(self) -> bool:
            return False

    states = EngineStates(home / "states")
    states.engine = Dead
    file = home / "states" / "room" / "one.state"
    file.parent.mkdir(parents=True)
    file.touch()
    states.forget()
    assert files(home) == []


def test_what_cannot_be_destroyed_stops_the_deletion_with_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(home) as product:
        conversation, _ = prepare(product)
        tell(product, STORY)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)
    with opened(home) as product:
        with pytest.raises(NotErasedError):
            product.history.delete(LOCAL_ACTOR, conversation)
        assert product.history.conversation(LOCAL_ACTOR, conversation)


def test_with_no_room_allowed_nothing_is_saved_and_what_was_goes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(home) as product:
        tell(product, STORY)
    assert len(files(home)) == 1
    for name, part in light_parts().items():
        monkeypatch.setattr(voices, name, part)
    settings = Settings(home=home, key_source="file", key_file=key_file(home), saved_conversations_megabytes=0)
    product = assemble.assemble(settings, tell=print)
    assert files(home) == []
    tell(product, STORY)
    product.close()
    assert files(home) == []
