"""Claims that stopped being true: one number, date, unit, name, negation or direction of a supported claim changed.

Supported claims come from scifact_claims, begin and mtrag_faithfulness, whose answers are cut into sentences; from each
kind of edit as many as there are, at most 100, taken from the three sets in turn. The rest of the claim and its
passages stay as they are. Knows English spelling; no product but its sentences.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from app.checks.statements import is_statement
from app.sentences import split_sentences
from bench.sets import read_lines

SETS = ("scifact_claims", "begin", "mtrag_faithfulness")
MOST = 100
ROUNDS = 4
"""So often a claim may be changed, where there are too few claims of a kind."""

_MONTHS = "January February March April May June July August September October November December"
MONTHS = tuple(_MONTHS.split())
_NUMBERS = "two three four five six seven eight nine ten twelve fifteen twenty thirty fifty"
NUMBER_WORDS = tuple(_NUMBERS.split())
UNITS = {
    "hours": "days", "days": "weeks", "weeks": "months", "months": "years", "years": "months", "minutes": "hours",
    "seconds": "minutes", "hour": "day", "day": "week", "week": "month", "month": "year", "year": "month",
    "minute": "hour", "miles": "feet", "km": "miles", "meters": "kilometers", "metres": "kilometres", "feet": "miles",
    "mg": "g", "kg": "g", "pounds": "kilograms", "percent": "points", "%": " mg", "million": "billion",
    "billion": "million", "thousand": "million", "decades": "years", "centuries": "decades", "dollars": "euros",
    "nm": "mm", "mm": "cm", "cm": "mm", "GB": "MB", "MB": "GB", "TB": "GB", "fold": "percent",
}  # fmt: skip
_OPPOSITES = """
increases/decreases increase/decrease increased/decreased increasing/decreasing higher/lower high/low more/less
greater/smaller larger/smaller before/after above/below upregulated/downregulated activates/inhibits
activation/inhibition promotes/prevents improves/worsens improved/worsened reduced/increased reduces/increases
longer/shorter long/short early/late positive/negative positively/negatively most/least best/worst first/last
always/never allowed/forbidden accept/reject gain/loss start/end begin/end north/south east/west northern/southern
eastern/western old/new oldest/newest large/small big/small fast/slow strong/weak stronger/weaker hot/cold
warm/cold winter/summer minimum/maximum largest/smallest public/private required/optional enable/disable
enabled/disabled inside/outside internal/external male/female men/women buy/sell open/closed easy/difficult
rich/poor safe/dangerous common/rare young/old wide/narrow beginning/end enhances/impairs elevated/reduced
susceptible/resistant sensitive/resistant success/failure many/few all/none
"""
OPPOSITES = tuple((one, other) for one, _, other in (pair.partition("/") for pair in _OPPOSITES.split()))
TURNED = {one: other for pair in OPPOSITES for one, other in (pair, pair[::-1])}
_NUMBER = re.compile(r"(?<![\w.,/-])(?!\d\.\s)(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w/]|[.,]\d|-\d)")
_YEAR = re.compile(r"(?<![\w.,/$€£-])(1[5-9]\d\d|20\d\d)(?![\w%/]|[.,]\d)")
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})\b(?=\s+\d|,?\s+(?:1[5-9]|20)\d\d)")
_UNIT = re.compile(
    rf"(?<=\d|\w)(?P<gap>[ -]?)(?P<unit>(?:{'|'.join(sorted(map(re.escape, UNITS), key=len, reverse=True))}))(?![\w])"
)
_NAME = re.compile(r"(?<=[a-z,] )([A-Z][a-z]{2,}(?: [A-Z][a-z]+)*)\b")
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|can|could|will|would|should|may|might|must|has been|have been)\b(?! not\b|n't)"
)
_NOT = re.compile(r"\b(is|are|was|were|can|could|will|would|should|may|might|must|do|does|did) not\b ?")
_VERB = re.compile(
    r"\b(?!this\b|its\b|his\b|less\b|as\b|is\b|was\b|has\b|us\b)([a-z]{3,}[^s\W])s\b"
    r"(?= (?:the|a|an|to|with|in|by|[a-z]{4,}))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supported:
    """A claim its passages support."""

    dataset: str
    text: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """The same claim, changed at one place."""

    kind: str
    original: Supported
    text: str


Edit = Callable[[str, random.Random, Sequence[str]], str | None]
"""A claim, chance and the names of other claims -> the changed claim, None where there is nothing to change."""


def passages_of(item: Mapping[str, Any]) -> list[str]:
    """Return the passages of an item of any of the sets."""
    context = item["context"]
    parts = [context] if isinstance(context, str) else context
    return [part if isinstance(part, str) else part["text"] for part in parts]


def supported(data: Path, dataset: str) -> Iterator[Supported]:
    """Yield the supported claims of a set; answers of several sentences sentence by sentence."""
    for item in read_lines(data / dataset / "items.jsonl"):
        if item["label"] != "grounded":
            continue
        for sentence in split_sentences(item.get("claim") or item["answer"]):
            if is_statement(sentence.text) and len(sentence.text.split()) > 4 and "|" not in sentence.text:
                yield Supported(dataset=dataset, text=sentence.text, passages=tuple(passages_of(item)))


def _replaced(text: str, match: re.Match[str], new: str, group: int | str = 0) -> str:
    return text[: match.start(group)] + new + text[match.end(group) :]


def number(text: str, chance: random.Random, _names: Sequence[str]) -> str | None:
    """Change one number that is no year."""
    found = [one for one in _NUMBER.finditer(text) if not _YEAR.fullmatch(one[0])]
    words = list(re.finditer(rf"\b(?:{'|'.join(NUMBER_WORDS)})\b", text))
    if not (found or words):
        return None
    match = chance.choice(found or words)
    if match in words:
        return _replaced(text, match, chance.choice([word for word in NUMBER_WORDS if word != match[0]]))
    value = float(match[0].replace(",", ""))
    changed = chance.choice(
        [value + 1, value * 2, value * 10, max(value - 1, 0) if value > 1 else value + 3, value + 7]
    )
    decimals = len(match[0].split(".")[1]) if "." in match[0] else 0
    return _replaced(text, match, f"{changed:,.{decimals}f}" if "," in match[0] else f"{changed:.{decimals}f}")


def date(text: str, chance: random.Random, _names: Sequence[str]) -> str | None:
    """Change one year or month."""
    found = [*_YEAR.finditer(text), *_MONTH.finditer(text)]
    if not found:
        return None
    match = chance.choice(found)
    if match[0].isdigit():
        return _replaced(text, match, str(int(match[0]) + chance.choice([-10, -3, -2, -1, 1, 2, 3, 10])))
    return _replaced(text, match, chance.choice([month for month in MONTHS if month != match[0]]))


def unit(text: str, chance: random.Random, _names: Sequence[str]) -> str | None:
    """Change the unit behind a number."""
    amount = rf"(?:\d|\b(?:{'|'.join(NUMBER_WORDS)}|one))$"
    found = [one for one in _UNIT.finditer(text) if re.search(amount, text[: one.start("gap")].rstrip(), re.IGNORECASE)]
    if not found:
        return None
    match = chance.choice(found)
    return _replaced(text, match, UNITS[match["unit"]], "unit")


def name(text: str, chance: random.Random, names: Sequence[str]) -> str | None:
    """Put another claim's name in place of one."""
    found = [one for one in _NAME.finditer(text) if one[1] not in MONTHS]
    if not found:
        return None
    match = chance.choice(found)
    others = [
        one for one in names if not set(one.split()) & set(text.split()) and len(one.split()) == len(match[1].split())
    ]
    return _replaced(text, match, chance.choice(others), 1) if others else None


