"""/metrics: figures for Prometheus, none of which is anybody's content or name.

Source: the Prometheus text exposition format, version 0.0.4. The gate answers loopback, and elsewhere programs with the
token of somebody who may operate this Inhouse.
"""

from collections.abc import Iterator

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from sqlalchemy import func, select

from app.answers import LOCAL_ACTOR
from app.api.callers import Caller
from app.api.document import streams
from app.api.health import readiness
from app.product import Product
from app.rights import Right, require
from app.store.database import reading
from app.store.schema import accounts, turns
from models.errors import ModelError

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def router(product: Product) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["health"])

    @routes.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=Response,
        responses=streams("text/plain", meaning="The figures."),
    )
    def metrics(actor: Caller) -> PlainTextResponse:
        require(actor, Right.OPERATE)
        lines = (*_state(product), *_stored(product), *_engine(product))
        return PlainTextResponse("\n".join(lines) + "\n", media_type=MEDIA_TYPE)

    return routes


def _state(product: Product) -> Iterator[str]:
    ready = all(state == "ok" for state in readiness(product).values())
    yield from _gauge("inhouse_ready", "Whether questions can be answered.", int(ready))
    yield from _gauge("inhouse_sessions", "Browsers that are signed in.", product.people.sessions.count)


def _stored(product: Product) -> Iterator[str]:
    held = product.collections.list(LOCAL_ACTOR)
    documents = sum(len(product.chunks.heads(one.collection_id)) for one in held)
    yield from _gauge("inhouse_collections", "Collections.", len(held))
    yield from _gauge("inhouse_documents", "Documents of all collections, waiting ones too.", documents)
    with reading(product.database).connect() as connection:
        people = connection.scalar(select(func.count()).select_from(accounts)) or 0
        by_state = connection.execute(select(turns.c.state, func.count()).group_by(turns.c.state)).all()
    yield from _gauge("inhouse_accounts", "Accounts, disabled ones too.", people)
    yield "# HELP inhouse_questions Questions that are kept, by what became of them."
    yield "# TYPE inhouse_questions gauge"
    yield from (f'inhouse_questions{{state="{state}"}} {count}' for state, count in sorted(by_state))


def _engine(product: Product) -> Iterator[str]:
    """Yield what the engine counts; nothing while it is not there to be asked."""
    voice = product.serving.voice
    if voice is None or not voice.engine.alive:
        return
    try:
        described = voice.engine.describe()
    except ModelError:  # it ended between the two looks
        return
    yield from _gauge("inhouse_engine_running", "Answers being written.", described.running)
    yield from _gauge("inhouse_engine_waiting", "Questions that wait for a slot.", described.waiting)
    yield from _gauge("inhouse_engine_slots", "Answers that can be written at once.", described.slots)
    for name, count in described.counters.items():
        yield from _line(f"inhouse_engine_{name}_total", "counter", "See models/counters.py.", count)


def _gauge(name: str, meaning: str, value: int) -> Iterator[str]:
    return _line(name, "gauge", meaning, value)


def _line(name: str, kind: str, meaning: str, value: int) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"
    yield f"{name} {value}"
