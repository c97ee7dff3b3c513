"""Every door of the HTTP API, as every role: who is let in, who is not, and that nobody sees what is not theirs.

A door that is not in the matrix fails the first test, so no new one is forgotten.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from app.answers import LOCAL_ACTOR, Actor, Feedback, Question, Role
from app.identity import passwords
from app.store.grants import Grant, group, person
from app.web.gate import COOKIE
from retrieval.sources import bytes_source
from tests.hashes import quick_hashes
from tests.served import HOST, OFFICES, QUESTION, Doors, agree, open_doors

PASSWORD = "seven lamps of architecture"
ROLES: dict[str, Role] = {
    "employee": "employee",
    "reader": "employee",
    "peer": "employee",
    "curator": "curator",
    "foreign curator": "curator",
    "admin": "admin",
    "auditor": "auditor",
    "newcomer": "curator",
}
"""Who calls -> their role. Reader and peer may read the collection, curator may fill it; what was asked is reader's.
The newcomer has not agreed to the privacy notice, so that no role helps."""
EVERYBODY = frozenset(ROLES)
SIGNED_IN = EVERYBODY - {"newcomer"}
ANYBODY = EVERYBODY | {"stranger"}
ASKERS = SIGNED_IN - {"auditor"}
READERS = frozenset({"reader", "peer", "curator", "admin"})
CURATORS = frozenset({"curator", "admin"})
ADMIN = frozenset({"admin"})
OWNER = frozenset({"reader"})
TURNED_AWAY = {303, 401, 403, 404, 410}
SECRETS = ("Handbook", "42 desks", "many desks", "Lisbon office")
"""Words of the collection, its document, and what reader asked."""


class World:
    """A product in which everybody has an account, with one collection and one conversation."""

    def __init__(self, doors: Doors, folder: Path) -> None:
        """Make the people, what they may read, and what one of them asked."""
        self.doors, self.product, self.folder = doors, doors.product, folder
        hashed = passwords.hashed(PASSWORD)
        self.actors: dict[str, Actor] = {}
        for name, role in ROLES.items():
            made = self.product.people.accounts.add(LOCAL_ACTOR, name, roles=[role])
            self.product.people.accounts.sign_ins.put_password(made.user_id, hashed)
            self.actors[name] = made.actor
            if name != "newcomer":
                agree(self.product, made.actor)
        self.collection_id = self.product.collections.list(LOCAL_ACTOR)[0].collection_id
        self._share(self.collection_id)
        self.conversation_id, self.answer_id = self._ask()

    def client(self, who: str) -> TestClient:
        """Return a browser of this person with a session of its own."""
        client = self.doors.stranger()
        client.headers["origin"] = HOST
        if who != "stranger":
            client.cookies.set(COOKIE, self.product.people.sessions.open(self.actors[who]))
        return client

    def fresh_collection(self) -> str:
        """Return a collection that a door may destroy, read and filled by the same people."""
        made = self.product.collections.create(LOCAL_ACTOR, f"Handbook {secrets.token_hex(4)}")
        source = bytes_source("offices.md", OFFICES.encode())
        for _ in self.product.knowledge.learn([source], collection_id=made.collection_id):
            pass
        self._share(made.collection_id)
        return made.collection_id

    def address(self, path: str, *, fresh: bool) -> str:
        """Return a path with what stands for its parts: reader's, or of the collection, or made for this call."""
        reader, people = self.actors["reader"], self.product.people
        collection_id = self.fresh_collection() if fresh else self.collection_id
        makers: dict[str, Callable[[], str]] = {
            "collection_id": lambda: collection_id,
            "document_id": lambda: self.product.chunks.heads(collection_id)[-1].document_id,
            "answer_id": lambda: self.answer_id,
            "start": lambda: str(self.product.history.answer(reader, self.answer_id).claims[0].start),
            "user_id": lambda: people.accounts.add(LOCAL_ACTOR, secrets.token_hex(4), roles=["employee"]).user_id,
            "token_id": lambda: self._token(reader),
            "ending": lambda: self._session(reader),
            "watch_id": lambda: self._watch(collection_id),
            "hold_id": lambda: self.product.holds.put(LOCAL_ACTOR, reader.user_id, reason="A dispute").hold_id,
            "review_id": self.review,
            "name": lambda: "inhouse",
            "n": lambda: "1",
            "number": lambda: "1",
            "rest:path": lambda: "nothing/here",
        }
        return re.sub(r"\{(.+?)\}", lambda part: makers[part[1]](), path)

    def review(self) -> str:
        """Rate what reader was answered, and return the id under which reviewers find it."""
        self.product.feedback.record(self.actors["reader"], Feedback(answer_id=self.answer_id, liked=False), share=str)
        return self.product.feedback.shared.queue(LOCAL_ACTOR, limit=1)[0].review_id

    def _token(self, actor: Actor) -> str:
        self.product.people.tokens.revoke_all(actor.user_id)
        return self.product.people.make_token(actor, name="script", scopes=["ask"], days=1)[0].token_id

    def _session(self, actor: Actor) -> str:
        self.product.people.sessions.open(actor)
        return self.product.people.sessions_of(actor)[0].session_id

    def _share(self, collection_id: str) -> None:
        held: list[Grant] = [person(self.actors[who].user_id) for who in ("reader", "peer")]
        for grant in (*held, person(self.actors["curator"].user_id, may="curate")):
            self.product.collections.grant(LOCAL_ACTOR, collection_id, grant)

    def _ask(self) -> tuple[str, str]:
        reader = self.actors["reader"]
        conversation = self.product.history.start(reader, collection_ids=())
        question = Question(text=QUESTION, conversation_id=conversation.conversation_id)
        *_, answer = self.product.assistant().ask(reader, question)
        return conversation.conversation_id, answer.answer_id  # type: ignore[union-attr]

    def _watch(self, collection_id: str) -> str:
        folder = self.folder / secrets.token_hex(4)
        folder.mkdir()
        watch = self.product.watching.add(LOCAL_ACTOR, collection_id, folder=str(folder), minutes=60)
        return watch.watch_id


