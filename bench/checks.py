"""What the checks find on the public sets, and which changed claims they notice.

Run: `python -m bench.checks [--data ../shared/data] [--sets NAME...] [--edits] [--words]`: with `--words` the
embedder is left out.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from app.checks.evaluation import area, figures, timed
from app.checks.nearness import Embed
from app.checks.report import check_items
from app.settings import Settings
from app.voices import load_embedder
from bench.edits import edits
from bench.sets import read_lines

SETS = ("scifact_claims", "expertqa_claims", "begin", "mtrag_faithfulness")


def report_set(folder: Path, embed: Embed | None) -> None:
    """Print the figures of a set."""
    judged, seconds = timed(list(read_lines(folder / "items.jsonl")), partial(check_items, embed=embed))
    told = figures(judged, seconds=seconds)
    print(
        folder.name,
        len(judged),
        *(f"{name} {one['value']:.3f} ({one['low']:.3f}-{one['high']:.3f});" for name, one in told.items()),
    )


def told(answers: Sequence[tuple[str, Sequence[str]]], embed: Embed | None) -> list[dict[str, Any]]:
    """Return what the checks say of answers with these passages."""
    items = [{"id": "", "answer": text, "passages": list(passages)} for text, passages in answers]
    return list(check_items(items, embed=embed))


def report_edits(data: Path, embed: Embed | None) -> None:
    """Print, for each kind of edit, the area between supported claims and changed ones, and what is noticed."""
    for kind, changed in edits(data).items():
        originals = list(dict.fromkeys(one.original for one in changed))
        kept = told([(one.text, one.passages) for one in originals], embed)
        made = told([(one.text, one.original.passages) for one in changed], embed)
        scores = np.array([one["score"] for one in (*kept, *made)])
        truth = np.array([1.0] * len(kept) + [0.0] * len(made))
        alarms = [np.mean([any(claim["alarm"] for claim in one["claims"]) for one in some]) for some in (kept, made)]
        print(f"{kind}: {len(made)} of {len(kept)} claims, area {area(scores, truth):.3f}, ", end="")
        print(f"alarm on {alarms[1]:.0%} of the changed and {alarms[0]:.1%} of the others")


def main() -> int:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--sets", nargs="*", default=SETS)
    parser.add_argument("--edits", action="store_true")
    parser.add_argument("--words", action="store_true")
    options = parser.parse_args()
    embed = None if options.words else load_embedder(Settings()).embed_documents
    for name in options.sets:
        report_set(options.data / name, embed)
    if options.edits:
        report_edits(options.data, embed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
