"""Numbers and texts no program means, sent wherever the API takes one: refused, or nothing is there, and no fault."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.app.test_matrix import MATRIX, Door, World
from tests.hashes import quick_hashes
from tests.served import open_doors

SENT = ("9223372036854775808", "-9223372036854775809", str(2**200), "9" * 5000, "1e400", "NaN")
"""One more and one less than SQLite keeps, more than a machine's integer, more digits than Python reads, and none."""
WHOLE = [2**63, -(2**63) - 1, 2**200]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with quick_hashes(), open_doors(tmp_path_factory.mktemp("home"), sign_in=True) as opened:
        yield World(opened, tmp_path_factory.mktemp("folders"))


@pytest.fixture(scope="module")
def document(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.client("employee").get("/api/openapi.json").json()
    return found


def kinds(schema: dict[str, Any]) -> set[str]:
    """Return which types a value may have."""
    return {one.get("type", "") for one in schema.get("anyOf", [schema])}


def parameters(document: dict[str, Any]) -> Iterator[tuple[Door, dict[str, Any]]]:
    """Yield each parameter that takes a number, with its door."""
    for door in MATRIX:
        method, path = door.address.lower().split(" ")
        for told in document["paths"].get(path, {}).get(method, {}).get("parameters", []):
            if kinds(told["schema"]) & {"integer", "number"}:
                yield door, told


def fields(document: dict[str, Any], kind: str) -> Iterator[tuple[Door, str]]:
    """Yield each field of a body that takes this kind of value, with its door."""
    for door in MATRIX:
        method, path = door.address.lower().split(" ")
        body = document["paths"].get(path, {}).get(method, {}).get("requestBody", {"content": {}})
        for content in body["content"].values():
            name = content["schema"].get("$ref", "").rsplit("/", 1)[-1]
            for field, schema in document["components"]["schemas"].get(name, {}).get("properties", {}).items():
                if kind in kinds(schema):
                    yield door, field


def knock(world: World, door: Door, *, path: str = "", **wanted: Any) -> int:
    """Return what somebody who is let in is answered; an error of ours comes out as itself."""
    method, pattern = door.address.split(" ")
    url = world.address(path or pattern, fresh=False)
    who = min(door.lets_in, key=lambda who: (who == "newcomer", who not in {"reader", "admin"}, who))
    return int(world.client(who).request(method, url, **wanted).status_code)


def test_a_number_out_of_range_in_an_address_is_refused_or_names_nothing(
    world: World, document: dict[str, Any]
) -> None:
    known = list(parameters(document))
    assert len(known) > 20
    faults = []
    for door, told in known:
        for number in SENT:
            if told["in"] == "path":
                path = door.address.split(" ")[1].replace(f"{{{told['name']}}}", number)
                status = knock(world, door, path=path)
            else:
                status = knock(world, door, params=door.query | {told["name"]: number})
            if status not in {200, 400, 404, 422}:
                faults.append((door.address, told["name"], number[:20], status))
    assert faults == []


def test_a_whole_number_out_of_range_is_refused_with_a_sentence(world: World, document: dict[str, Any]) -> None:
    for door, told in parameters(document):
        if "integer" in kinds(told["schema"]) and told["in"] == "query":
            for number in WHOLE:
                assert knock(world, door, params=door.query | {told["name"]: number}) == 422, (door.address, told)


def test_a_number_out_of_range_in_a_body_is_refused(world: World, document: dict[str, Any]) -> None:
    known = list(fields(document, "integer"))
    assert len(known) > 5
    for door, field in known:
        for number in WHOLE:
            body = door.body(world) if callable(door.body) else door.body
            assert knock(world, door, json=(body or {}) | {field: number}) in {400, 422}, (door.address, field, number)


def test_half_a_character_in_a_body_is_no_fault(world: World, document: dict[str, Any]) -> None:
    known = list(fields(document, "string"))
    assert len(known) > 20
    faults = []
    for door, field in known:
        body = door.body(world) if callable(door.body) else door.body
        content = json.dumps((body or {}) | {field: "half \ud800"})
        status = knock(world, door, content=content, headers={"content-type": "application/json"})
        if status >= 500:
            faults.append((door.address, field, status))
    assert faults == []