@dataclass(frozen=True, kw_only=True)
class Door:
    """What is expected at a door."""

    address: str
    """Method and path, as the route has them."""
    lets_in: frozenset[str]
    status: int = 200
    says: str = ""
    """Part of the answer to whoever is let in, where the status alone could be a refusal's."""
    body: Callable[[World], dict[str, Any]] | dict[str, Any] | None = None
    query: dict[str, str] = field(default_factory=dict)
    destroys: bool = False
    content: bytes = b""
    before: Callable[[World], object] | None = None

    def knock(self, world: World, who: str) -> Any:
        """Ask as somebody."""
        method, path = self.address.split(" ")
        url = world.address(path, fresh=self.destroys and who in self.lets_in)
        if self.before:
            self.before(world)
        body = self.body(world) if callable(self.body) else self.body
        sent = {"json": body} if body is not None else {"content": self.content.replace(b"WHO", who.encode())}
        headers = {"accept": "application/json"}
        return world.client(who).request(method, url, params=self.query, headers=headers, **sent)


def _grant(world: World) -> None:
    world.product.collections.grant(LOCAL_ACTOR, world.collection_id, group("temporary"))


def _name(_world: World) -> dict[str, str]:
    return {"name": secrets.token_hex(4)}


def _hold(world: World) -> dict[str, str]:
    return {"user_id": world.actors["auditor"].user_id, "reason": "A dispute"}


def _folder(world: World) -> dict[str, str]:
    folder = world.folder / secrets.token_hex(4)
    folder.mkdir()
    return {"folder": str(folder)}


