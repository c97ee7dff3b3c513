"""The first tier: what words, typed values, names and denials tell about one statement and its nearest window.

Knows texts only: no model, no wording of verdicts. The weights are few, round and fixed: a logistic regression over
the same signs fitted on three of our sets did worse on the fourth (docs/checks.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.checks.likeness import Vocabulary
from app.checks.names import Words, names_of
from app.checks.polarity import Opposition, denial, reversal, tendency
from app.checks.support import Evidence, Source, Support
from app.checks.values import Known, Value, is_article, missing, rivals, values_of

FEW = frozenset({"two", "three"})
"""Whoever counts the things a passage lists need not find their number in it."""
SAME_THING = 0.3
"""Wording from which a window that denies a word of the statement denies the statement."""
DIFFERENCES = 20
"""So many missing values of a statement are held against those of its window; one that differs is enough."""
ABSENT, REPLACED, ELSEWHERE, UNNAMED, OPPOSED = 0.3, 0.35, 0.75, 0.45, 0.3
"""What is left of a statement's score when a value of it stands in no source, when another stands in its place, when it
stands elsewhere in the sources only, when a name stands in no source, and when the window says the opposite."""


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

    @property
    def speaks_against(self) -> bool:
        """Whether something of it is not merely unfound but otherwise in the sources, or has no place in them."""
        return bool(self.absent or self.differences or self.unnamed or self.opposition)


NOTHING = Finding(likeness=0.0, wording=0.0)


class Grounds:
    """Sources as a whole, read once, that any number of statements are held against."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Cut the sources into windows."""
        self._texts = [f"{source.context}\n{source.text}" for source in sources]
        self.evidence = Evidence(sources)

    def find(self, statement: str, supports: Sequence[Support]) -> Finding:
        """Hold a statement against its nearest windows, best first."""
        if not supports:
            return NOTHING
        support, text = supports[0], self.evidence.text_of(supports[0].window)
        values = [value for value in values_of(statement) if not is_article(value, text)]
        absent = tuple(value for value in missing(values, self._values) if value.text.lower() not in FEW or value.unit)
        wording = support.wording
        likeness = wording
        if not text.startswith("|"):  # a table row has no running words
            likeness = (wording + sum(self._vocabulary.shares(statement))) / 3
        absent_here = tuple(value for value in support.missing if value in values)
        differences = _differences(values, support, absent_here)
        unnamed = tuple(self._words.missing(names_of(statement)))
        opposition = self._opposition(statement, support) if wording >= SAME_THING else None
        score = likeness
        if absent:
            score *= ABSENT
        elif differences:
            score *= REPLACED
        elif absent_here:
            score *= ELSEWHERE
        score *= (UNNAMED if unnamed else 1) * (OPPOSED if opposition else 1)
        return Finding(
            likeness=likeness,
            wording=wording,
            score=score,
            absent=absent,
            differences=differences,
            elsewhere=tuple(value for value in absent_here if value not in absent),
            unnamed=unnamed,
            opposition=opposition,
        )

    def _opposition(self, statement: str, support: Support) -> Opposition | None:
        claimed, given = tendency(statement), tendency(self.evidence.text_of(support.window))
        return denial(claimed, given) or reversal(claimed, given)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._texts)

    @cached_property
    def _values(self) -> Known:
        return Known(self.evidence.values)

    @cached_property
    def _words(self) -> Words:
        return Words(self._texts)


def _differences(values: Sequence[Value], support: Support, absent: Sequence[Value]) -> tuple[Difference, ...]:
    """Return the missing values in whose place the window has another one that the statement does not give."""
    free = missing(support.window.values, values)
    pairs = [(value, rivals(value, free)) for value in absent[:DIFFERENCES]]
    return tuple(Difference(claimed=value, given=others[0]) for value, others in pairs if others)
