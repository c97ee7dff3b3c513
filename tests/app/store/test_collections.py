"""Collections and their names."""

from datetime import date

import pytest

from app.answers import Actor
from app.store.collections import Collections
from app.store.errors import CollectionExistsError, CollectionNameError, UnknownCollectionError
from app.store.opening import Store


@pytest.fixture
def collections(store: Store) -> Collections:
    return store.collections


def test_collection_is_found_by_id_and_by_name(collections: Collections, ada: Actor) -> None:
    made = collections.create(ada, "  Travel   rules ", "Trips and money")
    assert (made.name, made.description) == ("Travel rules", "Trips and money")
    assert collections.get(ada, made.collection_id) == made
    assert collections.by_name(ada, "TRAVEL rules") == made


def test_collections_are_listed_by_name(collections: Collections, ada: Actor) -> None:
    for name in ("zoo", "Apple", "pear"):
        collections.create(ada, name)
    assert [each.name for each in collections.list(ada)] == ["Apple", "pear", "zoo"]


@pytest.mark.parametrize("name", ["", " \n ", "x" * 101, "a\x00b", "a\u202eb"])
def test_unusable_name_is_refused(collections: Collections, ada: Actor, name: str) -> None:
    with pytest.raises(CollectionNameError):
        collections.create(ada, name)


@pytest.mark.parametrize("name", ["Straße", "STRASSE", " strasse "])
def test_name_is_taken_in_upper_and_lower_case(collections: Collections, ada: Actor, name: str) -> None:
    collections.create(ada, "Strasse")
    with pytest.raises(CollectionExistsError, match="already"):
        collections.create(ada, name)


def test_unknown_name_tells_which_there_are(collections: Collections, ada: Actor) -> None:
    with pytest.raises(UnknownCollectionError, match="none yet"):
        collections.by_name(ada, "Travel")
    collections.create(ada, "Handbook")
    with pytest.raises(UnknownCollectionError, match=r"no collection 'Travel'\. There are: Handbook\."):
        collections.by_name(ada, "Travel")


def test_collection_can_be_described_anew(collections: Collections, ada: Actor) -> None:
    made = collections.create(ada, "Travel")
    collections.create(ada, "Other")
    wanted = {"description": "New", "owner": " Travel desk ", "review_on": date(2027, 3, 1)}
    changed = collections.describe(ada, made.collection_id, name="Trips", **wanted)  # type: ignore[arg-type]
    assert collections.list(ada)[1] == changed
    assert (changed.owner, changed.review_on) == ("Travel desk", date(2027, 3, 1))
    with pytest.raises(CollectionExistsError):
        collections.describe(ada, made.collection_id, name="other", **wanted)  # type: ignore[arg-type]


def test_deleted_collection_is_unknown(collections: Collections, ada: Actor) -> None:
    made = collections.create(ada, "Travel")
    collections.delete(ada, made.collection_id)
    for call in (collections.get, collections.delete):
        with pytest.raises(UnknownCollectionError):
            call(ada, made.collection_id)
