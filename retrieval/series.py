"""Documents that are a series: monthly minutes, weekly reports, each of a time of its own.

Knows names, titles and how texts begin, with English and German months. Three documents or more whose names or titles
differ in nothing but dates and numbers, each with its own day, week, month or quarter, state what was so at their
times. Years alone are no such times: the policies of 2023, 2024 and 2025 are versions of one document, of which the
last one counts (retrieval/editions.py).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from retrieval.editions import edition_of

FEWEST = 3
"""Documents of a series: two may be two versions."""
BEGINNING = 400
"""Characters of a document in which its own date stands, where its name and title have none."""
_MONTHS = """jan(?:uary|uar)? feb(?:ruary|ruar)? mar(?:ch)?|märz apr(?:il)? may|mai june?|juni july?|juli aug(?:ust)?
sep(?:t|tember)? o[ck]t(?:ober)? nov(?:ember)? de[cz](?:ember)?"""
_NAMED = [re.compile(rf"(?:{pattern})\.?", re.IGNORECASE) for pattern in _MONTHS.split()]
_MONTH = rf"(?P<month>\b(?:{'|'.join(_MONTHS.split())})\b\.?)"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_TIMES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}[-_. /]?(?P<month>0[1-9]|1[0-2])(?:[-_. /]?(?P<day>0[1-9]|[12]\d|3[01]))?(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})[-_. /](?P<month>\d{{1,2}})[-_. /]{_YEAR}(?!\d)",
        rf"(?<!\d)(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[-_. ]+(?:of )?{_MONTH}[-_., ]*{_YEAR}",
        rf"{_MONTH}[-_. ]+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-_., ]+{_YEAR}",
        rf"{_MONTH}[-_., ]*{_YEAR}",
        rf"(?<!\d){_YEAR}[-_. ]+{_MONTH}",
        rf"\b(?P<part>(?:q|w|week|kw)[-_. ]?\d{{1,2}})[-_., /]*{_YEAR}",
        rf"(?<!\d){_YEAR}[-_. /]*(?P<part>(?:q|w|week|kw)[-_. ]?\d{{1,2}})\b",
    )
)
_YEAR_ALONE = re.compile(r"(?<![\d.,])(?:19|20)\d\d(?![\d.,]\d|\d)")
_LOOSE = re.compile(rf"\d+(?:st|nd|rd|th)?|{_MONTH}", re.IGNORECASE)
_BETWEEN = re.compile(r"[-_.,/() ]+")
_FEWEST_LETTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document as a series knows it."""

    document_id: str
    name: str
    title: str
    beginning: str
    """Of its text."""

    @property
    def time(self) -> str:
        """When it is of: what its name says, else its title, else its first lines; "" where none does.

        So too where name or title say only which version it is, a year or a number behind "v".
        """
        named = [*times_of(self.name), *times_of(self.title)]
        if named:
            return named[0]
        edition = edition_of(self.name)
        version = edition.number or edition.date or _YEAR_ALONE.search(self.title)
        return "" if version else next(iter(times_of(self.beginning[:BEGINNING])), "")

    @property
    def kinds(self) -> frozenset[str]:
        """What its name and its title are without dates and numbers, as far as they have any and tell something."""
        path = PurePosixPath(self.name)
        return frozenset({f"/{kind_of(str(path.with_suffix('')))}", kind_of(self.title)} - {"/", ""})


def kind_of(title: str) -> str:
    """Return a name or title with # for each date or number; "" where it has none, or hardly a letter besides."""
    rest = title
    for pattern in _TIMES:
        rest = pattern.sub(" # ", rest)
    rest = _BETWEEN.sub(" ", _LOOSE.sub(" # ", rest)).strip().lower()
    telling = sum(letter.isalpha() for letter in rest) >= _FEWEST_LETTERS
    return re.sub(r"#(?: #)*", "#", rest) if "#" in rest and telling else ""


def pattern_of(kind: str) -> str:
    """Return an SQL pattern, for LIKE with a backslash, that every name or title of a kind has, and few others."""
    words = [re.sub(r"([%_\\])", r"\\\1", word) for word in kind.strip("/").split() if word != "#"]
    return f"%{'%'.join(words)}%"


def times_of(text: str) -> list[str]:
    """Return the days, weeks, months and quarters that a text names, in order: "2024-03-05", "2024-03", "2024 q1"."""
    found: list[tuple[int, str]] = []
    for pattern in _TIMES:
        told = ((match.start(), _time(match.groupdict())) for match in pattern.finditer(text))
        found += [(place, time) for place, time in told if time]
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return [told for _, told in sorted(found)]


def _time(parts: dict[str, str | None]) -> str:
    year, part = parts["year"], parts.get("part")
    if part:
        kind = {"q": "q", "w": "w", "k": "w"}[part[0].lower()]
        return f"{year} {kind}{int(''.join(filter(str.isdigit, part)))}"
    month = _month(parts["month"] or "")
    day = parts.get("day")
    return f"{year}-{month:02}" + (f"-{int(day):02}" if day else "") if 1 <= month <= len(_NAMED) else ""


def _month(written: str) -> int:
    """Return which month it is, from 1; 0 for none."""
    if written.isdigit():
        return int(written)
    return next((number for number, named in enumerate(_NAMED, start=1) if named.fullmatch(written)), 0)


def series_of(one: Member, others: Iterable[Member]) -> dict[str, str]:
    """Return the ids and times of the documents that are a series with this one, itself included; none where none."""
    times = {member.document_id: member.time for member in (one, *others) if member.kinds & one.kinds}
    known = {document_id: time for document_id, time in times.items() if time}
    return known if one.document_id in known and len(set(known.values())) >= FEWEST else {}


def of_one_time(sentence: str, other: str) -> bool:
    """Whether two sentences name the same time, be it a year: then they speak of it, whenever their documents do."""
    return bool(_named(sentence) & _named(other))


def _named(sentence: str) -> set[str]:
    rest = sentence
    for pattern in _TIMES:
        rest = pattern.sub(" ", rest)
    return {*times_of(sentence), *_YEAR_ALONE.findall(rest)}