def negation(text: str, _chance: random.Random, _names: Sequence[str]) -> str | None:
    """Take a "not" out, or put one in."""
    if there := _NOT.search(text):
        return _replaced(text, there, there[1] + " ")
    if auxiliary := _AUXILIARY.search(text):
        first = auxiliary[1].split()
        return _replaced(text, auxiliary, " ".join([first[0], "not", *first[1:]]))
    if verb := _VERB.search(text):
        return _replaced(text, verb, f"does not {verb[1]}")
    return None


def antonym(text: str, chance: random.Random, _names: Sequence[str]) -> str | None:
    """Turn one direction or quality into its opposite."""
    found = [one for one in re.finditer(r"[A-Za-z]+", text) if one[0].lower() in TURNED]
    if not found:
        return None
    match = chance.choice(found)
    new = TURNED[match[0].lower()]
    return _replaced(text, match, new.capitalize() if match[0][0].isupper() else new)


EDITS: dict[str, Edit] = {
    "number": number, "date": date, "unit": unit, "name": name, "negation": negation, "antonym": antonym,
}  # fmt: skip


def edits(data: Path, *, most: int = MOST) -> dict[str, list[Edited]]:
    """Return, for each kind, claims changed so, from the sets in turn; the same ones every time."""
    chance = random.Random(20261122)  # noqa: S311 (for choosing)
    claims = {dataset: list(supported(data, dataset)) for dataset in SETS}
    names = sorted({one[1] for group in claims.values() for claim in group for one in _NAME.finditer(claim.text)})
    made: dict[str, list[Edited]] = {}
    for kind, edit in EDITS.items():
        lanes = []
        for group in claims.values():
            shuffled = chance.sample(group, len(group)) * ROUNDS
            changed = {(claim, edit(claim.text, chance, names)): None for claim in shuffled}
            lanes.append([Edited(kind=kind, original=one, text=new) for one, new in changed if new and new != one.text])
        made[kind] = [one for row in zip_longest(*lanes) for one in row if one is not None][:most]
    return made
