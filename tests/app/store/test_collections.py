"""Collections and their names."""

from datetime import date

import pytest

from app.answers import Actor, Role
from app.rights import ForbiddenError
from app.store.collections import Collections
from app.store.errors import CollectionExistsError, CollectionNameError, UnknownCollectionError
from app.store.grants import Grant, everyone, grants_of, group, person
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


CURATOR: frozenset[Role] = frozenset({"curator"})
ADMIN = Actor(user_id="root", name="Root", roles=frozenset({"admin"}))
AUDITOR = Actor(user_id="eve", name="Eve", roles=frozenset({"auditor"}))


def test_a_new_collection_is_its_makers_and_the_administrators(
    collections: Collections, ada: Actor, mallory: Actor
) -> None:
    made = collections.create(ada, "Travel")
    other = Actor(user_id="bob", name="Bob", roles=CURATOR)
    for stranger in (mallory, other, AUDITOR):
        assert collections.list(stranger) == ()
        with pytest.raises(UnknownCollectionError, match="none yet"):
            collections.by_name(stranger, "Travel")
        with pytest.raises(UnknownCollectionError):
            collections.curated(stranger, made.collection_id)
    for friend in (ada, ADMIN):
        assert collections.list(friend) == (made,)
        assert collections.curated(friend, made.collection_id) == made


@pytest.mark.parametrize("grant", [everyone(), group("sales"), person("mallory")])
def test_whoever_was_granted_a_collection_reads_it_and_no_more(
    collections: Collections, ada: Actor, grant: Grant
) -> None:
    reader = Actor(user_id="mallory", name="Mallory", roles=CURATOR, groups=frozenset({"sales"}))
    made = collections.create(ada, "Travel")
    collections.grant(ada, made.collection_id, grant)
    assert collections.get(reader, made.collection_id) == made
    for change in (
        lambda: collections.describe(reader, made.collection_id, name="Mine"),
        lambda: collections.delete(reader, made.collection_id),
        lambda: collections.grant(reader, made.collection_id, person("mallory", may="curate")),
        lambda: collections.grants(reader, made.collection_id),
    ):
        with pytest.raises(ForbiddenError, match="not change it"):
            change()
    assert collections.revoke(ada, made.collection_id, grant)
    assert not collections.revoke(ada, made.collection_id, grant)
    with pytest.raises(UnknownCollectionError):
        collections.get(reader, made.collection_id)


def test_a_grant_to_curate_needs_a_curator(collections: Collections, ada: Actor, mallory: Actor) -> None:
    made = collections.create(ada, "Travel")
    collections.grant(ada, made.collection_id, everyone())
    collections.grant(ada, made.collection_id, person("mallory", may="curate"))
    with pytest.raises(ForbiddenError, match="role"):
        collections.curated(mallory, made.collection_id)
    curator = Actor(user_id="mallory", name="Mallory", roles=CURATOR)
    assert collections.curated(curator, made.collection_id) == made
    assert collections.grants(ada, made.collection_id) == (
        everyone(),
        person("ada", may="curate"),
        person("mallory", may="curate"),
    )


def test_nobody_but_curators_makes_collections(collections: Collections, mallory: Actor) -> None:
    for actor in (mallory, AUDITOR):
        with pytest.raises(ForbiddenError, match="load documents or make collections"):
            collections.create(actor, "Mine")


def test_grants_go_with_their_collection(collections: Collections, ada: Actor, store: Store) -> None:
    made = collections.create(ada, "Travel")
    collections.delete(ada, made.collection_id)
    with store.engine.connect() as connection:
        assert grants_of(connection, made.collection_id) == ()
