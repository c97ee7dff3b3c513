"""What `inhouse eval retrieval|answers|consistency` do: a set is loaded into a directory of its own and asked.

The data directory in use is neither opened nor changed; its model and settings of searching and answering count.
"""

import argparse
import itertools
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from app.console.terminal import ProgressLine, print_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.answers import Answer
    from app.improve.measuring import Asked
    from app.product import Product

COLLECTION = "eval"
Found = dict[str, list[float]]


def retrieval(options: argparse.Namespace) -> int:
    """Print how well search finds the right documents of a set."""

    def measure(product: "Product", asked: "list[Asked]", line: ProgressLine) -> Found:
        from app.improve.measuring import BEST, gain, recall

        found: Found = {"ndcg_at_10": [], "recall_at_10": [], "milliseconds": []}
        for number, one in enumerate(judged := [one for one in asked if any(one.grades.values())]):
            line.show("Searching", number, len(judged))
            begun = time.perf_counter()
            ranked = _ranked(product, one, BEST)
            found["milliseconds"].append(1000 * (time.perf_counter() - begun))
            found["ndcg_at_10"].append(gain(ranked, one.grades))
            found["recall_at_10"].append(recall(ranked, one.grades))
        return found

    return _measured(options, measure)


def answers(options: argparse.Namespace) -> int:
    """Print how often answers are right, rest on the right document, and are declined where there is nothing."""

    def measure(product: "Product", asked: "list[Asked]", line: ProgressLine) -> Found:
        from app.improve.measuring import has_key

        found: Found = {name: [] for name in ANSWER_FIGURES}
        for one, answer in _answered(product, asked, line):
            found["seconds_an_answer"].append(answer.timings.total_ms / 1000)
            if not one.answerable:
                found["unanswerable_refused"].append(answer.abstained)
                continue
            found["answerable_refused"].append(answer.abstained)
            if one.grades:
                found["right_document_cited"].append(any(one.grades.get(each.document) for each in answer.citations))
            if one.keys:
                found["right_key"].append(not answer.abstained and has_key(answer.text, one.keys))
            if answer.groundedness is not None:
                found["groundedness"].append(answer.groundedness)
        return found

    return _measured(options, measure)


ANSWER_FIGURES = (
    "right_key", "right_document_cited", "answerable_refused", "unanswerable_refused", "groundedness",
    "seconds_an_answer",
)  # fmt: skip


def consistency(options: argparse.Namespace) -> int:
    """Print how often a question asked again, after all the others, gets the same answer with the same citations."""

    def measure(product: "Product", asked: "list[Asked]", line: ProgressLine) -> Found:
        first, again = ([answer for _, answer in _answered(product, asked, line)] for _ in range(2))
        pairs = list(zip(first, again, strict=True))
        return {
            "same_text": [one.text == other.text for one, other in pairs],
            "same_citations": [one.citations == other.citations for one, other in pairs],
            "same_refusal": [one.abstained == other.abstained for one, other in pairs],
        }

    return _measured(options, measure)


def _measured(options: argparse.Namespace, measure: Any) -> int:
    """Load a set, measure, and print the figures."""
    from app.improve.measuring import figures, questions_of, sources_of
    from retrieval.ingest import IngestReport

    started = time.perf_counter()
    folder: Path = options.dataset
    asked = list(itertools.islice(questions_of(folder), options.items))
    sources = sources_of(folder)
    line = ProgressLine()
    with _product() as product:
        from app.answers import LOCAL_ACTOR

        collection_id = product.collections.create(LOCAL_ACTOR, COLLECTION).collection_id
        for event in product.knowledge.learn(sources, collection_id=collection_id):
            if not isinstance(event, IngestReport):
                line.show(event.name, event.done, event.total)
        found = measure(product, asked, line)
    line.clear()
    told: dict[str, Any] = {"dataset": folder.resolve().name, "metrics": figures(found)}
    told |= {"items": max(map(len, found.values()), default=0), "seconds": round(time.perf_counter() - started, 3)}
    print_value(told, command="eval", as_json=options.json)
    return 0


@contextmanager
def _product() -> "Iterator[Product]":
    """Open a product over a directory of its own, which is gone afterwards."""
    from app.assemble import assemble
    from app.settings import load_settings

    with TemporaryDirectory(prefix="inhouse-eval-") as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        own = {"home": home, "key_source": "file", "key_file": Path(folder) / "key"}
        product = assemble(load_settings().model_copy(update=own), tell=lambda _: None)
        try:
            yield product
        finally:
            product.close()


def _ranked(product: "Product", one: "Asked", best: int) -> list[str]:
    """Return the documents of what is found, each once, best first."""
    from app.answering.queries import standalone
    from app.answers import LOCAL_ACTOR
    from app.commands.questions import turns

    collection_id = product.collections.by_name(LOCAL_ACTOR, COLLECTION).collection_id
    query = standalone(one.text, turns(one.history))
    passages = product.retriever().search(query, collection_ids=[collection_id], k=best)
    return list(dict.fromkeys(passage.document for passage in passages))


def _answered(product: "Product", asked: "list[Asked]", line: ProgressLine) -> "Iterator[tuple[Asked, Answer]]":
    from app.answers import LOCAL_ACTOR, Answer, Question
    from app.commands.questions import turns

    meant = [one for one in asked if one.answerable is not None]
    collection_id = product.collections.by_name(LOCAL_ACTOR, COLLECTION).collection_id
    for number, one in enumerate(meant):
        line.show("Answering", number, len(meant))
        question = Question(text=one.text, collection_ids=(collection_id,), history=turns(one.history))
        for event in product.assistant().ask(LOCAL_ACTOR, question):
            if isinstance(event, Answer):
                yield one, event
