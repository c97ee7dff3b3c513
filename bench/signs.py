"""What each sign of the first tier is worth: areas with one of them taken away, from one examination of every answer.

Run: `python -m bench.signs [--data ../shared/data]`.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.checks.claims import Examined, examine
from app.checks.evaluation import Labelled, area, labelled
from app.checks.findings import ABSENT, ELSEWHERE, OPPOSED, REPLACED, UNNAMED, Finding
from app.checks.report import score_of
from app.checks.support import Source
from bench.checks import SETS
from bench.sets import read_lines

Answers = list[tuple[Labelled, list[Examined]]]
Without = Callable[[Finding], Finding]

VARIANTS: dict[str, Without] = {
    "all": lambda finding: finding,
    "without values": lambda finding: replace(finding, absent=(), differences=(), elsewhere=()),
    "without names": lambda finding: replace(finding, unnamed=()),
    "without what the sentences near to it rank": lambda finding: replace(finding, course=1.0),
    "without denials and opposites": lambda finding: replace(finding, opposition=None, course=1.0),
    "wording only": lambda finding: Finding(likeness=finding.likeness, wording=finding.wording),
    "words of the window only": lambda finding: Finding(likeness=finding.wording, wording=finding.wording),
}


def score(finding: Finding) -> float:
    """Return the score of what is left of a finding, as `app.checks.findings` makes it."""
    values = ABSENT if finding.absent else REPLACED if finding.differences else ELSEWHERE if finding.elsewhere else 1
    against = (UNNAMED if finding.unnamed else 1) * (OPPOSED if finding.opposition else 1)
    return finding.likeness * values * against * finding.course


def areas(answers: Answers, without: Without) -> tuple[float, float]:
    """Return the area of a set, and that of its supported against its contradicted claims, NaN without any."""
    scores = np.array(
        [
            score_of([replace(one, score=score(without(one.finding))) for one in some], known.item["passages"])
            for known, some in answers
        ]
    )
    truth = np.array([float(bool(one.supported)) for one, _ in answers])
    against = np.array([bool(one.supported) or one.contradicted for one, _ in answers])
    return area(scores, truth), area(scores[against], truth[against])


def answers_of(folder: Path) -> Answers:
    """Return the labelled answers of a set with what was found about their statements."""
    known = [one for one in labelled(list(read_lines(folder / "items.jsonl"))) if one.supported is not None]
    examined = []
    for one in known:
        sources = [Source(text=text) for text in one.item["passages"]]
        found = examine(one.item["answer"], sources, question=one.item["question"])
        examined.append((one, [each for each in found if each.verdict != "not examined"]))
    return examined


def main() -> int:
    """Read the command line, examine, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    data = parser.parse_args().data
    for name in SETS:
        answers = answers_of(data / name)
        for title, without in VARIANTS.items():
            whole, against = areas(answers, without)
            print(
                f"{name}, {title}: {whole:.3f}" + ("" if np.isnan(against) else f", against contradicted {against:.3f}")
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
