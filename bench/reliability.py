"""Draw how often answers were right against the score they got, set by set, as a picture for docs/checks.md.

Knows labelled answers and SVG. Run: `python -m bench.reliability [--data ../shared/data] FILE.svg`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from app.checks.evaluation import Column, Judged, evaluate, miscalibration
from app.checks.report import check_items
from bench.checks import SETS
from bench.sets import read_lines

GROUPS = 8
SIZE, EDGE = 360, 50
COLOURS = ("#1b6ca8", "#b3541e", "#2e7d32", "#7b3fa0")


def points(judged: list[Judged]) -> tuple[Column, Column, float]:
    """Return mean score and frequency of groups of equal size, and the calibration error."""
    known = [one for one in judged if one.labelled.supported is not None]
    scores = np.array([one.score for one in known])
    truth = np.array([float(bool(one.labelled.supported)) for one in known])
    groups = np.array_split(np.argsort(scores, kind="stable"), GROUPS)
    means = np.array([scores[group].mean() for group in groups])
    return means, np.array([truth[group].mean() for group in groups]), miscalibration(scores, truth)


def picture(lines: dict[str, tuple[Column, Column, float]]) -> str:
    """Return the diagram; on the dotted line scores are what happens."""
    low, high = EDGE, EDGE + SIZE
    box = f'viewBox="0 0 {SIZE + EDGE + 260} {SIZE + 2 * EDGE}" font-family="sans-serif" font-size="13"'
    middle = low + SIZE / 2
    turned = f'text-anchor="middle" transform="rotate(-90 16 {middle})"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
        "<title>How often answers were right against their score</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<rect x="{low}" y="{low}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#444"/>',
        f'<path d="M{low} {high}L{high} {low}" stroke="#888" stroke-dasharray="4 4"/>',
        f'<text x="{middle}" y="{high + 38}" text-anchor="middle">score</text>',
        f'<text x="16" y="{middle}" {turned}>share of answers that are supported</text>',
    ]
    for tick in (0, 0.5, 1):
        place = low + SIZE * tick
        parts.append(f'<text x="{place}" y="{high + 18}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{low - 8}" y="{high - SIZE * tick + 4}" text-anchor="end">{tick:g}</text>')
    for row, (colour, (name, (means, shares, error))) in enumerate(zip(COLOURS, lines.items(), strict=False)):
        places = [(low + SIZE * x, high - SIZE * y) for x, y in zip(means, shares, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in places]
        text = f"{name} (off by {error:.2f})"
        parts.append(f'<text x="{high + 16}" y="{low + 20 + 22 * row}" fill="{colour}">{text}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> int:
    """Read the command line, let the checks judge, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    rows = {name: list(read_lines(options.data / name / "items.jsonl")) for name in SETS}
    lines = {name: points(evaluate(items, check_items)) for name, items in rows.items()}
    options.file.write_text(picture(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