COLLECTION = "/api/collections/{collection_id}"
CHAT = {"model": "inhouse", "messages": [{"role": "user", "content": "What is closed in August?"}]}
APPROVED = {"question": "How many desks?", "answer": "42 desks.", "owner": "Office", "until": "2099-01-01"}
FORM = b"name=WHO&password=b&token=c"
READING = [
    Door(address="POST /api/check", lets_in=ASKERS, body={"passages": ["It is red."], "answer": "It is red."}),
    Door(address="GET /api/checks/rates", lets_in=SIGNED_IN),
    Door(address="GET /v1/models", lets_in=SIGNED_IN),
    Door(address="GET /v1/models/{name}", lets_in=SIGNED_IN),
    Door(address="POST /v1/chat/completions", lets_in=ASKERS, body=CHAT),
    Door(address="POST /api/search", lets_in=ASKERS, body={"query": "desks"}),
    Door(address="GET /api/answers/{answer_id}/citations/{n}", lets_in=OWNER),
    Door(address="GET /api/documents/{document_id}", lets_in=READERS),
    Door(address="GET /api/documents/{document_id}/pages/{number}", lets_in=READERS, status=404, says="pages of PDFs"),
    Door(address="GET /api/documents/{document_id}/original", lets_in=READERS),
    Door(address="GET /api/answers/{answer_id}", lets_in=OWNER),
    Door(address="GET /api/answers/{answer_id}/statements", lets_in=OWNER),
    Door(address="POST /api/answers/{answer_id}/double-check", lets_in=OWNER),
    Door(address="PUT /api/answers/{answer_id}/disputes/{start}", lets_in=OWNER, body={"comment": "No."}),
    Door(address="DELETE /api/answers/{answer_id}/disputes/{start}", lets_in=OWNER, status=204),
    Door(address="GET /api/conversations", lets_in=SIGNED_IN),
    Door(address="GET /api/disputes", lets_in=SIGNED_IN),
    Door(address="GET /api/openapi.json", lets_in=SIGNED_IN),
    Door(address="POST /v1/embeddings", lets_in=ASKERS, body={"input": "A text."}),
    Door(address="GET /metrics", lets_in=frozenset()),  # of browsers; see tests/app/api/test_metrics.py
    Door(address="GET /healthz", lets_in=ANYBODY),
    Door(address="GET /readyz", lets_in=ANYBODY),
]
REVIEWS = [
    Door(address="GET /api/ratings", lets_in=SIGNED_IN),
    Door(address="GET /api/reviews", lets_in=CURATORS | {"foreign curator"}),
    Door(address="GET /api/reviews/{review_id}", lets_in=CURATORS),
    Door(address="GET /api/reviews/{review_id}/sources/{n}", lets_in=CURATORS),
    Door(address="POST /api/reviews/{review_id}", lets_in=CURATORS, body={"note": "Looked at."}),
]
KNOWLEDGE = [
    Door(address="GET /api/collections", lets_in=SIGNED_IN),
    Door(address="POST /api/collections", lets_in=CURATORS | {"foreign curator"}, status=201, body=_name),
    Door(address=f"PATCH {COLLECTION}", lets_in=CURATORS, body={"description": "Rules"}),
    Door(address=f"DELETE {COLLECTION}", lets_in=CURATORS, status=204, destroys=True),
    Door(address=f"GET {COLLECTION}/export", lets_in=CURATORS),
    Door(address=f"PUT {COLLECTION}/documents", lets_in=CURATORS, query={"name": "b.md"}, content=b"# B\n\nA text."),
    Door(address=f"GET {COLLECTION}/documents", lets_in=READERS),
    Door(address=f"DELETE {COLLECTION}/problems", lets_in=CURATORS, status=204, query={"name": "b.md"}),
    Door(address=f"DELETE {COLLECTION}/documents/{{document_id}}", lets_in=CURATORS, status=204, destroys=True),
    Door(address=f"GET {COLLECTION}/documents/{{document_id}}", lets_in=READERS),
    Door(address=f"POST {COLLECTION}/documents/{{document_id}}/release", lets_in=CURATORS, status=409),
    Door(address=f"GET {COLLECTION}/grants", lets_in=CURATORS),
    Door(address=f"GET {COLLECTION}/grants/people", lets_in=ADMIN),
    Door(address=f"PUT {COLLECTION}/grants", lets_in=CURATORS, body={"kind": "group", "name": "Sales"}),
    Door(
        address=f"DELETE {COLLECTION}/grants",
        lets_in=CURATORS,
        status=204,
        query={"kind": "group", "name": "temporary"},
        before=_grant,
    ),
    Door(address=f"GET {COLLECTION}/conflicts", lets_in=CURATORS),
    Door(address=f"GET {COLLECTION}/verified", lets_in=READERS),
    Door(address=f"PUT {COLLECTION}/verified", lets_in=CURATORS, body=APPROVED),
    Door(address=f"GET {COLLECTION}/folders", lets_in=CURATORS),
    Door(address=f"POST {COLLECTION}/folders", lets_in=ADMIN, status=201, body=_folder),
    Door(address=f"PATCH {COLLECTION}/folders/{{watch_id}}", lets_in=CURATORS, body={"minutes": 30}),
    Door(address=f"POST {COLLECTION}/folders/{{watch_id}}/run", lets_in=CURATORS, status=202),
    Door(address=f"DELETE {COLLECTION}/folders/{{watch_id}}", lets_in=CURATORS, status=204),
    Door(address="GET /api/renewal", lets_in=SIGNED_IN),
    Door(address="POST /api/renewal", lets_in=ADMIN, status=202),
    Door(address="GET /api/index", lets_in=SIGNED_IN),
    Door(address="POST /api/index", lets_in=ADMIN, status=202),
    Door(address="GET /api/embedder", lets_in=SIGNED_IN),
    Door(address="POST /api/embedder", lets_in=ADMIN, status=404, body={"model": "none"}),
    Door(address="PATCH /api/embedder", lets_in=ADMIN, status=409, body={"state": "paused"}),
]
MODELS = [
    Door(address="GET /api/models", lets_in=SIGNED_IN),
    Door(address="GET /api/models/now", lets_in=SIGNED_IN),
    Door(address="POST /api/models/use", lets_in=ADMIN, status=404, body={"model": "none"}, says="none"),
    Door(address="POST /api/models/fetch", lets_in=ADMIN, status=404, body={"model": "none"}, says="none"),
    Door(address="POST /api/models/verify", lets_in=ADMIN, status=202, body={"model": "none"}),
    Door(address="POST /api/models/import", lets_in=ADMIN, status=400, body={"path": "here.gguf"}),
    Door(address="DELETE /api/models", lets_in=ADMIN, status=404, query={"model": "none"}, says="none"),
    Door(address="POST /api/models/stop", lets_in=ADMIN, status=204),
]
PEOPLE = [
    Door(address="GET /api/me", lets_in=SIGNED_IN),
    Door(address="POST /api/me/sign-out", lets_in=EVERYBODY, status=204),
    Door(
        address="POST /api/me/password",
        lets_in=SIGNED_IN,
        status=204,
        body={"old": PASSWORD, "new": PASSWORD},
    ),
    Door(address="POST /api/me/second-factor", lets_in=SIGNED_IN),
    Door(address="PUT /api/me/second-factor", lets_in=SIGNED_IN, status=422, body={"code": "no"}),
    Door(address="POST /api/me/second-factor/drop", lets_in=SIGNED_IN, status=204, body={"password": PASSWORD}),
    Door(address="GET /api/me/sessions", lets_in=SIGNED_IN),
    Door(address="DELETE /api/me/sessions/{ending}", lets_in=OWNER, status=204),
    Door(address="GET /api/me/tokens", lets_in=SIGNED_IN),
    Door(address="POST /api/me/tokens", lets_in=SIGNED_IN, status=201, body=_name),
    Door(address="DELETE /api/me/tokens/{token_id}", lets_in=OWNER, status=204),
    Door(address="GET /api/people", lets_in=ADMIN),
    Door(address="POST /api/people", lets_in=ADMIN, status=201, body=_name),
    Door(address="PATCH /api/people/{user_id}", lets_in=ADMIN, body={"groups": ["Sales"]}),
    Door(address="POST /api/people/{user_id}/link", lets_in=ADMIN),
    Door(address="POST /api/people/{user_id}/sign-out", lets_in=ADMIN, status=204),
    Door(address="GET /api/people/{user_id}/tokens", lets_in=ADMIN),
    Door(address="DELETE /api/people/{user_id}/tokens/{token_id}", lets_in=ADMIN, status=404),
]
PERSONAL = [
    Door(address="GET /api/me/export", lets_in=EVERYBODY),
    Door(address="GET /api/me/exports", lets_in=SIGNED_IN),
    Door(address="POST /api/me/exports/open", lets_in=SIGNED_IN, status=403, content=b"x", says="somebody else"),
    Door(address="POST /api/me/erase", lets_in=EVERYBODY, status=404, body={"name": "not mine"}, says="not the name"),
    Door(address="POST /api/people/{user_id}/export", lets_in=ADMIN),
    Door(
        address="POST /api/people/{user_id}/erase", lets_in=ADMIN, status=404, body={"name": "x"}, says="not the name"
    ),
    Door(address="GET /api/erasures", lets_in=ADMIN),
    Door(address="POST /api/erasures/verify", lets_in=ADMIN, status=422, body={"receipt": "x"}, says="receipt"),
    Door(address="GET /api/safekeeping", lets_in=ADMIN),
    Door(address="POST /api/backups", lets_in=ADMIN, body={}),
    Door(address="POST /api/recovery-key", lets_in=ADMIN, body={"passphrase": "long enough"}),
    Door(address="GET /api/processing", lets_in=ADMIN),
    Door(address="PUT /api/retention", lets_in=ADMIN, body={"audit": 400}),
    Door(address="POST /api/rotation", lets_in=ADMIN, status=202),
    Door(address="DELETE /api/rotation", lets_in=ADMIN, status=204),
    Door(address="GET /api/holds", lets_in=ADMIN),
    Door(address="POST /api/holds", lets_in=ADMIN, status=201, body=_hold),
    Door(address="DELETE /api/holds/{hold_id}", lets_in=ADMIN, status=204),
]
NOTICE = [
    Door(address="GET /api/notice", lets_in=EVERYBODY),
    Door(address="GET /notice", lets_in=EVERYBODY, says="What is kept, and for how long"),
    Door(address="POST /notice", lets_in=EVERYBODY, status=409, content=b"version=1", says="changed while you read"),
]
PROOF = [
    Door(address="GET /api/audit", lets_in=frozenset({"auditor"})),
    Door(address="GET /api/audit/proof", lets_in=frozenset({"auditor"}), says="whole and signed"),
    Door(address="GET /api/audit/export", lets_in=frozenset({"auditor"}), says="public_key"),
    Door(address="GET /api/audit/alerts", lets_in=frozenset({"auditor"})),
]
ENTRANCES = [
    Door(address="GET /sign-in", lets_in=ANYBODY),
    Door(address="POST /sign-in", lets_in=ANYBODY, status=401, content=FORM, says="not right"),
    Door(address="GET /sign-in/elsewhere", lets_in=ANYBODY, status=404, says="not set up"),
    Door(address="GET /sign-in/return", lets_in=ANYBODY, status=404, says="not set up"),
    Door(address="GET /sign-in/out", lets_in=ANYBODY, status=404, says="not set up"),
    Door(address="GET /welcome", lets_in=ANYBODY, status=410, says="Ask for a new one"),
    Door(address="POST /welcome", lets_in=ANYBODY, status=410, content=FORM, says="Ask for a new one"),
    Door(address="GET /setup", lets_in=ANYBODY, status=410, says="Ask for a new one"),
    Door(address="POST /setup", lets_in=ANYBODY, status=410, content=FORM, says="Ask for a new one"),
]
NO_DOORS = [
    Door(address=f"{method} {room}/{{rest:path}}", lets_in=frozenset())
    for room in ("/v1", "/api")
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
]
MATRIX = [*READING, *REVIEWS, *KNOWLEDGE, *MODELS, *PEOPLE, *PERSONAL, *NOTICE, *PROOF, *ENTRANCES, *NO_DOORS]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with quick_hashes(), open_doors(tmp_path_factory.mktemp("home"), sign_in=True) as opened:
        yield World(opened, tmp_path_factory.mktemp("folders"))


