"""What may tell, beside the evidence, that the passages do not answer: one-token questions to the model that answers.

Asks questions that `bench.refusals` does not, so that a rule can be fitted on these and measured on those; with
`--sample` it asks those. Of each it keeps what was found, the answer without an offer to decline, the likelihood of
its tokens, and P(yes) for each wording of "do the passages answer?", asked before and after the answer.
Run: `python -m bench.refusal_signs --trace FILE [--home DIRECTORY] [--unanswerable 40] [--minutes 9]
[--without-answer] [--sample | --folder FOLDER]`.
"""

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import zip_longest
from pathlib import Path
from statistics import fmean, median
from typing import Any
from unittest.mock import patch

import numpy as np
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from app.answering.draft import Draft
from app.answering.writer import Writer
from app.answers import LOCAL_ACTOR, Actor, Answer, Event, Found, Turn
from app.checks.claims import examine
from app.checks.evaluation import area, interval
from app.checks.evidence import coverage
from app.citations import sources_of
from app.product import Product
from app.prompts import NOT_FOUND, ONCE
from bench.answers import Item, learn_folder, open_product, read_items
from bench.refusals import SETS, questions, sample
from retrieval.documents import Passage

BEFORE = {
    "before": "\nDo the passages contain the answer to this question? Reply with one word: Yes or No.",
    "exactly": "\nDo the passages state exactly what is asked here, or do they only speak of something like it? "
    "Reply Yes if they state it, No if not.",
    "short": "\nDo the passages answer this? Yes or No.",
}
"""Put behind the question in place of the offer to decline."""
AFTER = {
    "stated": "Do the passages state this answer, and does it answer the question? Reply with one word: Yes or No.",
}
"""Asked when the answer is written."""
YES_OR_NO = 'root ::= "Yes" | "No"'
REFUSAL = f'root ::= "{NOT_FOUND}"'
"""Under this grammar the first token is the refusal's, and its log-probability is the model's own."""


def others(items: Sequence[Item], size: int) -> list[Item]:
    """Return questions of a set that its sample of 20 does not hold, mixed as that one is; always the same ones."""
    taken = {item.item_id for item in sample(items, 20)}
    return sample([item for item in items if item.item_id not in taken], size)


def other_questions(product: Product, data: Path, size: int) -> Iterator[tuple[str, Item]]:
    """Yield questions of both sets in turn, those without an answer and those with one, until there are no more."""
    samples = []
    for name in SETS:
        items = list(read_items(data / name, learn_folder(product, data / name).collection_id))
        left = sum(not item.answerable for item in items) - 20
        samples.append(others(items, min(size, left)))
    mixed = [(name, item) for some in zip_longest(*samples) for name, item in zip(SETS, some, strict=True) if item]
    kinds = [[one for one in mixed if one[1].answerable is answerable] for answerable in (False, True)]
    for some in zip_longest(*kinds):
        yield from (one for one in some if one)


def folder_questions(product: Product, folder: Path) -> Iterator[tuple[str, Item]]:
    """Yield the questions of a folder."""
    for item in read_items(folder, learn_folder(product, folder).collection_id):
        yield folder.name, item


def told(writer: Writer, messages: list[BaseMessage], **options: Any) -> dict[str, Any]:
    """Return what the model writes, its tokens' log-probabilities, and what that cost."""
    text, logprobs, usage, begun = "", [], {}, time.monotonic()
    stream = writer._model.stream(messages, temperature=0.0, logprobs=True, **options)  # noqa: SLF001 - as it asks itself
    with closing(stream) as chunks:  # type: ignore[type-var]  # it is a generator
        for chunk in chunks:
            text += chunk.text
            logprobs += chunk.additional_kwargs.get("logprobs", ())
            usage = chunk.usage_metadata or usage
    cached = usage.get("input_token_details", {}).get("cache_read", 0)
    return {
        "text": text,
        "logprobs": [round(one, 4) for one in logprobs],
        "read": usage.get("input_tokens", 0) - cached,
        "written": usage.get("output_tokens", 0),
        "seconds": round(time.monotonic() - begun, 2),
    }


def yes(said: dict[str, Any]) -> float | None:
    """Return P(yes) from a first word and its likelihood; None for another word."""
    word = said["text"].strip().lower()
    if not word or not said["logprobs"] or not ("yes".startswith(word) or "no".startswith(word)):
        return None
    likely = min(math.exp(said["logprobs"][0]), 1.0)
    return round(likely if word.startswith("y") else 1 - likely, 5)


def signs(writer: Writer, actor: Actor, draft: Draft, turns: Sequence[Turn]) -> dict[str, Any]:
    """Ask the model everything of one question, whose passages it reads once."""
    prompt = writer._prompt(draft, turns, may_decline=False)  # noqa: SLF001 - as it asks itself
    offered = writer._prompt(draft, turns, may_decline=True)  # noqa: SLF001
    answer = told(writer, prompt, max_tokens=writer._budget().answer_tokens, user=actor.user_id)  # noqa: SLF001
    asked = {}
    one: dict[str, Any] = {"max_tokens": 1, "grammar": YES_OR_NO}
    for name, words in AFTER.items():
        asked[name] = told(writer, [*prompt, AIMessage(answer["text"]), HumanMessage(words)], **one)
    for name, words in BEFORE.items():
        asked[name] = told(
            writer, [*prompt[:-1], HumanMessage(prompt[-1].text + words, additional_kwargs=dict(ONCE))], **one
        )
    asked["offer"] = told(writer, offered, max_tokens=2)
    asked["refusal"] = told(writer, offered, max_tokens=1, grammar=REFUSAL)
    return {
        "answer": answer,
        "asked": {name: said | {"yes": yes(said)} for name, said in asked.items()},
        "examined": [
            (one.verdict, one.score, one.sentence.text, one.finding.wording)
            for one in examine(answer["text"], sources_of(draft.passages), question=draft.question)
        ],
    }


