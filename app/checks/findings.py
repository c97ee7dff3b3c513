"""The first tier: what words, typed values, names and denials tell about one statement and its nearest window.

Knows texts only: no model, no wording of verdicts. The weights are few, round and fixed: a logistic regression over
the same signs fitted on three of our sets did worse on the fourth (docs/checks.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from app.checks.likeness import Vocabulary
from app.checks.names import Words, names_of
from app.checks.polarity import (
    Course,
    Opposition,
    Tendency,
    behind_answer,
    course,
    denial,
    reversal,
    tendency,
    unconfirmed,
    undenied,
)
from app.checks.spelling import Spellings, introduced
from app.checks.support import Evidence, Source, Support
from app.checks.values import Known, Value, is_article, missing, rivals, values_of

FEW = frozenset({"two", "three"})
"""Whoever counts the things a passage lists need not find their number in it."""
SAME_THING = 0.3
"""Wording from which a window that denies a word of the statement denies the statement."""
DIFFERENCES = 20
"""So many missing values of a statement are held against those of its window; one that differs is enough."""
APART = 0.3
"""Share of a statement's words in a sentence, from which it is this sentence that has a value of the statement, and the
window's is no other one in its place: a statement may join what stands in two places."""
ABSENT, REPLACED, ELSEWHERE, UNNAMED, OPPOSED = 0.3, 0.35, 0.75, 0.45, 0.3
"""What is left of a statement's score when a value of it stands in no source, when another stands in its place, when it
stands elsewhere in the sources only, when a name stands in no source, and when the window says the opposite."""
UNDENIED, TURNED = 0.6, 0.5
"""What is left when it denies something and its window nothing at all, and when a sentence near to it, if not the
window, has the opposite of a word of it."""
COURSES: Mapping[Course, float] = {"agreeing": 1.0, "untold": 0.85, "opposed": 0.5}
"""What is left by whether the sentences nearest to it rank as it does: of the contradicted claims of scifact_claims 18
in 100 speak of more where most of those speak of less, or the other way round, of the supported ones 2."""
AS_IT_STANDS = 0.9
"""From this likeness the window has a statement nearly as it is, so that other sentences are not asked about words that
the window has too."""
NEAREST, TURNED_IN = 5, 3
"""So many sentences are asked how they rank, and for an opposite. With five for both, changed denials are told less
well."""

