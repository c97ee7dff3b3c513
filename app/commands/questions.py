"""Searching and asking, as the contract shapes their results."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from app.answering.queries import standalone
from app.answers import LOCAL_ACTOR, Delta, Found, Progress, Question, Turn
from app.commands.items import Item, delta, note, progress, result
from app.commands.stores import told_apart
from app.errors import AppError, explain, status_of
from app.product import Product
from app.shapes import shape_answer, shape_passage
from models.errors import ModelError
from retrieval.errors import RetrievalError
from retrieval.filters import Filter

if TYPE_CHECKING:
    from retrieval.documents import Passage

OUR_FAULT = 500
"""From this status on an error is nothing the asker can mend, so the next question would meet it too."""

_DAYS = ("added_after", "added_before")
STAGES = {
    "loading": "Loading the model",
    "waiting": "Waiting for the model",
    "searching": "Searching",
    "reading": "Reading",
    "writing": "Writing",
    "checking": "Checking",
}


def search(
    product: Product,
    *,
    stop: threading.Event,
    queries: Sequence[Mapping[str, Any]],
    collection: str,
    k: int,
    only: Mapping[str, Any] | None = None,
) -> Iterator[Item]:
    """Yield the passages for each query, in order. A query is `{"_id"?, "text", "history"?}`.

    One with a history is completed by it, as a question in a conversation is.

    Args:
        product: the product that searches.
        stop: ends the run before the next query.
        queries: one or many.
        collection: its name.
        k: how many passages.
        only: `{"document"?, "types"?, "added_after"?, "added_before"?}`, days as YYYY-MM-DD.
    """
    collection_id = product.collections.by_name(LOCAL_ACTOR, collection).collection_id
    yield from told_apart(product)
    retriever = product.retriever()
    narrowed = _filter(only or {})
    for query in queries:
        if stop.is_set():
            return
        started = time.perf_counter()
        text = standalone(query["text"], turns(query.get("history") or ()))
        passages = retriever.search(text, collection_ids=[collection_id], k=k, only=narrowed)
        found = {"passages": [shape_passage(passage) for passage in passages], "milliseconds": _since(started)}
        yield result(_named(query, "query") | found)


def ask(
    product: Product,
    *,
    stop: threading.Event,
    questions: Sequence[Mapping[str, Any]],
    collections: Sequence[str] = (),
    conversation: str | None = None,
    examine: bool = False,
) -> Iterator[Item]:
    """Yield the pieces of each answer as they are written, then the whole of it.

    One of a file's questions that cannot be asked is a failed result with its sentence; the others are answered.

    Args:
        product: the product that answers.
        stop: ends the answer that is being written; what was written so far is its result.
        questions: each `{"_id"?, "text", "history"?}`.
        collections: names; none means every collection there is.
        conversation: continue this one and store the turns in it.
        examine: wait for what the model makes of statements that words leave open, and tell that too.
    """
    ids = tuple(product.collections.by_name(LOCAL_ACTOR, name).collection_id for name in collections)
    yield from told_apart(product)
    product.assistant()
    for asked in questions:
        question = Question(
            text=asked["text"],
            collection_ids=ids,
            conversation_id=conversation,
            history=turns(asked.get("history") or ()),
        )
        try:
            yield from _answered(product, question, asked, stop, examine=examine)
        except (AppError, ModelError, RetrievalError) as error:
            if "_id" not in asked or status_of(error) >= OUR_FAULT:
                raise
            yield from _refused(asked, error)
        if stop.is_set():
            return


def _refused(asked: Mapping[str, Any], error: Exception) -> Iterator[Item]:
    """Tell that one of a file's questions could not be asked, and why."""
    yield note(f"{asked['_id']}: {explain(error)}")
    yield result({"_id": asked["_id"], "question": asked["text"], "error": explain(error)}, failed=True)


def _answered(
    product: Product, question: Question, asked: Mapping[str, Any], stop: threading.Event, *, examine: bool
) -> Iterator[Item]:
    passages: Sequence[Passage] = ()
    for event in product.assistant().ask(LOCAL_ACTOR, question, stop=stop):
        if isinstance(event, Progress):
            yield progress(STAGES[event.stage], event.done, event.total)
        elif isinstance(event, Delta):
            yield delta(event.text)
        elif isinstance(event, Found):
            passages = event.passages
        else:
            for sentence in event.flags:
                yield note(sentence)
            if examine:
                yield progress(STAGES["checking"], 0, 0)
            answer = product.examining.examined(event, passages, stop=stop) if examine else event
            shaped = _named(asked, "question") | {"question": asked["text"]} | shape_answer(answer)
            yield result(shaped, failed=event.outcome == "failed")


def turns(history: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
    """Pair what a person said with what was answered; a part without its counterpart stands with an empty one."""
    paired: list[Turn] = []
    for said in history:
        if said["speaker"] == "user":
            paired.append(Turn(question=said["text"], answer=""))
        elif paired and not paired[-1].answer:
            paired[-1] = Turn(question=paired[-1].question, answer=said["text"])
        else:
            paired.append(Turn(question="", answer=said["text"]))
    return tuple(paired)


def _filter(only: Mapping[str, Any]) -> Filter:
    after, before = (date.fromisoformat(only[name]) if only.get(name) else None for name in _DAYS)
    return Filter(name=only.get("document") or "", kinds=tuple(only.get("types") or ()), after=after, before=before)


def _named(asked: Mapping[str, Any], otherwise: str) -> Item:
    return {"_id": asked["_id"]} if "_id" in asked else {otherwise: asked["text"]}


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