def addresses(routes: list[Any]) -> Iterator[str]:
    """Yield method and path of every route, those of included routers among them."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield from (f"{method} {route.path}" for method in route.methods or ())
        elif router := getattr(route, "original_router", None):
            yield from addresses(router.routes)


def test_every_route_is_in_the_matrix(world: World) -> None:
    routes = [*addresses(world.doors.application.routes), "GET /api/openapi.json"]
    assert sorted(routes) == sorted(door.address for door in MATRIX)


@pytest.mark.parametrize("door", MATRIX, ids=lambda door: door.address)
def test_a_door_lets_in_whom_it_should(world: World, door: Door) -> None:
    for who in sorted(ANYBODY, key=lambda who: who in door.lets_in):  # who is turned away changes nothing for others
        answer = door.knock(world, who)
        if who in door.lets_in:
            assert (who, answer.status_code) == (who, door.status), answer.text
            assert door.says in answer.text
        else:
            assert answer.status_code in TURNED_AWAY, (who, answer.status_code, answer.text)
            assert not door.says or door.says not in answer.text, who
        if who not in READERS:
            assert not [word for word in SECRETS if word in answer.text], who


def test_nothing_that_was_turned_away_has_changed_anything(world: World) -> None:
    collection = world.product.collections.get(world.actors["reader"], world.collection_id)
    assert collection.name == "Handbook"
    assert "offices.md" in {head.name for head in world.product.chunks.heads(world.collection_id)}
    assert world.product.history.turns(world.actors["reader"], world.conversation_id)
    for who in ROLES:
        if who != "reader":
            assert world.product.history.conversations(world.actors[who]) == []


def test_an_administrator_reads_nobodys_conversation(world: World) -> None:
    admin = world.client("admin")
    for path in ("statements", "citations/1"):
        assert admin.get(f"/api/answers/{world.answer_id}/{path}").status_code == 404
    operator = world.doors.program()
    assert operator.get(f"/api/answers/{world.answer_id}/statements").status_code == 404
