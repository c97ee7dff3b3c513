"""Do two answers to the same question say the same? Values, denials and opposites, and enough words in common.

Knows texts only: no model, no store. An answer that gives one value more, or leaves one out, is neither the same nor
something else: it says more, or less.
"""

from collections.abc import Sequence

from app.again import Says
from app.checks.conflicts import Words, differences
from app.checks.polarity import denial, reversal, tendency
from app.checks.values import Value, missing, values_of
from app.checks.words import content_words

DECLINED = "The documents do not answer this question."
"""Stands for a refusal, in whatever words: it agrees with no answer."""
LIKE = 0.5
"""Share of the content words of the shorter of two answers that the other has, from which they may say the same."""


def beside(one: str, other: str, *, question: str = "") -> Says:
    """Return what the other answer says beside the first; a value that the question gives already tells nothing."""
    if one == other:
        return "same"
    if DECLINED in {one, other}:
        return "else"
    given = values_of(question)
    ours, theirs = _told(one, given), _told(other, given)
    lacking, added = missing(ours, theirs), missing(theirs, ours)
    if (lacking and added) or any(True for _ in differences(Words(one), Words(other))) or _opposed(one, other):
        return "else"
    if not _alike(one, other):
        return "else"
    return "more" if added else "less" if lacking else "same"


def clustered(texts: Sequence[str], *, question: str = "") -> list[list[str]]:
    """Return the texts in groups that say the same, the largest first; each goes with the first it agrees with."""
    groups: list[list[str]] = []
    for text in texts:
        group = next((one for one in groups if beside(one[0], text, question=question) == "same"), None)
        if group is None:
            groups.append([text])
        else:
            group.append(text)
    return sorted(groups, key=len, reverse=True)


def _told(text: str, given: Sequence[Value]) -> list[Value]:
    """Return the values of an answer that the question does not give."""
    return missing(values_of(text), given)


def _alike(one: str, other: str) -> bool:
    """Whether two answers speak of the same."""
    words, others = set(content_words(one)), set(content_words(other))
    fewer = min(len(words), len(others))
    return bool(fewer and len(words & others) >= LIKE * fewer) or " ".join(one.split()) == " ".join(other.split())


def _opposed(one: str, other: str) -> bool:
    """Whether one answer denies what the other says, or turns it round: "optional" for "required"."""
    ours, theirs = tendency(one), tendency(other)
    denied = bool(denial(ours, theirs) or denial(theirs, ours))
    turned = bool(reversal(ours, theirs) and reversal(theirs, ours))
    return denied != turned  # "prohibited" and "not allowed" are both
