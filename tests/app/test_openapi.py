"""The OpenAPI document: whether it is true, and what a running product does with thousands of calls made from it.

The calls are schemathesis's, those it thinks right and those it thinks wrong. Every one is made as each role and as
nobody, with somebody's real ids in half of them. Part of `make test-long`.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.answers import LOCAL_ACTOR
from app.api.fields import FIELDS
from app.errors import AppError
from app.identity.attempts import Attempts
from tests.app.test_matrix import ANYBODY, MATRIX, READERS, SECRETS, Door, World
from tests.hashes import quick_hashes
from tests.served import HOST, open_doors

Operation = dict[str, Any]
CALLS = 8
"""Made of a route, right ones and wrong ones each; every one is sent by eight callers."""
ROOMS = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics")
"""What is there for programs; the other addresses are pages and forms."""
UNDOCUMENTED = {"/api/openapi.json", "/v1/{rest:path}", "/api/{rest:path}"}
PATHS = {door.address: door.address.split(" ")[1] for door in MATRIX}
DOORS = {
    door.address: door
    for door in MATRIX
    if PATHS[door.address].startswith(ROOMS) and PATHS[door.address] not in UNDOCUMENTED
}
ASKED = "many desks"
"""Of what reader asked; nobody else's to see."""
SHARED = "/api/reviews"
"""There reviewers see what reader rated; whom it lets in, the matrix says."""
TRACES = ("Traceback", 'File "', ".py\\", "sqlalchemy", "sqlcipher")
REFUSED = "#/components/schemas/Refused"


class Fuzzed(World):
    """A world in which what a caller may change is made for that call, and gone after it."""

    def __init__(self, *arguments: Any) -> None:
        """Remember what is made."""
        self.made: list[str] = []
        super().__init__(*arguments)

    def fresh_collection(self) -> str:
        """Make a collection for one call."""
        self.made.append(super().fresh_collection())
        return self.made[-1]

    def tidy(self) -> None:
        """Delete what was made, which a call may have opened for everybody."""
        while self.made:
            with contextlib.suppress(AppError):
                self.product.delete_collection(LOCAL_ACTOR, self.made.pop())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    home, folders = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("folders")
    waits = patch.object(Attempts, "check")  # else everybody soon has to wait, and nothing more is looked at
    with quick_hashes(), waits, open_doors(home, sign_in=True, questions_a_minute=1_000_000) as opened:
        yield Fuzzed(opened, folders)


@pytest.fixture(scope="module")
def document(world: Fuzzed) -> dict[str, Any]:
    found: dict[str, Any] = world.client("employee").get("/api/openapi.json").json()
    return found


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, Operation]:
    return {f"{method.upper()} {path}": told for path, of in document["paths"].items() for method, told in of.items()}


def test_every_route_is_in_the_document(operations: dict[str, Operation]) -> None:
    assert sorted(operations) == sorted(DOORS)


def test_every_route_says_what_it_answers_and_how_it_refuses(operations: dict[str, Operation]) -> None:
    for address, told in operations.items():
        answers = told["responses"]
        assert [status for status in answers if status in {"200", "201", "202", "204"}], address
        for status in ("401", "403", "404", "422", "4XX", "5XX"):
            schema = answers[status]["content"]["application/json"]["schema"]
            assert schema == {"$ref": REFUSED}, (address, status)
        assert told["summary"], address


def test_every_answer_and_every_body_has_a_schema(operations: dict[str, Operation]) -> None:
    for address, told in operations.items():
        bodies = [told["requestBody"]] if "requestBody" in told else []
        for one in (*told["responses"].values(), *bodies):
            for kind, content in one.get("content", {}).items():
                assert content.get("schema"), (address, kind)
        takes = DOORS[address].body is not None or DOORS[address].content
        assert bool(bodies) == bool(takes), address


@pytest.mark.parametrize("address", [f"{method.upper()} {path}" for method, path in FIELDS])
def test_the_fields_that_are_named_are_those_of_the_answer(
    world: Fuzzed, document: dict[str, Any], operations: dict[str, Operation], address: str
) -> None:
    door = DOORS[address]
    who = min(door.lets_in, key=lambda who: (who not in READERS, who == "admin", who))
    answer = door.knock(world, who)
    world.tidy()
    assert answer.status_code == door.status, answer.text
    schema = operations[address]["responses"][str(door.status)]["content"]["application/json"]["schema"]
    jsonschema.validate(answer.json(), schema | {"components": document["components"]})
    assert unnamed(answer.json(), schema, document) == []


