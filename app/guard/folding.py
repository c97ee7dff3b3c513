"""Words in other letters than they seem, or are listed, to have. Knows letters only.

The lists of names hold small letters of the Latin alphabet without marks.
"""
# ruff: noqa: RUF001 (letters of other languages are meant)

import re
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


_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅԌαινορυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijsdhqwABEKMHOPCTYXIJSGaivopuABEZHIKMNOPTYX",
)
"""Letters of the Cyrillic and the Greek alphabet that look like Latin ones. Source: Unicode's confusables.txt."""
_WORD_BEYOND_ASCII = re.compile(r"(?<!\w)\w*[^\W\x00-\x7f]\w*")
_LATIN = re.compile("[a-zA-Z]")


def as_it_looks(text: str) -> str:
    """Return a text of the same length with the Latin letters a reader sees.

    Bold or wide letters become plain ones, and so do those of other alphabets in the midst of Latin ones.
    """
    return text if text.isascii() else _WORD_BEYOND_ASCII.sub(lambda found: _plain(found[0]), text)


def _plain(word: str) -> str:
    plain = "".join(map(_plain_letter, word))
    return plain.translate(_LOOKALIKES) if _LATIN.search(plain) else plain


def _plain_letter(letter: str) -> str:
    plain = unicodedata.normalize("NFKC", letter)
    return plain if len(plain) == 1 and plain.isascii() else letter
