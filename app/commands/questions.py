"""Searching and asking, as the contract shapes their results."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.answers import LOCAL_ACTOR, Answer, Citation, Claim, Delta, Found, Progress, Question, Turn
from app.commands.items import Item, delta, note, progress, result
from app.product import Product
from retrieval.documents import Passage

STAGES = {
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
) -> Iterator[Item]:
    """Yield the passages for each query, in order. A query is `{"_id"?, "text", "history"?}`."""
    collection_id = product.collections.by_name(LOCAL_ACTOR, collection).collection_id
    retriever = product.retriever()
    for query in queries:
        if stop.is_set():
            return
        started = time.perf_counter()
        passages = retriever.search(query["text"], collection_ids=[collection_id], k=k)
        found = {"passages": [shape_passage(passage) for passage in passages], "milliseconds": _since(started)}
        yield result(_named(query, "query") | found)


def ask(
    product: Product,
    *,
    stop: threading.Event,
    questions: Sequence[Mapping[str, Any]],
    collections: Sequence[str] = (),
    conversation: str | None = None,
) -> Iterator[Item]:
    """Yield the pieces of each answer as they are written, then the whole of it.

    Args:
        product: the product that answers.
        stop: ends the answer that is being written; what was written so far is its result.
        questions: each `{"_id"?, "text", "history"?}`.
        collections: names; none means every collection there is.
        conversation: continue this one and store the turns in it.
    """
    ids = tuple(product.collections.by_name(LOCAL_ACTOR, name).collection_id for name in collections)
    assistant = product.assistant()
    for asked in questions:
        question = Question(
            text=asked["text"],
            collection_ids=ids,
            conversation_id=conversation,
            history=turns(asked.get("history") or ()),
        )
        for event in assistant.ask(LOCAL_ACTOR, question, stop=stop):
            if isinstance(event, Progress):
                yield progress(STAGES[event.stage], event.done, event.total)
            elif isinstance(event, Delta):
                yield delta(event.text)
            elif not isinstance(event, Found):
                shaped = _named(asked, "question") | {"question": asked["text"]} | shape_answer(event)
                for sentence in event.flags:
                    yield note(sentence)
                yield result(shaped, failed=event.outcome == "failed")
        if stop.is_set():
            return


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


def shape_passage(passage: Passage) -> Item:
    """Return a passage as `--json` shows it."""
    return {
        "rank": passage.rank,
        "score": passage.score,
        "document": passage.document,
        "title": passage.title,
        "page": passage.page,
        "chunk_id": passage.chunk_id,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }


def shape_answer(answer: Answer) -> Item:
    """Return an answer as `--json` shows it, its question left out."""
    return {
        "query": answer.query,
        "answer": answer.text,
        "outcome": answer.outcome,
        "citations": [_shape_citation(citation) for citation in answer.citations],
        "claims": [_shape_claim(claim) for claim in answer.claims],
        "groundedness": answer.groundedness,
        "abstained": answer.abstained,
        "nearest": [shape_passage(passage) for passage in answer.nearest],
        "general": answer.general,
        "flags": list(answer.flags),
        "model": answer.model,
        "prompt_version": answer.prompt_version,
        "timings": {
            "retrieve_ms": answer.timings.retrieve_ms,
            "first_token_ms": answer.timings.first_token_ms,
            "total_ms": answer.timings.total_ms,
            "tokens": answer.timings.tokens,
        },
    }


def _shape_citation(citation: Citation) -> Item:
    return {
        "n": citation.n,
        "document": citation.document,
        "title": citation.title,
        "page": citation.page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def _shape_claim(claim: Claim) -> Item:
    return {
        "text": claim.text,
        "verdict": claim.verdict,
        "score": claim.score,
        "citations": list(claim.citations),
    }


def _named(asked: Mapping[str, Any], otherwise: str) -> Item:
    return {"_id": asked["_id"]} if "_id" in asked else {otherwise: asked["text"]}


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
