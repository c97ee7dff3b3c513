"""Rated answers over HTTP and by command: shared under a pseudonym, reviewed, taken over; and said so at the button."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from app import commands
from app.answers import LOCAL_ACTOR
from app.improve.sharing import ALONE, COUNTED, SHARED
from app.product import Product
from app.store.audit import Only
from app.web.feedback import Unsent, send, thumb
from tests.app.test_matrix import World
from tests.app.test_page_events import request_of
from tests.hashes import quick_hashes
from tests.served import ANSWER, QUESTION, open_doors

NAMED = "Rosalind Achterberg rang from +49 30 901820"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield from _world(tmp_path)


@pytest.fixture
def masking(tmp_path: Path) -> Iterator[World]:
    yield from _world(tmp_path, personal_data="mask")


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[World]:
    yield from _world(tmp_path, share_rated=False)


def _world(tmp_path: Path, **settings: Any) -> Iterator[World]:
    folders = tmp_path / "folders"
    folders.mkdir()
    with quick_hashes(), open_doors(tmp_path / "home", sign_in=True, **settings) as opened:
        yield World(opened, folders)


def rate(world: World, *, comment: str = "Nobody asked me", correction: str = "43 desks.") -> tuple[Any, ...]:
    """Rate the answer on the page as reader does, and return what the page says to the thumb."""
    request = request_of(world.actors["reader"])
    liked = gr.LikeData(None, {"index": [1, 0], "value": {"text": "x"}, "liked": False})
    told = thumb(world.product, world.conversation_id, Unsent(), [], "", "", request, liked)
    send(world.product, world.answer_id, ["wrong"], comment, correction, request)
    return told


def run(product: Product, command: str, /, **arguments: Any) -> dict[str, Any]:
    """Run a command and return its result."""
    items = list(commands.run(product, command, arguments, threading.Event()))
    (value,) = (item["value"] for item in items if item["kind"] == "result")
    return dict(value)


def test_a_rating_comes_to_reviewers_under_a_pseudonym(world: World) -> None:
    assert "Shared with reviewers" in rate(world)[1]
    curator = world.client("curator")
    told = curator.get("/api/reviews", params={"reason": "wrong"}).json()
    (listed,) = told["reviews"]
    assert (listed["question"], listed["rating"], told["counts"]) == (QUESTION, "bad", {"good": 0, "bad": 1})
    assert not {"answer", "comment", "correction"} & set(listed)
    opened = curator.get(f"/api/reviews/{listed['review_id']}")
    one = opened.json()
    assert (one["answer"], one["comment"], one["correction"]) == (ANSWER, "Nobody asked me", "43 desks.")
    assert [held["name"] for held in one["collections"]] == ["Handbook"]
    reader = world.actors["reader"]
    assert reader.user_id not in opened.text
    assert world.conversation_id not in opened.text
    assert reader.name not in opened.text
    assert curator.get("/api/reviews", params={"reason": "unsafe"}).json()["reviews"] == []


def test_a_source_is_opened_at_its_sentence(world: World) -> None:
    rate(world)
    curator = world.client("curator")
    (listed,) = curator.get("/api/reviews").json()["reviews"]
    source = curator.get(f"/api/reviews/{listed['review_id']}/sources/1").json()
    marked = [part["text"] for block in source["blocks"] for part in block.get("parts", ()) if part["marked"]]
    assert "42 desks" in "".join(marked)
    assert curator.get(f"/api/reviews/{listed['review_id']}/sources/99").status_code == 404


def test_a_settled_rating_is_told_to_whoever_gave_it(world: World) -> None:
    rate(world)
    curator, reader = world.client("curator"), world.client("reader")
    (listed,) = curator.get("/api/reviews").json()["reviews"]
    (mine,) = reader.get("/api/ratings").json()["ratings"]
    assert (mine["question"], mine["shared"], mine["settled"]) == (QUESTION, True, None)
    curator.post(f"/api/reviews/{listed['review_id']}", json={"note": "The handbook was mended."})
    (mine,) = reader.get("/api/ratings").json()["ratings"]
    assert mine["sentence"] == "Shared with reviewers. Settled: The handbook was mended."
    assert curator.get("/api/reviews").json()["reviews"] == []
    assert len(curator.get("/api/reviews", params={"state": "settled"}).json()["reviews"]) == 1


def test_a_correction_is_taken_over_as_a_verified_answer(world: World) -> None:
    rate(world)
    curator = world.client("curator")
    (listed,) = curator.get("/api/reviews").json()["reviews"]
    path = f"/api/reviews/{listed['review_id']}"
    wanted = {
        "collection_id": world.collection_id,
        "question": QUESTION,
        "answer": "It has 43 desks.",
        "owner": "Office",
        "until": "2099-01-01",
    }
    refused = curator.post(path, json={"verified": wanted | {"until": "2001-01-01"}})
    assert refused.status_code == 422
    assert curator.get(path).json()["settled"] is None
    settled = curator.post(path, json={"note": "Thank you", "verified": wanted}).json()
    assert settled["outcome"] == "approved"
    (approved,) = curator.get(f"/api/collections/{world.collection_id}/verified").json()
    assert (approved["question"], approved["answer"]) == (QUESTION, "It has 43 desks.")
    done = list(world.product.audit.rows(Only(actions=("feedback settled", "answer verified")), limit=2))
    assert [(row.action, row.object_id) for row in done] == [
        ("feedback settled", listed["review_id"]),
        ("answer verified", world.collection_id),
    ]


def test_a_reader_of_the_collection_may_not_approve_through_a_review(world: World) -> None:
    rate(world)
    admin = world.client("admin")
    (listed,) = admin.get("/api/reviews").json()["reviews"]
    foreign = admin.post("/api/collections", json={"name": "Secret"}).json()["collection_id"]
    wanted = {"collection_id": foreign, "question": "Q?", "answer": "A.", "owner": "O", "until": "2099-01-01"}
    answer = world.client("curator").post(f"/api/reviews/{listed['review_id']}", json={"verified": wanted})
    assert answer.status_code == 404
    assert admin.get(f"/api/reviews/{listed['review_id']}").json()["settled"] is None


def test_a_rating_taken_back_is_gone_for_reviewers(world: World) -> None:
    rate(world)
    request = request_of(world.actors["reader"])
    taken = gr.LikeData(None, {"index": [1, 0], "value": {"text": "x"}, "liked": None})
    curator = world.client("curator")
    (listed,) = curator.get("/api/reviews").json()["reviews"]
    thumb(world.product, world.conversation_id, Unsent(), [], "", "", request, taken)
    assert curator.get(f"/api/reviews/{listed['review_id']}").status_code == 404
    assert world.client("reader").get("/api/ratings").json()["ratings"] == []


def test_the_log_says_who_opened_which_and_not_what_it_said(world: World) -> None:
    rate(world)
    curator = world.client("curator")
    (listed,) = curator.get("/api/reviews").json()["reviews"]
    curator.get(f"/api/reviews/{listed['review_id']}")
    audit = world.product.audit
    rows = list(audit.rows(Only(actions=("feedback reviewed",), person=world.actors["curator"].user_id)))
    assert [row.object_id for row in rows] == [listed["review_id"], ""]


def test_personal_data_is_masked_for_reviewers_where_it_is_for_the_model(masking: World) -> None:
    rate(masking, comment=NAMED)
    (listed,) = masking.client("curator").get("/api/reviews").json()["reviews"]
    one = masking.client("curator").get(f"/api/reviews/{listed['review_id']}").json()
    assert "+49 30 901820" not in one["comment"]
    assert "[TELEPHONE 1]" in one["comment"]
    (mine,) = masking.client("reader").get("/api/ratings").json()["ratings"]
    assert mine["comment"] == NAMED


def test_where_nothing_is_shared_ratings_are_counted_and_that_is_said(closed: World) -> None:
    assert "Kept for you alone" in rate(closed)[1]
    told = closed.client("admin").get("/api/reviews").json()
    assert (told["reviews"], told["counts"]) == ([], {"good": 0, "bad": 1})
    assert closed.client("reader").get("/api/me").json()["rating"] == COUNTED


def test_the_button_says_what_is_true(world: World, tmp_path: Path) -> None:
    assert world.client("reader").get("/api/me").json()["rating"] == SHARED
    with open_doors(tmp_path / "workstation") as alone:
        assert alone.browser().get("/api/me").json()["rating"] == ALONE


def test_ratings_are_reviewed_by_command(world: World) -> None:
    rate(world)
    product = world.product
    (listed,) = run(product, "reviews list", state="open", reason="wrong", limit=5)["reviews"]
    shown = run(product, "reviews show", review=listed["review_id"])
    assert (shown["answer"], shown["comment"]) == (ANSWER, "Nobody asked me")
    settled = run(product, "reviews settle", review=listed["review_id"], note="Done")
    assert settled["note"] == "Done"
    assert run(product, "reviews list", state="open", reason=None, limit=5)["reviews"] == []
    assert product.feedback.shared.of(world.actors["reader"])[world.answer_id].note == "Done"
    assert product.feedback.shared.of(LOCAL_ACTOR) == {}
