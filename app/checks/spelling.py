"""What else a code may be written as, so that it is not taken for missing: in one word or two, by initials, introduced.

"NIH 3T3" is "NIH3T3", "SREBP2" the "sterol regulatory element-binding protein-2", and "Internet Crime Complaint Center
(IC3)" says itself what IC3 is. Knows letters and digits; no value, no window.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

_PART = re.compile(r"[^\W_]+")
_LETTERS_AND_DIGITS = re.compile(r"[a-z]{2,8}\d{1,4}")
_LEAST_LETTERS = 3
"""Of initials: any two letters begin two neighbouring words somewhere."""
_BEFORE = 60
"""Characters before a bracket that may hold the words it abbreviates."""


class Spellings:
    """The words of some texts, as codes may be made of them."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Read the texts."""
        read = [_parts(text) for text in texts]
        self._joined = frozenset(one + other for parts in read for one, other in pairwise(parts))
        self._alone = frozenset(part for parts in read for part in parts)
        self._initials = [_initials(parts) for parts in read]

    def __contains__(self, code: str) -> bool:
        """Whether a code, in small letters and digits, stands there in two parts or is made of initials."""
        return code in self._joined or (
            len(code.rstrip("0123456789")) >= _LEAST_LETTERS
            and _LETTERS_AND_DIGITS.fullmatch(code) is not None
            and any(code in initials for initials in self._initials)
        )

    def hold_joined(self, statement: str, written: str) -> bool:
        """Whether something stands there in one word with what is before it in the statement: "BRCA 1" as "BRCA1"."""
        found = re.search(rf"([^\W_]+)[-\s]{re.escape(written)}(?![^\W_])", statement)
        return found is not None and "".join(_parts(found[0])) in self._alone


def introduced(statement: str, written: str) -> bool:
    """Whether a statement says itself what a code stands for: it follows, in brackets, the words it is made of."""
    place = statement.find(f"({written})")
    letters = "".join(filter(str.isalpha, written.lower()))
    before = _initials(_parts(statement[max(place - _BEFORE, 0) : max(place, 0)]))
    return len(letters) > 0 and re.search(rf"{letters[0]}[^\W_]*$", before) is not None and letters in before


def _parts(text: str) -> list[str]:
    return _PART.findall(text.lower())


def _initials(parts: Sequence[str]) -> str:
    """Return the first letters of words, and numbers whole."""
    return "".join(part if part.isdigit() else part[0] for part in parts)
