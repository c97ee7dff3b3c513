"""Do two sentences of different documents state different things of the same thing? Typed values, dates, negation.

Knows texts only: no store, no vector, no date of a document. Two sentences speak of the same thing when one holds all
content words of the other, values and negation left aside: a word that only one of them has narrows what it says, but
two words that stand in each other's place ("daily", "weekly") mean two things.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.checks.values import Value, missing, values_of
from app.checks.words import content_words
from app.sentences import split_sentences
from retrieval.conflicts import Comparing, Difference, DifferenceKind
from retrieval.documents import Chunk

FEWEST_WORDS = 3
"""Content words two sentences must share to speak of the same thing at all; a unit counts as one."""
MOST_MORE = 0.75
"""Content words that one sentence may have more, for each they share."""
FEWEST_NEGATED = 4
"""As `FEWEST_WORDS`, for negation: "do not do this" is said of many things."""

_NEGATORS = frozenset(["not", "no", "never", "cannot", "neither", "nor", "none", "without"])
_OPPOSITES = (
    ("allowed permitted allow allows permit permits", "prohibited forbidden prohibit prohibits forbid forbids"),
    ("required mandatory", "optional"),
    ("enabled enable enables", "disabled disable disables"),
    ("included include includes", "excluded exclude excludes"),
    ("always", "never"),
)
_SIDES = {
    word: (pair, side) for pair, sides in enumerate(_OPPOSITES) for side, w in enumerate(sides) for word in w.split()
}
_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")  # noqa: RUF001 (a typographic apostrophe)
_CONTRACTED = re.compile(r"n['’]t\b")  # noqa: RUF001
_NOT_JUST = re.compile(r"\bnot (?:just|merely|simply|solely)\b")
"""What is not just so is so."""
_ABOUT_ITSELF = re.compile(
    r"\b(?:version|valid from|updated|reviewed|revised|modified|effective(?: date)?|approved(?: by| on)?|next review|"
    r"review date|revision|published|owner|author|date|copyright)\b[*_]*\s*[:|©]|©|\bcopyright\b|\blast (?:updated|"
    r"reviewed|revised|modified)\b|\bthis (?:policy|document|page|version|procedure) (?:replaces|supersedes|was)\b",
    re.IGNORECASE,
)
"""What a document says of itself differs from what another says of itself, and rightly."""
_REFERENCE = re.compile(
    r"(?:§+|\b(?:section|sections|sec|page|pages|chapter|version|step|figure|table|appendix|annex|part|article|clause|"
    r"paragraph|rule|control|title|circular|form|line|item|number|no|rev|level|phase|tier|topic|module|lesson|rfc|iso|iec|nist|sp|cfr|"
    r"port|v))[.:]?\s*[#*`(\"]*$",
    re.IGNORECASE,
)
"""A number after one of these is a name."""
_REFERENCE_REACH = 60
"""Characters before a number in which that word stands; from its beginning each number would read the sentence anew."""
_NEGATION_REACH = 40
"""Words around a negation among which the one that it denies is."""
_TIMES = frozenset({"second", "minute", "hour", "day", "week", "month", "year", "quarter"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A sentence of a chunk, as it is compared. `start` and `end` count in the document's text."""

    text: str
    start: int
    end: int
    words: frozenset[str]
    """Content words without values, negation and words that have an opposite."""
    values: tuple[Value, ...]
    units: bool
    """Whether a value has a unit."""
    denied: frozenset[str]
    """The content word that follows each negation: what it denies."""
    sides: frozenset[tuple[int, int]]
    """Which words with an opposite it has: pair and side."""


class Text(Protocol):
    """What is compared: a chunk, a passage, an answer."""

    @property
    def text(self) -> str:
        """The words."""

    @property
    def start(self) -> int:
        """Where they begin in their document."""

    @property
    def columns(self) -> str:
        """What stands above the columns of a table."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text of no document."""

    text: str
    start: int = 0
    columns: str = ""


def differences(one: Text, other: Text) -> Iterator[Difference]:
    """Yield what two texts state differently; each sentence in at most one difference."""
    yield from _between(statements(one), statements(other))


