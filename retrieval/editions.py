"""What a file's name says about which version of a document it is: "travel-policy-v2", "Leave 2025-03 final".

Knows names only. Two names are of one document when nothing but the marks of a version tells them apart; which is the
newer is said only where both carry the same kind of mark, or one carries none and the other a number above 1.
"""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_. ]?(0[1-9]|1[0-2])(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_NUMBER = re.compile(r"(?:^|[-_. (])(?:v|ver|version|rev|revision|ed|edition)[-_. ]?(\d{1,3}(?:\.\d{1,3}){0,2})(?!\d)")
_COPY = re.compile(r" ?\((\d{1,2})\)$")
_WORDS = re.compile(r"(?:^|[-_. (])(?:final|draft|copy|old|new|latest|neu|alt|entwurf|kopie|copie)(?=$|[-_. )])")
_BETWEEN = re.compile(r"[-_. ()]+")
_FEWEST_LETTERS = 4
"""A shorter name tells nothing: every report.pdf would be a version of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What a name says."""

    of: str
    """What is left of the name without marks of a version, its folder included; "" where that tells nothing."""
    date: tuple[int, ...] = ()
    number: tuple[int, ...] = ()

    def is_older_than(self, other: "Edition") -> bool:
        """Whether the names say that this one is the older of two versions of one document."""
        if not self.of or self.of != other.of:
            return False
        if self.date and other.date and self.date[: len(other.date)] != other.date[: len(self.date)]:
            return self.date < other.date
        if self.number and other.number:
            return self.number < other.number
        return not (self.number or self.date or other.date) and other.number > (1,)


def edition_of(name: str) -> Edition:
    """Return what a document's name says about its version."""
    path = PurePosixPath(name)
    stem = path.stem.lower()
    dates = [tuple(int(part) for part in found.groups() if part) for found in _DATE.finditer(stem)]
    rest = _DATE.sub(" ", stem)
    numbers = [tuple(int(part) for part in found[1].split(".")) for found in _NUMBER.finditer(rest)]
    rest = _COPY.sub(" ", _WORDS.sub(" ", _NUMBER.sub(" ", rest)))
    left = " ".join(part for part in _BETWEEN.split(rest) if part)
    telling = sum(letter.isalpha() for letter in left) >= _FEWEST_LETTERS
    return Edition(
        of=f"{path.parent.as_posix()}/{left}" if telling else "",
        date=max(dates, default=()),
        number=max(numbers, default=()),
    )
