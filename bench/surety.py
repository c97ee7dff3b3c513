"""Whether the mean log-probability of an answer's tokens tells right answers from wrong ones, beside the checks' score.

Asks the questions of a folder as `bench.answers` does and keeps what the model was told to report of each token. Right
is an answer to an answerable question that holds one of its keys; refusals are left out.
Run: `python -m bench.surety FOLDER [--home DIRECTORY] [--sample 26]` (some nine seconds a question on two cores).
"""

import argparse
import sys
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import cast
from unittest.mock import patch

import numpy as np
from langchain_core.messages import AIMessageChunk, BaseMessage

from app.answering.writer import Writer
from app.answers import Actor
from app.checks.evaluation import area
from app.product import Product
from bench.answers import Item, answer_item, learn_folder, open_product, read_items, sampled


@dataclass(frozen=True, slots=True, kw_only=True)
class Sure:
    """An answer, whether it is right, and two things that may tell."""

    right: bool
    logprob: float
    """Of its tokens, the mean."""
    score: float
    """Of its statements in the first tier, the mean."""


def ask(product: Product, item: Item) -> Sure | None:
    """Ask a question; None where the model declined or stated nothing."""
    told: list[float] = []

    def stream(self: Writer, actor: Actor, prompt: list[BaseMessage]) -> Generator[AIMessageChunk]:
        options = {"max_tokens": self._budget().answer_tokens, "temperature": 0.0, "user": actor.user_id}
        chunks = self._model.stream(prompt, **options, logprobs=True)
        for chunk in cast("Generator[AIMessageChunk]", chunks):
            told.extend(chunk.additional_kwargs.get("logprobs", ()))
            yield chunk

    with patch.object(Writer, "_stream", stream):
        outcome = answer_item(product, item)
    scores = [claim.score for claim in outcome.answer.claims if claim.verdict != "not examined"]
    if outcome.answer.outcome != "finished" or not scores or not told:
        return None
    return Sure(right=item.answerable and outcome.has_key, logprob=fmean(told), score=fmean(scores))


def main() -> int:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--sample", type=int, default=26)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        product = open_product(options.home or Path(temporary), options.model)
        try:
            collection = learn_folder(product, options.folder)
            items = sampled(list(read_items(options.folder, collection.collection_id)), options.sample)
            found = [one for one in (ask(product, item) for item in items) if one is not None]
        finally:
            product.close()
    truth = np.array([float(one.right) for one in found])
    print(f"{int(truth.sum())} right of {len(found)} answers")
    for name in ("logprob", "score"):
        print(f"{name}: area {area(np.array([getattr(one, name) for one in found]), truth):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