def unnamed(value: Any, schema: Any, document: dict[str, Any]) -> list[str]:
    """Return the fields of an answer that its schema does not name."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema:
        return min((unnamed(value, one, document) for one in schema["anyOf"]), key=len)
    if isinstance(value, list):
        return [each for one in value for each in unnamed(one, schema.get("items", {}), document)]
    named = schema.get("properties")
    if not isinstance(value, dict) or named is None:
        return []
    told = [name for name in value if name not in named]
    return told + [each for name in value if name in named for each in unnamed(value[name], named[name], document)]


def test_the_document_says_how_a_caller_is_known(document: dict[str, Any], operations: dict[str, Operation]) -> None:
    assert document["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert {scheme for one in document["security"] for scheme in one} == {"token", "session"}
    assert {address for address, told in operations.items() if told.get("security") == []} == {
        "GET /healthz",
        "GET /readyz",
    }


def test_every_refusal_has_the_promised_shape(world: Fuzzed) -> None:
    for door in DOORS.values():
        if "stranger" not in door.lets_in:
            method, path = door.address.split(" ")
            answer = world.client("stranger").request(method, path)
            assert answer.json()["error"].keys() == {"message", "type", "code"}, door.address


@pytest.mark.long
@pytest.mark.parametrize("address", sorted(DOORS))
@pytest.mark.filterwarnings("default")
def test_no_call_is_a_fault_or_shows_what_is_not_the_callers(
    world: Fuzzed, document: dict[str, Any], address: str
) -> None:
    import schemathesis  # noqa: PLC0415 - only this test needs it, and it takes seconds

    method, path = address.split(" ")
    operation = schemathesis.openapi.from_dict(document)[path][method]
    modes = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
    told = operation.definition.raw
    for mode in modes if "parameters" in told or "requestBody" in told else modes[:1]:
        every_caller(world, DOORS[address], operation.as_strategy(generation_mode=mode))


def every_caller(world: Fuzzed, door: Door, cases: st.SearchStrategy[Any]) -> None:
    """Make calls as everybody."""

    @settings(
        max_examples=CALLS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, real=st.booleans())
    def called(case: Any, real: bool) -> None:  # noqa: FBT001
        for who in sorted(ANYBODY, key=lambda who: who in door.lets_in):
            try:
                check_call(world, door, case, who, real=real)
            finally:
                world.tidy()

    called()


def check_call(world: Fuzzed, door: Door, case: Any, who: str, *, real: bool) -> None:
    sent = case.as_transport_kwargs(base_url=HOST)
    wanted = {name: sent[name] for name in ("json", "params") if name in sent}
    if "data" in sent:
        wanted["content"] = sent["data"]
    url = sent["url"]
    if real:
        changes = door.address.split(" ")[0] != "GET" and who in door.lets_in
        url = world.address(door.address.split(" ")[1], fresh=changes)
    kept = {"content-type", "accept"}
    headers = {name: value for name, value in sent["headers"].items() if name.lower() in kept}
    answer = world.client(who).request(sent["method"], url, headers=headers, **wanted)
    assert answer.status_code < 500 or may_fail(door, answer), (who, url, answer.text)
    assert not [trace for trace in TRACES if trace in answer.text], (who, url, answer.text)
    if who not in READERS:
        assert not [word for word in SECRETS if word in answer.text], (who, url)
    if who != "reader" and SHARED not in url:
        assert ASKED not in answer.text, (who, url)
    conforms(case, answer)


def may_fail(door: Door, answer: Any) -> bool:
    """Whether this is one of the doors that tell of the state of the machine."""
    return door.address == "GET /readyz" and answer.status_code == 503


def conforms(case: Any, answer: Any) -> None:
    """Look whether the document knows such an answer: its status, its kind, its shape."""
    from schemathesis.specs.openapi import checks  # noqa: PLC0415

    known: list[Callable[..., Any]] = [
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    case.validate_response(answer, checks=known)
