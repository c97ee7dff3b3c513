"""Every event of every page: nobody gets anything out of it without a session, and a stranger nothing of others'.

Gradio calls whatever it was given, with whatever a browser sends: the handlers themselves must ask who it is.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from app.answers import Actor
from app.observe.alerts import alerts
from app.web.callers import ACTIONS
from app.web.feedback import Unsent
from app.web.pages import build
from tests.app.test_matrix import SECRETS, World
from tests.hashes import quick_hashes
from tests.served import open_doors

PAGE = "page-of-a-stranger"
LIKE = {"index": [1, 0], "value": {"text": "Hello"}, "liked": True}
SIGNED_OUT = "no session"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with quick_hashes(), open_doors(tmp_path_factory.mktemp("home"), sign_in=True) as opened:
        yield World(opened, tmp_path_factory.mktemp("folders"))


@pytest.fixture(scope="module")
def events(world: World) -> list[Callable[..., Any]]:
    """What Gradio calls for the events of all pages."""

    async def built() -> gr.Blocks:  # outside of an event loop Gradio makes many and closes none
        return build(world.product, world.doors.running)

    pages = asyncio.run(built())
    found = [event.fn for event in pages.fns.values() if event.fn is not None]
    assert len(found) > 20
    return found


def request_of(actor: Actor | None) -> gr.Request:
    """Return a request as the gate passes it on."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/gradio_api/queue/join",
        "headers": [],
        "query_string": b"",
    }
    if actor is not None:
        scope["inhouse.actor"] = actor
    return gr.Request(Request(scope), username=actor.user_id if actor else None, session_hash=PAGE)


def values_for(world: World, event: Callable[..., Any], request: gr.Request) -> list[Any]:
    """Return arguments for an event that name what is somebody else's."""
    known = {
        "conversation_id": world.conversation_id,
        "collection_id": world.collection_id,
        "answer_id": world.answer_id,
        "collection_ids": [world.collection_id],
        "reasons": [],
        "position": 1,
        "unsent": Unsent(),
    }
    made: list[Any] = []
    for parameter in inspect.signature(event).parameters.values():
        if parameter.annotation is gr.Request:
            made.append(request)
        elif inspect.isclass(parameter.annotation) and issubclass(parameter.annotation, gr.EventData):
            made.append(parameter.annotation(None, LIKE))
        else:
            made.append(known.get(parameter.name, world.conversation_id))
    return made


def outcome(event: Callable[..., Any], values: list[Any]) -> str:
    """Return all that an event gives out, its refusal too."""
    try:
        given = event(*values)
        return repr(list(given) if inspect.isgenerator(given) else given)
    except gr.Error as error:
        return str(error)


def test_no_event_does_anything_without_a_session(world: World, events: list[Callable[..., Any]]) -> None:
    for event in events:
        assert SIGNED_OUT in outcome(event, values_for(world, event, request_of(None))), event


@pytest.mark.parametrize("who", ["employee", "foreign curator", "auditor"])
def test_no_event_gives_a_stranger_what_is_somebody_elses(
    world: World, events: list[Callable[..., Any]], who: str
) -> None:
    for event in events:
        given = outcome(event, values_for(world, event, request_of(world.actors[who])))
        assert not [word for word in SECRETS if word in given], event
    reader = world.actors["reader"]
    assert len(world.product.history.turns(reader, world.conversation_id)) == 1
    assert world.product.collections.get(reader, world.collection_id).name == "Handbook"
    assert world.product.feedback.of(reader, world.answer_id) is None


@pytest.mark.parametrize("who", ["peer", "curator", "admin"])
def test_no_event_gives_a_colleague_somebody_elses_conversation(
    world: World, events: list[Callable[..., Any]], who: str
) -> None:
    harmless = [event for event in events if "delete_collection" not in repr(event)]
    for event in harmless:
        given = outcome(event, values_for(world, event, request_of(world.actors[who])))
        assert "many desks" not in given, event


def test_what_is_denied_or_refused_on_a_page_is_recorded_and_raises_an_alert(
    world: World, events: list[Callable[..., Any]]
) -> None:
    stranger = world.actors["foreign curator"]
    asking = next(event for event in events if event.__name__ == "ask")
    before = world.product.audit.head.number
    for _ in range(10):
        for event in (asking, *(event for event in events if event.__name__ in {"choose", "ask_delete", "delete"})):
            outcome(event, values_for(world, event, request_of(stranger)))
    outcome(asking, ["\u200b", None, [], request_of(stranger)])
    rows = [row for row in world.product.audit.first_to_last() if row.number > before]
    told = {(row.action, row.object_kind, row.result, row.door) for row in rows}
    assert ("asked", "conversation", "denied", "page") in told
    assert ("asked", "conversation", "refused", "page") in told
    assert ("read", "door", "denied", "page") in told
    assert ("conversation deleted", "conversation", "denied", "page") in told
    people = world.product.audit.people()
    assert {people[row.who] for row in rows} == {stranger.user_id}
    assert {"many denials"} == {alert.kind for alert in alerts(rows)}
    assert world.conversation_id not in repr(rows)


@pytest.mark.filterwarnings("ignore:The value passed into gr.Dropdown")  # it does not know the page here
@pytest.mark.parametrize(
    "value", [2**63, -(2**63) - 1, 2**200, 1.5, True, None, {"a": 1}, [2**200], "\ud800", "a\0b"], ids=ascii
)
def test_a_value_no_page_sends_is_refused_and_is_no_fault_of_ours(
    world: World, events: list[Callable[..., Any]], caplog: pytest.LogCaptureFixture, value: object
) -> None:
    request = request_of(world.actors["reader"])
    for event in events:
        for place, parameter in enumerate(inspect.signature(event).parameters.values()):
            values = values_for(world, event, request)
            if inspect.isclass(parameter.annotation) and issubclass(parameter.annotation, gr.EventData):
                values[place] = parameter.annotation(None, {"index": value, "value": value, "liked": True})
            elif parameter.annotation is not gr.Request:
                values[place] = value
            outcome(event, values)
            assert not [record.getMessage() for record in caplog.records], (event, parameter)


def test_every_refusal_of_a_page_has_a_handler_of_that_name(events: list[Callable[..., Any]]) -> None:
    assert set(ACTIONS) <= {event.__name__ for event in events}


def test_collections_made_and_deleted_on_a_page_are_recorded(world: World, events: list[Callable[..., Any]]) -> None:
    create, delete = (next(one for one in events if one.__name__ == name) for name in ("create", "delete_collection"))
    request = request_of(world.actors["curator"])
    create("Of a page", "", request)
    (row,) = world.product.audit.rows(limit=1)
    assert (row.action, row.door) == ("collection made", "page")
    delete(row.object_id, request)
    assert [row.action for row in world.product.audit.rows(limit=1)] == ["collection deleted"]


def test_the_name_a_browser_sends_counts_for_nothing(world: World, events: list[Callable[..., Any]]) -> None:
    forged = request_of(world.actors["employee"])
    forged.username = world.actors["reader"].user_id
    for event in events:
        assert SIGNED_OUT in outcome(event, values_for(world, event, forged)), event
