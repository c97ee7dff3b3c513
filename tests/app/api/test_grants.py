"""Who may read a collection now, told to administrators: the same people whom the collection opens for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from app.store.grants import everyone, group
from tests.app.test_matrix import World
from tests.hashes import quick_hashes
from tests.served import open_doors


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with quick_hashes(), open_doors(tmp_path / "home", sign_in=True) as opened_doors:
        yield World(opened_doors, tmp_path)


def told(world: World) -> dict[str, tuple[str, list[str]]]:
    people = world.client("admin").get(f"/api/collections/{world.collection_id}/grants/people").json()
    return {one["name"]: (one["may"], one["through"]) for one in people}


def whom_it_opens_for(world: World) -> set[str]:
    path = f"/api/collections/{world.collection_id}/documents"
    return {who for who in world.actors if world.client(who).get(path).status_code == 200}


def test_everybody_who_may_read_is_named_and_nobody_else(world: World) -> None:
    assert told(world) == {
        "admin": ("curate", ["administrator"]),
        "curator": ("curate", ["by name"]),
        "peer": ("read", ["by name"]),
        "reader": ("read", ["by name"]),
    }
    assert set(told(world)) == whom_it_opens_for(world)


def test_members_of_a_group_and_everybody_are_named_and_leavers_are_not(world: World) -> None:
    people, employee = world.product.people, world.actors["employee"]
    people.change(LOCAL_ACTOR, employee.user_id, groups=["Sales"])
    world.product.collections.grant(LOCAL_ACTOR, world.collection_id, group("sales"))
    assert told(world)["employee"] == ("read", ["group Sales"])
    people.change(LOCAL_ACTOR, employee.user_id, active=False)
    assert "employee" not in told(world)
    world.product.collections.grant(LOCAL_ACTOR, world.collection_id, everyone())
    assert told(world)["peer"] == ("read", ["everybody", "by name"])
    assert "auditor" not in told(world)
    # the newcomer has still to agree to the notice; the leaver, whose session the test made by hand, cannot sign in
    assert set(told(world)) - {"newcomer"} == whom_it_opens_for(world) - {"employee"}


def test_of_a_collection_there_is_not_nothing_is_told(world: World) -> None:
    assert world.client("admin").get("/api/collections/ffff/grants/people").status_code == 404
