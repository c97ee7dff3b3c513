"""What the checks find on the public sets, and which changed claims they notice.

Run: `python -m bench.checks [--data ../shared/data] [--sets NAME...] [--edits]`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from app.checks.evaluation import area, figures, timed
from app.checks.report import check_item
from bench.edits import edits
from bench.sets import read_lines

SETS = ("scifact_claims", "expertqa_claims", "begin", "mtrag_faithfulness")


def report_set(folder: Path) -> None:
    """Print the figures of a set."""
    judged, seconds = timed(list(read_lines(folder / "items.jsonl")), check_item)
    told = figures(judged, seconds=seconds)
    print(
        folder.name,
        len(judged),
        *(f"{name} {one['value']:.3f} ({one['low']:.3f}-{one['high']:.3f});" for name, one in told.items()),
    )


def report_edits(data: Path) -> None:
    """Print, for each kind of edit, the area between supported claims and changed ones, and what is noticed."""
    for kind, changed in edits(data).items():
        originals = list(dict.fromkeys(one.original for one in changed))
        kept = [check_item({"id": "", "answer": one.text, "passages": list(one.passages)}) for one in originals]
        made = [check_item({"id": "", "answer": one.text, "passages": list(one.original.passages)}) for one in changed]
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
    options = parser.parse_args()
    for name in options.sets:
        report_set(options.data / name)
    if options.edits:
        report_edits(options.data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