Standing = Literal["anywhere", "there", "told", "displaced", "astray"]
"""Of a statement that belongs to a row and column of the sources' tables: whether they have it there, or something else
in its place; astray where they have it below names of other columns only. Of a sentence that tells what rows have: told
where they have it. Any other may stand anywhere, and join two places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A value of a statement, and what its nearest window has in its place."""

    claimed: Value
    given: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the first tier found about a statement."""

    likeness: float
    """How much of its wording stands in the sources, 0..1."""
    wording: float
    """How much of its content words, by weight, the nearest window holds, 0..1."""
    score: float = 0.0
    """How far it is supported, 0..1: its likeness, less what speaks against it."""
    absent: tuple[Value, ...] = ()
    """Its values that stand in no source."""
    differences: tuple[Difference, ...] = ()
    elsewhere: tuple[Value, ...] = ()
    """Its values that stand in the sources, but not in the nearest window."""
    unnamed: tuple[str, ...] = ()
    """Its names that stand in no source."""
    opposition: Opposition | None = None
    """A word of it that the window denies, or has the opposite of."""
    displaced: bool = False
    """Whether the sources say it of another row or column of a table."""
    astray: bool = False
    """Whether they say it of other columns only, and nothing is known of its place."""
    course: float = 1.0
    """What is left of its score by what sentences near to it deny and rank, where the window is not its opposite."""

    @property
    def speaks_against(self) -> bool:
        """Whether something of it is not merely unfound but otherwise in the sources, or has no place in them."""
        moved = self.displaced or self.astray
        return bool(moved or self.absent or self.differences or self.unnamed or self.opposition)


NOTHING = Finding(likeness=0.0, wording=0.0)


class Grounds:
    """Sources as a whole, read once, that any number of statements are held against."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Cut the sources into windows."""
        self._texts = [f"{source.context}\n{source.text}" for source in sources]
        self.evidence = Evidence(sources)

    def find(self, statement: str, supports: Sequence[Support], *, standing: Standing = "anywhere") -> Finding:
        """Hold a statement against its nearest windows, best first.

        Args:
            statement: what is claimed.
            supports: where it may stand.
            standing: what is known of its place in a table of the sources.
        """
        if not supports:
            return NOTHING
        displaced, astray = standing == "displaced", standing == "astray"
        support, text = supports[0], self.evidence.text_of(supports[0].window)
        values = [value for value in values_of(statement) if not is_article(value, text)]
        values = [value for value in values if not self._otherwise_written(statement, value)]
        absent = tuple(value for value in missing(values, self._values) if value.text.lower() not in FEW or value.unit)
        wording = support.wording
        likeness = wording
        if not support.window.alone:  # a table row has no running words
            likeness = (wording + sum(self._vocabulary.shares(statement))) / 3
        absent_here = tuple(value for value in support.missing if value in values)
        replaced = [one for one in absent_here if one in absent or displaced or not self._stands_apart(statement, one)]
        differences = _differences(values, support, replaced)
        unnamed = tuple(self._words.missing(names_of(statement)))
        claimed, given = tendency(behind_answer(statement, text)), tendency(text)
        opposes = wording >= SAME_THING and standing != "there"
        opposition = (denial(claimed, given) or reversal(claimed, given)) if opposes else None
        of_values = (
            ABSENT if absent else REPLACED if differences or displaced or astray else ELSEWHERE if absent_here else 1
        )
        left = of_values * (UNNAMED if unnamed else 1) * (OPPOSED if opposition else 1)
        told = 1.0
        if not opposition and standing != "there":
            told = UNDENIED if undenied(claimed, given) else 1
            if standing != "told":  # how running sentences rank things says nothing of a row
                asked = unconfirmed(claimed, given) if likeness >= AS_IT_STANDS else claimed
                told *= self._course(statement, asked, wording)
        return Finding(
            likeness=likeness,
            wording=wording,
            score=likeness * left * told,
            absent=absent,
            differences=differences,
            elsewhere=tuple(value for value in absent_here if value not in absent),
            unnamed=unnamed,
            opposition=opposition,
            displaced=displaced,
            astray=astray,
            course=told,
        )

    def _course(self, statement: str, claimed: Tendency, wording: float) -> float:
        """Return what is left of the score by how the sentences that share most with a statement rank things."""
        if not claimed.leaning:
            return 1.0
        near = [tendency(text) for text in self.evidence.nearest_sentences(statement, NEAREST)]
        turned = wording >= SAME_THING and any(reversal(claimed, one) for one in near[:TURNED_IN])
        return COURSES[course(claimed, near)] * (TURNED if turned else 1)

    def _otherwise_written(self, statement: str, value: Value) -> bool:
        """Whether a value the sources do not have stands there in another spelling, or is an abbreviation only."""
        if not (value.kind == "code" or (value.kind == "number" and not value.unit)) or value in self._values:
            return False
        if value.kind == "code" and (value.canonical in self._spellings or introduced(statement, value.text)):
            return True
        return self._spellings.hold_joined(statement, value.text)

    def _stands_apart(self, statement: str, value: Value) -> bool:
        """Whether another place of the sources says this value of what the statement speaks of."""
        return self.evidence.nearness(statement, value) >= APART

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._texts)

    @cached_property
    def _values(self) -> Known:
        return Known(self.evidence.values)

    @cached_property
    def _spellings(self) -> Spellings:
        return Spellings(self._texts)

    @cached_property
    def _words(self) -> Words:
        return Words(self._texts)


def _differences(values: Sequence[Value], support: Support, absent: Sequence[Value]) -> tuple[Difference, ...]:
    """Return the missing values in whose place the window has another one that the statement does not give."""
    free = missing(support.window.values, values)
    pairs = [(value, rivals(value, free)) for value in absent[:DIFFERENCES]]
    return tuple(Difference(claimed=value, given=others[0]) for value, others in pairs if others)
