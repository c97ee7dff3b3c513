"""Whether the product answers rightly, cites rightly and declines rightly, measured on a folder of the evaluation data.

Loads the folder's documents whole into a data directory of its own, asks every question through `Assistant.ask`, and
prints the figures. Understands two layouts: `docs/` with `questions.jsonl` (a handbook), and `corpus.jsonl` with
`queries.jsonl` (passages; multi-turn questions bring their history). Run:
`python -m bench.answers FOLDER [--home DIRECTORY] [--sample N] [--json] [--trace FILE]`.
"""

import argparse
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.answers import LOCAL_ACTOR, Answer, Collection, Found, Question, Turn
from app.assemble import assemble
from app.product import Product
from app.settings import Settings
from bench.sets import counted
from retrieval.ingest import IngestReport
from retrieval.sources import Source, bytes_source, collect

FIRST = 5
"""The right document should be among so many passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A question and what a right answer looks like."""

    item_id: str
    question: Question
    answerable: bool
    documents: frozenset[str]
    """Any of these is the right document."""
    keys: tuple[str, ...]
    """Any of these must be in a right answer; empty where the data has no short answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the product made of an item."""

    item: Item
    answer: Answer
    found: bool
    """Whether the right document was among the first passages."""
    has_key: bool
    cited: bool
    seconds: float


def main() -> None:
    """Run the benchmark named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path, help="keep the data directory here, so that a second run need not load")
    parser.add_argument("--model", default="starter")
    parser.add_argument("--sample", type=int, help="so many answerable and so many unanswerable questions")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--trace", type=Path, help="write every answer here, one JSON object a line")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        product = open_product(chosen.home or Path(temporary), chosen.model)
        try:
            collection = learn_folder(product, chosen.folder)
            items = sampled(list(read_items(chosen.folder, collection.collection_id)), chosen.sample)
            outcomes = [_traced(answer_item(product, item), chosen.trace) for item in items]
        finally:
            product.close()
    _print(figures(outcomes), dataset=chosen.folder.name, as_json=chosen.json)


def read_items(folder: Path, collection_id: str) -> Iterator[Item]:
    """Yield the questions of a folder; those whose answerability is neither yes nor no are left out."""
    handbook = folder / "questions.jsonl"
    lines = (handbook if handbook.exists() else folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    relevant = _relevant(folder)
    for row in map(json.loads, lines):
        answerable = row.get("answerable", {"ANSWERABLE": True, "UNANSWERABLE": False}.get(row.get("answerability")))
        if answerable is None:
            continue
        documents = [row.get("doc"), *row.get("also_in", []), *relevant.get(row["_id"], [])]
        yield Item(
            item_id=row["_id"],
            question=Question(text=row["text"], collection_ids=(collection_id,), history=_turns(row)),
            answerable=answerable,
            documents=frozenset(document for document in documents if document),
            keys=tuple(row.get("answer_keys") or row.get("answers") or ()),
        )


def sampled(items: Sequence[Item], size: int | None) -> list[Item]:
    """Return all items, or a fixed sample of so many answerable and so many unanswerable ones."""
    if size is None:
        return list(items)
    chance = random.Random(20261122)  # noqa: S311 (a sample, not a secret)
    groups = [[item for item in items if item.answerable is answerable] for answerable in (True, False)]
    return [item for group in groups for item in chance.sample(group, min(size, len(group)))]


def contains(text: str, key: str) -> bool:
    """Whether a key stands in a text as a word or words, whatever the case."""
    return re.search(rf"(?<!\w){re.escape(key.lower())}(?!\w)", text.lower()) is not None


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the figures of a run."""
    answerable = [outcome for outcome in outcomes if outcome.item.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.item.answerable]
    first_tokens = [outcome.answer.timings.first_token_ms for outcome in outcomes]
    return {
        "answerable": len(answerable),
        f"right document in the first {FIRST}": sum(outcome.found for outcome in answerable),
        "right key": sum(outcome.has_key for outcome in answerable),
        "right key and right document cited": sum(outcome.has_key and outcome.cited for outcome in answerable),
        "right document cited": sum(outcome.cited for outcome in answerable),
        "answerable but refused": sum(outcome.answer.abstained for outcome in answerable),
        "unanswerable": len(unanswerable),
        "unanswerable and refused": sum(outcome.answer.abstained for outcome in unanswerable),
        "median seconds": round(statistics.median(outcome.seconds for outcome in outcomes), 1),
        "median seconds to the first words": round(
            statistics.median(one for one in first_tokens if one is not None) / 1000 if any(first_tokens) else 0.0, 1
        ),
    }


