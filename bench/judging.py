"""What the model as second tier adds, on a sample: the areas of both tiers, and the curve of the model's probabilities.

Every statement of the sampled answers is judged, not only the unsure ones, as long as the minutes last.
Run: `python -m bench.judging small|starter [--set scifact_claims] [--each 60] [--minutes 4]`, or with `--checker PATH`
in place of the model: a CrossEncoder's folder, or a GGUF file, which is asked as MiniCheck is.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.checks.calibration import calibration_of
from app.checks.claims import Examined, examine
from app.checks.evaluation import Column, area, interval, labelled
from app.checks.judging import Judge, read_for, revised
from app.checks.support import Source
from app.second_tier import Wanted
from app.settings import Settings
from app.voices import load_chat, load_engine
from bench.clarity import fitted
from bench.sets import read_lines
from models.catalogue import CATALOGUE
from models.checker import Checker
from models.entailment import ChatEntailment
from models.file_checker import FileChecker
from models.gguf import in_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A statement with what is known of it, and what the model said of it."""

    kind: str
    examined: Examined
    probability: float


def sample(rows: Sequence[Mapping[str, Any]], each: int) -> list[Mapping[str, Any]]:
    """Return as many rows of each kind that is known, in a mixed order; the same ones every time."""
    chance = random.Random(3)  # noqa: S311 (for sampling)
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["label"] in {"grounded", "ungrounded"}:
            kinds.setdefault(kind_of(row), []).append(row)
    drawn = [row for group in kinds.values() for row in chance.sample(group, min(each, len(group)))]
    return chance.sample(drawn, len(drawn))


def kind_of(row: Mapping[str, Any]) -> str:
    """Return what people found about a row's answer, as finely as they said."""
    return str(row.get("raw_label") or row["label"])


def read(rows: Sequence[Mapping[str, Any]], judge: Judge, *, seconds: float) -> Iterator[Read]:
    """Yield every statement with what the model says of it, until the time is over."""
    end = time.monotonic() + seconds
    for row in rows:
        (one,) = labelled([row])
        sources = [Source(text=text) for text in one.item["passages"]]
        for examined in examine(one.item["answer"], sources, question=one.item["question"]):
            if examined.verdict != "not examined" and examined.supports and time.monotonic() < end:
                probability = judge(read_for(examined, sources), examined.sentence.text, seconds=60)
                if probability is not None:
                    kind = "supported" if one.supported else kind_of(row)
                    yield Read(kind=kind, examined=examined, probability=probability)


def report(found: Sequence[Read], digest: str | None) -> None:
    """Print the figures."""
    truth = np.array([float(one.kind == "supported") for one in found])
    against = np.array([one.kind in {"supported", "contradicted"} for one in found])
    meant = calibration_of(digest)
    both = [revised(one.examined, meant(one.probability)) for one in found]
    columns = {
        "first tier": np.array([one.examined.score for one in found]),
        "model": np.array([one.probability for one in found]),
        "both": np.array([one.score for one in both]),
    }
    for name, scores in columns.items():
        told = f", supported against contradicted {_area(scores[against], truth[against])}" if against.any() else ""
        print(f"{name}: area {_area(scores, truth)}{told}")
    for kind in sorted({one.kind for one in found}):
        called = [now.verdict == "contradicted" for one, now in zip(found, both, strict=True) if one.kind == kind]
        print(f"{kind}: {len(called)}, {np.mean(called):.0%} called contradicted")
    print("curve:", *curve(columns["model"], truth))


def _area(scores: Column, truth: Column) -> str:
    told = interval(area, scores, truth)
    return f"{told['value']:.3f} ({told['low']:.3f}-{told['high']:.3f})"


def curve(probabilities: Column, truth: Column) -> tuple[float, float]:
    """Return middle and slope of the logistic curve over the log-odds, both answers counting the same."""
    held = np.clip(probabilities, 1e-6, 1 - 1e-6)
    odds = np.log(held / (1 - held))
    counts = np.where(truth > 0, 50 / truth.sum(), 50 / (1 - truth).sum())
    slope, constant = fitted(odds[:, None], truth, counts, steady=0.1)
    return round(-constant / float(slope[0]), 2), round(float(slope[0]), 2)


def main() -> int:
    """Read the command line, load the model, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=("small", "starter"), nargs="?", default="starter")
    parser.add_argument("--checker", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--set", default="scifact_claims")
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--minutes", type=float, default=4)
    options = parser.parse_args()
    rows = sample(list(read_lines(options.data / options.set / "items.jsonl")), options.each)
    if options.checker and not in_file(options.checker):
        checker = Checker.load(options.checker)
        wanted = Wanted(checker=checker, unwanted=lambda: False)
        report(list(read(rows, wanted, seconds=60 * options.minutes)), None)
        return 0
    engine = load_engine(Settings(model=str(options.checker or options.model)), print, None)
    try:
        judge = (FileChecker if options.checker else ChatEntailment)(load_chat(engine))
        found = list(read(rows, judge, seconds=60 * options.minutes))
    finally:
        engine.close()
    report(found, None if options.checker else CATALOGUE[options.model].files[0].sha256)
    return 0


if __name__ == "__main__":
    sys.exit(main())
