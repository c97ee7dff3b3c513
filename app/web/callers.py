"""Who calls a page's handler, and the one sentence they see when something goes wrong.

Gradio passes `request.username` as our gate found it; the name a browser sends counts for nothing.
"""

import inspect
import logging
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from starlette.requests import Request

from app.answers import Actor
from app.errors import AppError, explain, status_of
from app.product import Product
from app.store.audit_words import Action, Door, ObjectKind, Origin, Result, result_of
from app.web.values import fitted

logger = logging.getLogger(__name__)


ACTIONS: dict[str, tuple[Action, ObjectKind]] = {
    "ask": (Action.ASKED, ObjectKind.CONVERSATION),
    "ask_example": (Action.ASKED, ObjectKind.CONVERSATION),
    "ask_again": (Action.ASKED, ObjectKind.CONVERSATION),
    "rename": (Action.CONVERSATION_CHANGED, ObjectKind.CONVERSATION),
    "delete": (Action.CONVERSATION_DELETED, ObjectKind.CONVERSATION),
    "thumb": (Action.FEEDBACK_GIVEN, ObjectKind.ANSWER),
    "send": (Action.FEEDBACK_GIVEN, ObjectKind.ANSWER),
    "create": (Action.COLLECTION_MADE, ObjectKind.COLLECTION),
    "delete_collection": (Action.COLLECTION_DELETED, ObjectKind.COLLECTION),
}
"""Handlers of pages that change something -> what a refusal of them is recorded as; of others that they were opened."""


class NobodyError(AppError):
    """This page has no session any more. Open Inhouse through its link again."""

    status = 401


def name_of(request: Request) -> str | None:
    """Tell Gradio who calls: the actor the gate has put into the request, None when there is none."""
    actor: Actor | None = request.scope.get("inhouse.actor")
    return actor.user_id if actor else None


def actor_of(request: gr.Request) -> Actor:
    """Return the person a page event is for.

    Raises:
        NobodyError: the gate knew nobody, or Gradio and the gate do not name the same person.
    """
    actor: Actor | None = request.request.scope.get("inhouse.actor") if request.request else None
    if actor is None or request.username != actor.user_id:
        raise NobodyError
    return actor


def noted(product: Product, request: gr.Request, action: Action, kind: ObjectKind, object_id: str) -> None:
    """Record in the audit log that whoever calls has done something on a page."""
    product.audit.record(actor_of(request), action, kind, object_id, Result.DONE, _origin(request))


def turned_away(handler: str, given: Sequence[object], error: Exception) -> None:
    """Record that somebody was denied or refused something on a page; faults of ours are logged elsewhere.

    Args:
        handler: the name of what answers the event.
        given: what it was called with; the product and the request are among it, or nothing is recorded.
        error: why it did not happen.
    """
    product = next((one for one in given if isinstance(one, Product)), None)
    request = next((one for one in given if isinstance(one, gr.Request)), None)
    result = result_of(status_of(error))
    if product is None or request is None or result not in {Result.DENIED, Result.REFUSED}:
        return
    try:
        actor = actor_of(request)
    except NobodyError:
        return  # the gate has recorded it, and counts strangers
    action, kind = ACTIONS.get(handler, (Action.READ, ObjectKind.DOOR))
    product.audit.record(actor, action, kind, "" if handler in ACTIONS else handler, result, _origin(request))


def _origin(request: gr.Request) -> Origin:
    return Origin(door=Door.PAGE, address=request.client.host if request.client else "")


def page_of(request: gr.Request) -> str:
    """Return the name of the page an event comes from; the gate has bound it to the caller's session."""
    return str(request.session_hash)


def door(handler: Callable[..., Any], *parts: object) -> Callable[..., Any]:
    """Return a handler for Gradio: its first parameters filled with `parts`, its errors turned into a notice.

    What its types do not promise never reaches it.

    `functools.partial` would hide the types of the other parameters, by which Gradio finds where a request goes.
    """
    parameters = list(inspect.signature(handler).parameters.values())[len(parts) :]
    if inspect.isgeneratorfunction(handler):

        def guarded(*values: object) -> Any:
            try:
                yield from handler(*parts, *fitted(parameters, values))
            except Exception as error:  # noqa: BLE001 - this is a door
                turned_away(handler.__name__, (*parts, *values), error)
                raise notice(error) from None

    else:

        def guarded(*values: object) -> Any:
            try:
                return handler(*parts, *fitted(parameters, values))
            except Exception as error:  # noqa: BLE001 - this is a door
                turned_away(handler.__name__, (*parts, *values), error)
                raise notice(error) from None

    guarded.__name__ = handler.__name__
    guarded.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    guarded.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return guarded


def on(
    event: Any,
    handler: Callable[..., Any],
    inputs: Any = None,
    outputs: Any = None,
    *,
    beside_itself: bool = False,
    once_more: bool = False,
) -> Any:
    """Let a handler answer a component's event; returns that event, so that another handler may follow.

    It stays outside of Gradio's public interface, and without its progress display.

    Gradio's queue makes nobody wait: the engine queues fairly and shows the place.

    Args:
        event: such as `button.click`.
        handler: what answers it.
        inputs: components whose values it gets.
        outputs: components it changes.
        beside_itself: whether the event may come again while the handler still answers it.
        once_more: whether the handler, where the event came again meanwhile, answers it once more when it is done.
    """
    return event(
        handler,
        inputs,
        outputs,
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=None,
        trigger_mode="multiple" if beside_itself else "always_last" if once_more else "once",
    )


def notice(error: Exception) -> gr.Error:
    """Return the notice for an error, and log those that are faults of ours, without their text."""
    if status_of(error) >= 500:  # noqa: PLR2004 - HTTP's word for our fault
        logger.error("A page's handler failed: %s", type(error).__name__)
    return gr.Error(explain(error), title="That did not work", print_exception=False)