class Remembering:
    """Tells the same of the chunks one document is held against, each read once."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._read: dict[Chunk, tuple[Statement, ...]] = {}

    def __call__(self, one: Chunk, other: Chunk) -> Iterator[Difference]:
        """Yield what two chunks state differently."""
        for chunk in (one, other):
            if chunk not in self._read:
                self._read[chunk] = statements(chunk)
        yield from _between(self._read[one], self._read[other])


def _between(ours: Iterable[Statement], theirs: Sequence[Statement]) -> Iterator[Difference]:
    taken: set[int] = set()
    for own in ours:
        for place, their in enumerate(theirs):
            if place not in taken and (kind := differ(own, their)):
                taken.add(place)
                yield Difference(kind=kind, start=own.start, end=own.end, other_start=their.start, other_end=their.end)
                break


def differ(one: Statement, other: Statement) -> DifferenceKind | None:
    """Return in what two sentences contradict each other; None where they do not, or speak of different things."""
    if not _same_thing(one, other):
        return None
    ours, theirs = missing(one.values, other.values), missing(other.values, one.values)
    if ours and theirs:
        return _kind(ours, theirs)
    if ours or theirs or len(one.words & other.words) < FEWEST_NEGATED:
        return None
    opposite = any((pair, 1 - side) in other.sides for pair, side in one.sides - other.sides - _both(one, other))
    denied = one.denied ^ other.denied
    if len(denied) > 1 or not denied <= one.words & other.words:
        return None
    return "negation" if opposite != bool(denied) else None


def _both(*told: Statement) -> frozenset[tuple[int, int]]:
    """Return the sides of which a sentence has the other one, too: "mandatory and optional trainings"."""
    return frozenset((pair, side) for one in told for pair, side in one.sides if (pair, 1 - side) in one.sides)


def speak_of_same(sentence: str, other: str) -> bool:
    """Whether two sentences speak of the same thing, whatever they say of it."""
    return _same_thing(_statement(sentence, 0, ""), _statement(other, 0, ""))


def statements(chunk: Text) -> tuple[Statement, ...]:
    """Return the sentences of a text that state something: no headings, no questions, nothing of the document."""
    return tuple(
        _statement(sentence.text, chunk.start + sentence.start, chunk.columns)
        for sentence in split_sentences(chunk.text)
        if not sentence.text.startswith("#")
        and not sentence.text.rstrip().endswith("?")
        and not _ABOUT_ITSELF.search(sentence.text)
    )


def _statement(text: str, start: int, columns: str) -> Statement:
    values, rest = _apart(text)
    whole = _NOT_JUST.sub(" ", _CONTRACTED.sub(" not", rest.lower()))
    tokens = _TOKEN.findall(whole)
    sides = frozenset(_SIDES[token] for token in tokens if token in _SIDES)
    plain = " ".join(token for token in tokens if token not in _NEGATORS and token not in _SIDES)
    above = columns if text.startswith("|") else ""
    return Statement(
        text=text,
        start=start,
        end=start + len(text),
        words=frozenset(content_words(f"{plain} {above}")),
        values=values,
        units=any(value.unit or value.kind in {"money", "percent"} for value in values),
        denied=_denied(tokens),
        sides=sides,
    )


def _denied(tokens: Sequence[str]) -> frozenset[str]:
    """Return the content word after each negation, or before one that ends the sentence."""
    denied = set()
    for place in (place for place, token in enumerate(tokens) if token in _NEGATORS):
        behind, ahead = tokens[max(0, place - _NEGATION_REACH) : place], tokens[place : place + _NEGATION_REACH]
        plain = [token for token in ahead if token not in _NEGATORS and token not in _SIDES]
        denied.update(content_words(" ".join(plain))[:1] or content_words(" ".join(behind))[-1:])
    return frozenset(denied)


def _apart(text: str) -> tuple[tuple[Value, ...], str]:
    """Return the values of a sentence that may differ, and the sentence without any value."""
    kept, rest, place = [], "", 0
    for value in values_of(text):
        found = text.find(value.text, place)
        if found < 0:
            continue
        if value.kind != "code" and not _REFERENCE.search(text, max(0, found - _REFERENCE_REACH), found):
            kept.append(value)
        rest += text[place:found] + (f" {value.text} " if value.kind == "code" else " ")
        place = found + len(value.text)
    return tuple(kept), rest + text[place:]


def _same_thing(one: Statement, other: Statement) -> bool:
    shared = len(one.words & other.words)
    fewer, more = sorted((len(one.words), len(other.words)))
    units = bool(one.units and other.units)
    return shared + units >= FEWEST_WORDS and shared == fewer and more - shared <= MOST_MORE * shared


def _kind(ours: Sequence[Value], theirs: Sequence[Value]) -> DifferenceKind | None:
    for value in ours:
        for other in theirs:
            if value.kind == other.kind and _comparable(value.unit, other.unit):
                return "date" if value.kind in {"date", "time"} else "value"
    return None


def _comparable(unit: str, other: str) -> bool:
    return unit == other or {unit, other} <= _TIMES


COMPARING = Comparing(version="4", judge=Remembering)
"""What ingest holds documents against each other with."""
