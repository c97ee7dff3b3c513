"""Whether answers that come again are right more often than those that do not: double-checks of a sample of questions.

Questions of a folder of the evaluation data that have a short answer are asked once and, where an answer was written,
again as the Double-check button does. Right is an answer with one of the short answers in it. Printed are the share of
right answers by how many said the same, the area between right and wrong ones, and what a double-check cost.
Run: `python -m bench.doubling FOLDER [--model small] [--times 5] [--minutes 10] [--home DIRECTORY]`.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.again import DoubleCheck
from app.answering.doubling import Asking, NoSecondAnswerError, double_check
from app.answers import LOCAL_ACTOR, Answer, Found
from app.checks.evaluation import area
from app.product import Product
from bench.answers import Item, contains, learn_folder, open_product, read_items

if TYPE_CHECKING:
    from retrieval.documents import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubled:
    """A question with what came of asking it once and again."""

    right: bool
    found: DoubleCheck
    first_seconds: float
    again_seconds: float


def doubled(product: Product, item: Item, times: int) -> Doubled | None:
    """Ask a question once and again; None where it got no answer."""
    passages: tuple[Passage, ...] = ()
    answer, begun = None, time.monotonic()
    for event in product.assistant().ask(LOCAL_ACTOR, item.question):
        passages = event.passages if isinstance(event, Found) else passages
        answer = event if isinstance(event, Answer) else answer
    answered = time.monotonic()
    if answer is None or answer.outcome != "finished":
        return None
    try:
        with product.serving.writing() as writer:
            found = double_check(writer, LOCAL_ACTOR, answer, passages, Asking(times=times))
    except NoSecondAnswerError:
        return None
    right = any(contains(answer.text, key) for key in item.keys)
    again = time.monotonic() - answered
    return Doubled(right=right, found=found, first_seconds=answered - begun, again_seconds=again)


def report(rows: Sequence[Doubled]) -> None:
    """Print the figures."""
    by_agreement: dict[int, list[bool]] = defaultdict(list)
    for one in rows:
        by_agreement[one.found.agree].append(one.right)
    for agree, rights in sorted(by_agreement.items()):
        print(f"{agree} said the same: {sum(rights)} of {len(rights)} right")
    shares = np.array([one.found.agree / one.found.asked for one in rows])
    truth = np.array([float(one.right) for one in rows])
    firsts, agains = (sum(told) for told in zip(*((one.first_seconds, one.again_seconds) for one in rows), strict=True))
    print(f"{len(rows)} answers, {truth.mean():.0%} right; area {area(shares, truth):.3f}", end="; ")
    print(f"double-checks took {agains / firsts:.1f} times as long as the answers")


def main() -> int:
    """Read the command line, load the documents, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="small")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--home", type=Path, help="keep the data directory here, so that a second run need not load")
    chosen = parser.parse_args()
    rows: list[Doubled] = []
    with tempfile.TemporaryDirectory() as temporary:
        product = open_product(chosen.home or Path(temporary), chosen.model)
        try:
            collection = learn_folder(product, chosen.folder)
            items = [item for item in read_items(chosen.folder, collection.collection_id) if item.keys]
            items = [replace(item, keys=tuple(key for key in item.keys if len(key.split()) <= 5)) for item in items]
            items = [item for item in items if item.answerable and item.keys]
            end = time.monotonic() + 60 * chosen.minutes
            for item in random.Random(20261123).sample(items, len(items)):  # noqa: S311 (a sample, not a secret)
                if time.monotonic() >= end:
                    break
                if one := doubled(product, item, chosen.times):
                    rows.append(one)
        finally:
            product.close()
    report(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
