"""Words as the lists of names hold them: small letters of the Latin alphabet without marks."""
# ruff: noqa: RUF001 (letters of other languages are meant)

import unicodedata

_OTHERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ß": "ss"}
)


def folded(word: str) -> str:
    """Return a word in small letters and without marks: "Ångström" and "ANGSTROM" are one."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFD", word.lower()).translate(_OTHERS)
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
