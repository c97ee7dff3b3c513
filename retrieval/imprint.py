"""What a document says of itself at its beginning: who answers for it, and since when it holds.

Knows English words for both; knows no store. What is not said there is "".
"""

import re
from dataclasses import dataclass

CHARACTERS = 1_000
"""Of the beginning that are looked at."""
_END = r"[*_]*\s*[:|]\s*[*_|]*\s*(?P<said>[^·|\n*]{2,60}?)\s*(?:[·|*\n;]|\s-\s|\s{2,}|$)"
_OWNER = re.compile(rf"\b(?:document |policy )?owner{_END}", re.IGNORECASE)
_DATED = re.compile(
    r"\b(?P<what>valid (?:from|since)|effective(?: date| from)?|in force from|(?:last )?(?:updated|revised|reviewed)|"
    r"date)" + _END,
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """What is said."""

    owner: str = ""
    dated: str = ""
    """With what the date is of: "valid from 1 January 2024"."""


def imprint_of(text: str) -> Imprint:
    """Return what the beginning of a document says."""
    start = text[:CHARACTERS]
    owner, dated = _OWNER.search(start), _DATED.search(start)
    of_date = f"{dated['what'].lower()} {dated['said']}" if dated and any(map(str.isdigit, dated["said"])) else ""
    return Imprint(owner=owner["said"].strip() if owner else "", dated=of_date)