def open_product(home: Path, model: str) -> Product:
    """Open a data directory, made where there is none."""
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, model=model, key_source="file", key_file=home / "key", offline=True)
    return assemble(settings, tell=lambda _: None)


def learn_folder(product: Product, folder: Path) -> Collection:
    """Load the folder's documents, those that are there already costing nothing."""
    known = {collection.name: collection for collection in product.collections.list(LOCAL_ACTOR)}
    collection = known.get(folder.name) or product.collections.create(LOCAL_ACTOR, folder.name)
    for event in product.knowledge.learn(list(_sources(folder)), collection_id=collection.collection_id):
        if isinstance(event, IngestReport):
            print(f"{event.added + event.unchanged} documents, {event.failed} failed", file=sys.stderr)
    return collection


def _sources(folder: Path) -> Iterator[Source]:
    if (folder / "docs").exists():
        yield from collect([folder / "docs"])
        return
    for row in map(json.loads, (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()):
        text = f"# {row['title']}\n\n{row['text']}" if row.get("title") else row["text"]
        yield bytes_source(f"{row['_id']}.md", text.encode())


def _relevant(folder: Path) -> dict[str, list[str]]:
    """Return the documents of each query by its relevance labels."""
    relevant: dict[str, list[str]] = {}
    labels = folder / "qrels.tsv"
    for line in labels.read_text(encoding="utf-8").splitlines() if labels.exists() else ():
        query_id, document, *_, label = line.split("\t")
        if label.strip().isdigit() and int(label) > 0:
            relevant.setdefault(query_id, []).append(f"{document}.md")
    return relevant


def _turns(row: dict[str, Any]) -> tuple[Turn, ...]:
    """Return earlier turns: each thing the user said with what was answered."""
    said = [(entry["speaker"], entry["text"]) for entry in row.get("history") or ()]
    return tuple(
        Turn(question=text, answer=said[place + 1][1] if place + 1 < len(said) else "")
        for place, (speaker, text) in enumerate(said)
        if speaker == "user"
    )


def answer_item(product: Product, item: Item) -> Outcome:
    """Ask a question and tell what came of it."""
    begun = time.monotonic()
    found, answer = False, None
    for event in product.assistant().ask(LOCAL_ACTOR, item.question):
        if isinstance(event, Found):
            found = bool(item.documents & {passage.document for passage in event.passages[:FIRST]})
        if isinstance(event, Answer):
            answer = event
    if answer is None:
        raise RuntimeError("The assistant gave no answer.")
    return Outcome(
        item=item,
        answer=answer,
        found=found,
        has_key=not answer.abstained and any(contains(answer.text, key) for key in item.keys),
        cited=bool(item.documents & {citation.document for citation in answer.citations}),
        seconds=time.monotonic() - begun,
    )


def _traced(outcome: Outcome, trace: Path | None) -> Outcome:
    if trace is not None:
        answer = outcome.answer
        line = {
            "_id": outcome.item.item_id,
            "question": answer.question,
            "query": answer.query,
            "answerable": outcome.item.answerable,
            "answer": answer.text,
            "outcome": answer.outcome,
            "claims": [(claim.verdict, claim.score) for claim in answer.claims],
            "cited": [citation.document for citation in answer.citations],
            "found": outcome.found,
            "has_key": outcome.has_key,
            "right_citation": outcome.cited,
            "seconds": round(outcome.seconds, 1),
        }
        with trace.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return outcome


def _print(results: dict[str, float], *, dataset: str, as_json: bool) -> None:
    if as_json:
        rows = [{"name": f"{dataset}: {name}", "value": value} for name, value in results.items()]
        print(json.dumps({"machine": {"python": sys.version.split()[0]}, "results": rows}))
        return
    for name, value in results.items():
        print(f"{dataset:10} {name:40} {value:g}{_of(name, results)}")


def _of(name: str, results: dict[str, float]) -> str:
    """Return what a count is out of, with its 95 % interval; "" for what is no count of questions."""
    total = int(results["unanswerable" if name.startswith("unanswerable") else "answerable"])
    is_count = name not in {"answerable", "unanswerable"} and not name.startswith("median") and total
    return " = " + counted(int(results[name]), total) if is_count else ""


if __name__ == "__main__":
    main()
