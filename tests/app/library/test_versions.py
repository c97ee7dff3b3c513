"""Of every document it is known since when it is here, who loaded it and what it took the place of, until it goes."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.answers import LOCAL_ACTOR
from app.details import called
from app.product import Product
from app.store.person_export import PARTS
from app.store.schema import document_versions
from retrieval.sources import bytes_source
from tests.fakes import ScriptedChat
from tests.served import Doors, doors_of, light_product


@pytest.fixture(name="doors")
def _doors(tmp_path: Path) -> Iterator[Doors]:
    with light_product(tmp_path, ScriptedChat()) as product:
        product.collections.create(LOCAL_ACTOR, "Rules")
        yield doors_of(product, ScriptedChat())


def rules(product: Product) -> str:
    return product.collections.by_name(LOCAL_ACTOR, "Rules").collection_id


def load(product: Product, text: str, name: str = "a.md", **options: Any) -> None:
    list(product.knowledge.learn([bytes_source(name, text.encode())], collection_id=rules(product), **options))


def account(product: Product, name: str) -> str:
    return product.people.accounts.add(LOCAL_ACTOR, name, roles=["curator"]).user_id


def details(doors: Doors, **params: int) -> dict[str, Any]:
    (stored,) = doors.product.chunks.documents(rules(doors.product))
    path = f"/api/collections/{rules(doors.product)}/documents/{stored.document_id}"
    found: dict[str, Any] = doors.browser().get(path, params=params).json()
    return found


def test_replaced_versions_are_told_newest_first(doors: Doors) -> None:
    ada = account(doors.product, "Ada")
    for text, by in (("# A\n\nOne.", "local"), ("# A\n\nTwo.", "folder:/srv/a"), ("# A\n\nThree.", ada)):
        load(doors.product, text, by=by)
    found = details(doors)
    assert [one["added_by"] for one in found["versions"]] == ["Ada", "the watched folder /srv/a", "you"]
    assert [one["replaced"] is None for one in found["versions"]] == [True, False, False]
    assert found["added_by"] == "Ada"


def test_whoever_loaded_it_is_called_by_the_name_of_their_account_now(doors: Doors) -> None:
    ada = account(doors.product, "Ada")
    load(doors.product, "# A\n\nOne.", by=ada)
    doors.product.people.change(LOCAL_ACTOR, ada, name="Ada Byron")
    assert details(doors)["added_by"] == "Ada Byron"


def test_somebody_who_was_erased_is_not_named_and_no_id_is_shown(doors: Doors) -> None:
    ada = account(doors.product, "Ada")
    load(doors.product, "# A\n\nOne.", by=ada)
    doors.product.erasure.erase(LOCAL_ACTOR, ada)
    found = details(doors)
    assert found["added_by"] == found["versions"][0]["added_by"] == "somebody who was erased"
    assert ada not in str(found)


def test_others_read_who_the_person_of_the_machine_is() -> None:
    assert called("local", names={}, me="ada") == "the person of this machine"
    assert called("local", names={}, me="local") == "you"
    assert called("", names={}, me="") == called("", names={}, me="ada") == "somebody, before this was noted"
    assert called("5ff1a49f", names={}, me="local") == "somebody without an account now"


def test_renamed_document_keeps_its_versions(doors: Doors) -> None:
    for text in ("# A\n\nOne.", "# A\n\nTwo."):
        load(doors.product, text)
    load(doors.product, "# A\n\nTwo.", name="b.md", sync=True)
    assert len(details(doors)["versions"]) == 2


@pytest.mark.parametrize("removal", ["document", "sync", "collection"])
def test_removed_document_leaves_no_version(doors: Doors, removal: str) -> None:
    product = doors.product
    for text in ("# A\n\nOne.", "# A\n\nTwo."):
        load(product, text)
    if removal == "document":
        product.knowledge.forget_document(product.chunks.documents(rules(product))[0].document_id)
    elif removal == "sync":
        load(product, "# B\n\nOther.", name="b.md", sync=True)
    else:
        product.knowledge.forget_collection(rules(product))
    assert product.versions.of(rules(product), "a.md") == []


def test_chunks_are_shown_as_they_are_indexed_a_part_at_a_time(doors: Doors) -> None:
    load(doors.product, "# Top\n\n" + "\n\n".join(f"## Part {n}\n\n" + "Word and word. " * 60 for n in range(70)))
    first = details(doors)
    assert len(first["indexed"]) == 50
    assert first["indexed"][1]["headings"][0] == "Top"
    rest = details(doors, first=50)["indexed"]
    assert rest[0]["ordinal"] == 50
    assert details(doors, first=-5)["first"] == 0
    assert details(doors, first=10**9)["indexed"] == []


def test_two_people_who_upload_the_same_file_at_once_get_one_document(doors: Doors) -> None:
    path, answers = f"/api/collections/{rules(doors.product)}/documents", []
    clients = [doors.browser() for _ in range(2)]

    def upload(number: int) -> None:
        sent = clients[number].put(
            path, params={"name": "a.md"}, content=b"# A\n\nOne.", headers={"accept": "application/json"}
        )
        answers.append(sent.json()["documents"])

    threads = [threading.Thread(target=upload, args=[number]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((one["added"], one["unchanged"]) for one in answers) == [(0, 1), (1, 0)]
    assert len(doors.product.chunks.documents(rules(doors.product))) == 1


LONG = "# A\n\n" + "\n\n".join(f"Rule {number} says that everybody may ask for a new desk." for number in range(20))


def cut_otherwise(home: Path) -> AbstractContextManager[Product]:
    """Open the same data directory with settings that cut documents otherwise."""
    return light_product(home, ScriptedChat(), chunk_tokens=32)


def test_document_that_is_learned_anew_keeps_who_loaded_it_and_when(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        product.collections.create(LOCAL_ACTOR, "Rules")
        ada = account(product, "Ada")
        load(product, "# A\n\nEarlier.", by="folder:/srv/a")
        load(product, LONG, by=ada)
        before = details(doors_of(product, ScriptedChat()))
        (stored,) = product.chunks.documents(rules(product))
    with cut_otherwise(tmp_path) as product:
        list(product.knowledge.renew())
        found = details(doors_of(product, ScriptedChat()))
        (renewed,) = product.chunks.documents(rules(product))
        assert product.versions.digest(stored.document_id) == stored.sha256  # citations of before lead there
    assert found["chunks"] > before["chunks"]
    assert (found["added_by"], found["added"]) == ("Ada", before["added"])
    assert renewed.added == stored.added
    told = [(one["added_by"], one["sha256"], one["replaced"]) for one in found["versions"]]
    assert told == [(one["added_by"], one["sha256"], one["replaced"]) for one in before["versions"]]
    assert [one["sha256"] for one in found["versions"]].count(stored.sha256) == 1


def test_unchanged_file_that_is_cut_anew_stays_its_first_loaders(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        product.collections.create(LOCAL_ACTOR, "Rules")
        load(product, LONG, by="folder:/srv/a")
        load(product, LONG, name="b.md", by=account(product, "Ada"))
        before = {one.name: one.added for one in product.chunks.documents(rules(product))}
    with cut_otherwise(tmp_path) as product:
        for name in ("a.md", "b.md"):
            load(product, LONG, name=name)
        assert {one.name: one.added for one in product.chunks.documents(rules(product))} == before
        authors = [product.versions.of(rules(product), name)[0].added_by for name in ("a.md", "b.md")]
        assert authors == ["folder:/srv/a", product.people.accounts.by_name("Ada").user_id]


def test_document_learned_anew_before_this_was_mended_has_its_loader_back(doors: Doors) -> None:
    ada = account(doors.product, "Ada")
    load(doors.product, "# A\n\nOne.", by=ada)
    (first,) = doors.product.versions.of(rules(doors.product), "a.md")
    row = {"collection_id": rules(doors.product), "name": "a.md", "sha256": first.sha256, "bytes": first.bytes}
    with doors.product.database.begin() as connection:  # as `renew` wrote it then
        connection.execute(sa.update(document_versions).values(document_id="former", replaced=first.added + 9))
        added = {"document_id": first.document_id, "added": first.added + 9, "added_by": "local"}
        connection.execute(sa.insert(document_versions).values(row | added))
    found = details(doors)
    assert found["added_by"] == "Ada"
    assert [one["added_by"] for one in found["versions"]] == ["Ada"]


def test_bytes_that_came_back_are_no_earlier_version_of_themselves(doors: Doors) -> None:
    for text in ("# A\n\nOne.", "# A\n\nTwo.", "# A\n\nOne."):
        load(doors.product, text)
    here, earlier = details(doors)["versions"]
    assert here["sha256"] != earlier["sha256"]
    assert here["replaced"] is None


def test_export_of_a_person_names_a_document_cut_anew_once(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat()) as product:
        product.collections.create(LOCAL_ACTOR, "Rules")
        ada = account(product, "Ada")
        load(product, LONG, by=ada)
    with cut_otherwise(tmp_path) as product:
        list(product.knowledge.renew())
        with product.database.connect() as connection:
            told = [part(connection, ada).get("documents_loaded") for part in PARTS]
        assert [len(one) for one in told if one] == [1]
