"""Which questions the product refuses, on fixed samples that the documents do and do not answer, near misses all.

Twice as many answerable questions as unanswerable ones, half of each from mtrag_un and half from wikiqa, in a fixed
mixed order in which every beginning is a sample too: a run may end when its minutes are over, and a later one with its
trace goes on from there. A question back ("which do you mean?") is neither an answer nor a refusal and counted apart.
Run: `python -m bench.refusals [--model starter] [--unanswerable 40] [--minutes 25] [--home DIRECTORY] [--trace FILE]`.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.product import Product
from bench.answers import Item, answer_item, learn_folder, open_product, read_items
from bench.sets import interval

SETS = ("mtrag_un", "wikiqa")
ANSWERABLE = 2
"""Answerable questions for each unanswerable one."""


def sample(items: Sequence[Item], size: int) -> list[Item]:
    """Return so many unanswerable questions of a set and twice as many answerable ones, mixed; always the same ones."""
    chance = random.Random(20261123)  # noqa: S311 (a sample, not a secret)
    unanswerable = chance.sample([item for item in items if not item.answerable], size)
    answerable = chance.sample([item for item in items if item.answerable], ANSWERABLE * size)
    return [
        item
        for number, item in enumerate(unanswerable)
        for item in (item, *answerable[ANSWERABLE * number : ANSWERABLE * (number + 1)])
    ]


def questions(product: Product, data: Path, size: int) -> Iterator[tuple[str, Item]]:
    """Yield the questions of both sets in turn, three of a set at a time."""
    samples = []
    for name in SETS:
        collection = learn_folder(product, data / name)
        samples.append(sample(list(read_items(data / name, collection.collection_id)), size // len(SETS)))
    for place in range(0, len(samples[0]), 1 + ANSWERABLE):
        for name, items in zip(SETS, samples, strict=True):
            yield from ((name, item) for item in items[place : place + 1 + ANSWERABLE])


def asked(product: Product, name: str, item: Item) -> dict[str, Any]:
    """Ask a question; return what became of it."""
    outcome = answer_item(product, item)
    return {
        "set": name,
        "_id": item.item_id,
        "answerable": item.answerable,
        "outcome": outcome.answer.outcome,
        "unread": outcome.answer.abstained and not outcome.answer.timings.prompt_tokens,
        "chance": outcome.answer.chance,
        "answer": outcome.answer.text,
        "verdicts": [claim.verdict for claim in outcome.answer.claims],
        "seconds": round(outcome.seconds, 1),
    }


def report(rows: Sequence[dict[str, Any]]) -> None:
    """Print the shares with their intervals, of both sets and of each."""
    for name in ("all", *SETS):
        for answerable in (False, True):
            some = [row for row in rows if row["answerable"] is answerable and name in {"all", row["set"]}]
            if not some:
                continue
            refused = [float(row["outcome"] == "abstained") for row in some]
            value, low, high = interval(refused)
            back, unread = (sum(bool(one) for one in told) for told in (
                [row["outcome"] == "asked" for row in some], [row["unread"] for row in some]))  # fmt: skip
            kind = "answerable" if answerable else "unanswerable"
            print(
                f"{name}, {kind}: {int(sum(refused))} of {len(some)} refused = {value:.3f} ({low:.3f}-{high:.3f}),",
                end=" ",
            )
            print(f"{unread} of them unread; {back} asked back")


def main() -> int:
    """Read the command line, load the documents, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default="starter")
    parser.add_argument("--unanswerable", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--home", type=Path, help="keep the data directory here, so that a second run need not load")
    parser.add_argument(
        "--trace", type=Path, help="write each question's end here; questions already there are not asked"
    )
    chosen = parser.parse_args()
    trace = chosen.trace
    rows = [json.loads(line) for line in trace.read_text().splitlines()] if trace and trace.exists() else []
    known = {(row["set"], row["_id"]) for row in rows}
    with tempfile.TemporaryDirectory() as temporary:
        product = open_product(chosen.home or Path(temporary), chosen.model)
        try:
            wanted = list(questions(product, chosen.data, chosen.unanswerable))
            end = time.monotonic() + 60 * chosen.minutes
            for name, item in wanted:
                if time.monotonic() >= end:
                    break
                if (name, item.item_id) not in known:
                    rows.append(asked(product, name, item))
                    if trace:
                        with trace.open("a", encoding="utf-8") as file:
                            file.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
        finally:
            product.close()
    report(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