def ask(product: Product, name: str, item: Item) -> dict[str, Any]:
    """Ask a question as the product does, and besides what else may tell."""
    row: dict[str, Any] = {"set": name, "_id": item.item_id, "answerable": item.answerable}

    def answer(
        self: Writer, actor: Actor, draft: Draft, turns: Sequence[Turn], *, may_decline: bool
    ) -> Iterator[Event]:
        row.update(signs(self, actor, draft, turns), may_decline=may_decline)
        draft.write(row["answer"]["text"])
        yield from ()

    with patch.object(Writer, "answer", answer):
        for event in product.assistant().ask(LOCAL_ACTOR, item.question):
            if isinstance(event, Found):
                row["passages"] = list(event.passages)
            if isinstance(event, Answer):
                row |= {"question": event.question, "query": event.query, "outcome": event.outcome}
                row["chance"] = event.chance
    row["passages"] = [found(row["query"], passage) for passage in row["passages"]]
    return row


def found(query: str, passage: Passage) -> dict[str, Any]:
    """Return what is kept of a passage."""
    return {
        "document": passage.document,
        "title": passage.title,
        "dense": round(passage.dense, 4),
        "score": round(passage.score, 4),
        "coverage": round(coverage(query, [passage]), 4),
        "text": passage.text,
    }


def strengths(row: dict[str, Any]) -> dict[str, float]:
    """Return what each sign says of an answer, more where the passages should answer."""
    stated = [one for one in row["examined"] if one[0] != "not examined"]
    return {
        **{name: said["yes"] or 0.5 for name, said in row["asked"].items() if name not in {"offer", "refusal"}},
        "P(refusal)": -row["asked"]["refusal"]["logprobs"][0],
        "offer not taken": float(not row["asked"]["offer"]["text"].upper().startswith("NOT")),
        "evidence": row["chance"],
        "mean log-probability": fmean(row["answer"]["logprobs"] or [0.0]),
        "share of statements found": fmean([one[0] == "supported" for one in stated] or [0]),
        "mean score of statements": fmean([one[1] for one in stated] or [0.0]),
    }


def report(rows: Sequence[dict[str, Any]]) -> None:
    """Print how well each sign parts what was answered, and what it costs beside the answer."""
    known = [row for row in rows if "answer" in row]
    truth = np.array([float(row["answerable"]) for row in known])
    print(f"{len(rows)} asked, {len(known)} answered, of which {int((1 - truth).sum())} should not be")
    for name in strengths(known[0]) if known else ():
        told = interval(area, np.array([strengths(row)[name] for row in known]), truth)
        costs = [row["asked"][name]["seconds"] / row["answer"]["seconds"] for row in known if name in row["asked"]]
        cost = f", {median(costs):.1%} of the answer's time" if costs else ""
        print(f"{name}: area {told['value']:.2f} ({told['low']:.2f}-{told['high']:.2f}){cost}")


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="starter")
    parser.add_argument("--unanswerable", type=int, default=40, help="of each set at most so many")
    parser.add_argument("--without-answer", action="store_true", help="of these ask only the unanswerable ones")
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--sample", action="store_true", help="ask those of bench.refusals, not others")
    parser.add_argument("--folder", type=Path, help="ask those of another folder, such as kb_18f")
    parser.add_argument("--home", type=Path, help="keep the data directory here, so that a second run need not load")
    parser.add_argument("--trace", type=Path, required=True, help="questions already there are not asked")
    return parser.parse_args()


def wanted(product: Product, chosen: argparse.Namespace) -> list[tuple[str, Item]]:
    """Return the questions the command line asks for, each with the name of its set."""
    if chosen.folder:
        return list(folder_questions(product, chosen.folder))
    which = questions if chosen.sample else other_questions
    asked = list(which(product, chosen.data, chosen.unanswerable))
    return [(name, item) for name, item in asked if not (chosen.without_answer and item.answerable)]


def main() -> int:
    """Read the command line, load the documents, ask, write the trace."""
    chosen = arguments()
    trace = chosen.trace
    rows = [json.loads(line) for line in trace.read_text().splitlines()] if trace.exists() else []
    known = {(row["set"], row["_id"]) for row in rows}
    with tempfile.TemporaryDirectory() as temporary:
        product = open_product(chosen.home or Path(temporary), chosen.model)
        try:
            items = wanted(product, chosen)
            end = time.monotonic() + 60 * chosen.minutes
            for name, item in items:
                if time.monotonic() >= end:
                    break
                if (name, item.item_id) not in known:
                    with trace.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(ask(product, name, item), ensure_ascii=False) + "\n")
        finally:
            product.close()
    report([json.loads(line) for line in trace.read_text().splitlines()])
    return 0


if __name__ == "__main__":
    sys.exit(main())
