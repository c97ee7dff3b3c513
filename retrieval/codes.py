"""Numbers, codes and names as one term however they are written: SF-1012 and SF1012, 4,711 and 4711, v2.3.1, C++.

Such a term stands beside those of its parts (retrieval/words.py), so that either spelling finds the other. It holds
letters and digits, and for a sign that means something a character no text can write: 3.5 is not 35, C++ not C.
"""

import re
from collections.abc import Iterator

_NUMBER = re.compile(r"(?<![^\W_])v?(\d+(?:[.,'\u2019]\d+)+)(?![^\W_])")
_THOUSANDS = re.compile(r"(\d{1,3}(?:([.,'\u2019])\d{3})(?:\2\d{3})*)(?:[.,](\d+))?")
_CODE = re.compile(r"(?<![^\W_])[^\W_]++(?:[-\u2010/_&][^\W_]+)+")
_SIGNED = re.compile(r"(?<![^\W_])([^\W\d_][^\W_]{0,19}+)(\+\+|\+|#)(?![\w+#])")
_DOTTED = re.compile(r"(?<![\w.])\.[^\W\d_][^\W_]{1,19}")
_SIGNS = re.compile(r"[-\u2010/_&]")
_MEANT = str.maketrans({".": "\ue000", ",": "\ue000", "'": "\ue000", "\u2019": "\ue000", "+": "\ue001", "#": "\ue002"})
"""Private characters: FTS5 takes them for letters (m0001), and no word of a text holds one."""
MOST_CHARACTERS = 40
"""A longer run is an address or a path."""


def codes(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where each code or number of a text in lower case stands that has several parts, and its one term."""
    for found in _NUMBER.finditer(text):
        if len(found[0]) <= MOST_CHARACTERS:
            yield *found.span(), _number(found[1])
    for found in _CODE.finditer(text):
        if len(found[0]) <= MOST_CHARACTERS and ("&" in found[0] or any(map(str.isdigit, found[0]))):
            yield *found.span(), _SIGNS.sub("", found[0])
    for pattern in (_SIGNED, _DOTTED):
        for found in pattern.finditer(text):
            yield *found.span(), found[0].translate(_MEANT)


def _number(written: str) -> str:
    """Return one spelling of a number, a date or a version: no sign between thousands, the same one for all others."""
    thousands = _THOUSANDS.fullmatch(written)
    if thousands is None:
        return written.translate(_MEANT)
    whole = thousands[1].replace(thousands[2], "")
    return f"{whole}.{thousands[3]}".translate(_MEANT) if thousands[3] else whole
