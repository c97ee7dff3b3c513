"""/healthz: the process is up. /readyz: the model is loaded, the database open, the index consistent."""

import logging
from collections.abc import Callable

import sqlalchemy
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from app.api.document import Answers
from app.errors import explain
from app.product import Product
from app.store.database import reading

logger = logging.getLogger(__name__)


class Readiness(BaseModel):
    """What questions need, each "ok" or a sentence."""

    status: str
    checks: dict[str, str]


READY: Answers = {
    200: {"model": Readiness, "description": "Questions can be answered."},
    503: {"model": Readiness, "description": "Not yet; a sentence says why."},
}


def router(product: Product) -> APIRouter:
    """Return the two doors; they tell nothing of what is stored."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", summary="Whether the process is up")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @routes.get("/readyz", summary="Whether questions can be answered", responses=READY)
    def readyz() -> JSONResponse:
        found = readiness(product)
        ready = all(state == "ok" for state in found.values())
        return JSONResponse({"status": "ready" if ready else "not ready", "checks": found}, 200 if ready else 503)

    return routes


def readiness(product: Product) -> dict[str, str]:
    """Return what questions need, each "ok" or a sentence."""
    return {
        "model": _loaded(product),
        "database": _checked(lambda: _open(product)),
        "index": _checked(lambda: _agrees(product)) if product.index.ready else "The index is being opened.",
    }


def _loaded(product: Product) -> str:
    if product.assistant.ready and (product.serving.ready or product.serving.resting):
        return "ok"
    failure = product.serving.failure or product.assistant.failure
    return "The model is being loaded." if failure is None else explain(failure)


def _open(product: Product) -> str:
    with reading(product.database).connect() as connection:
        connection.execute(sqlalchemy.text("SELECT count(*) FROM sqlite_master"))
    return "ok"


def _agrees(product: Product) -> str:
    if product.knowledge.disagreements():
        return "The index and the database disagree. Run `inhouse doctor --rebuild-index`."
    return "ok"


def _checked(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - this is a door, and it must say what is wrong
        logger.error("A readiness check failed: %s", type(error).__name__)  # noqa: TRY400 - no text of it in the log
        return explain(error)
