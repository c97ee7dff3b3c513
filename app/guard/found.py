"""A place in a text that holds personal data, and what to do where several were found in the same place."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Type = Literal[
    "PERSON",
    "STREET_ADDRESS",
    "CREDIT_CARD",
    "PHONE_NUMBER",
    "EMAIL_ADDRESS",
    "IBAN_CODE",
    "US_SSN",
    "NATIONAL_ID",
    "IP_ADDRESS",
    "AGE",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Personal data in a text, from `start` to before `end`."""

    type: Type
    start: int
    end: int


def without_overlaps(found: Iterable[Found]) -> list[Found]:
    """Return what was found in its order in the text; of two that overlap the one that was given first stays."""
    taken: list[Found] = []
    spans: list[tuple[int, int]] = []
    kept = sorted(enumerate(found), key=lambda each: (each[1].start, each[0]))
    for rank, one in kept:
        while spans and spans[-1][1] > one.start and spans[-1][0] > rank:
            spans.pop()
            taken.pop()
        if not spans or spans[-1][1] <= one.start:
            taken.append(one)
            spans.append((rank, one.end))
    return taken
