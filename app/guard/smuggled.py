"""Text in disguise: instructions written so that a person reads past them and a model may not.

Knows encodings and ciphers people smuggle text in: base 64, hexadecimal, Morse, shifted or reversed letters, digits
for letters, pig Latin, invisible letters, endless repetition. What decodes to nothing readable is data and no sign.
"""

import base64
import binascii
import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

REPETITION = "repetition"
"""Meant to wear a model out; in a document it is a form, a table or a template more often."""
_WORDS_OF_ENGLISH = """the of and to is in that it you for on with as are this be your ignore previous state what a"""
_COMMON = frozenset(_WORDS_OF_ENGLISH.split())
"""Words English text cannot do without."""
_BASE64 = re.compile(r"(?<![\w+/=])[A-Za-z0-9+/]{24,}={0,2}(?![\w+/])")
_HEX = re.compile(r"(?:\b(?:0x)?[0-9a-fA-F]{2}\b[\s,]*){12,}|\b(?:[0-9a-fA-F]{2}){16,}\b")
_MORSE = re.compile(r"(?:[.-]{1,5}(?: / | )){5,}[.-]{1,5}")
_TAGS = re.compile("[\U000e0020-\U000e007e]{8,}")
_REPEATED = re.compile(r"(\b\w{2,30}+\b[?.!]?)(?:\s+\1){14,}|(\b[^.!?\n]{8,60}+[.!?])(?:\s+\2){4,}", re.IGNORECASE)
_LINE = re.compile(r"[^\n]+?(?:[.!?](?=\s)|$)", re.MULTILINE)
_WORDS = re.compile(r"[A-Za-z]+")
_DIGITS = str.maketrans("013457@$", "oleastas")
_LETTERS = re.compile(r"[a-z]+")
_TELLING = frozenset(("ignore", "instructions", "previous", "password", "disregard", "system", "prompt"))
_LONGEST = 4_000
"""Characters of a line that are tried; an attachment pasted into a text is no line."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SHIFTS = [str.maketrans(_ALPHABET, _ALPHABET[shift:] + _ALPHABET[:shift]) for shift in range(1, 26)]
_FEWEST_WORDS = 6
_FEWEST_SIGNS = 4
"""Different signs of Morse: rules of tables repeat one."""
_CLEAR = 0.25
"""Share of common words in what a cipher decodes to; running English has 0.3 to 0.5."""


class Smuggled(NamedTuple):
    """A disguised piece: what kind of disguise, and where."""

    disguise: str
    start: int
    end: int


def smuggled_in(text: str, *, without: Collection[str] = ()) -> Iterator[Smuggled]:
    """Yield the disguised pieces of a text, in other disguises than these."""
    for disguise, pattern, confirms in _DISGUISES:
        if disguise in without:
            continue
        for found in pattern.finditer(text):
            if confirms(found.group()):
                yield Smuggled(disguise, found.start(), found.end())
    for found in _LINE.finditer(text):
        if disguise := _cipher(found.group()[:_LONGEST]):
            yield Smuggled(disguise, found.start(), found.end())


def _cipher(line: str) -> str:
    """Return in which cipher a line is written; "" for none."""
    lowered = line.lower()
    meant = lowered.translate(_DIGITS)
    if meant != lowered and _TELLING & set(_LETTERS.findall(meant)) - set(_LETTERS.findall(lowered)):
        return "digits for letters"
    words = [word.lower() for word in _WORDS.findall(line) if len(word) > 1]
    if len(words) < _FEWEST_WORDS or _share(words) > _CLEAR / 3:
        return ""
    if sum(len(word) > 3 and word.endswith("ay") for word in words) > 0.7 * len(words):  # noqa: PLR2004
        return "pig Latin"
    joined = " ".join(words)
    if _is_english(joined[::-1]):
        return "reversed letters"
    return "shifted letters" if any(_is_english(joined.translate(shift)) for shift in _SHIFTS) else ""


def _is_english(text: str) -> bool:
    words = text.split()
    return len({word for word in words if len(word) > 2} & _COMMON) > 1 and _share(words) > _CLEAR  # noqa: PLR2004


def _share(words: list[str]) -> float:
    return sum(word in _COMMON for word in words) / max(len(words), 1)


def _from_base64(written: str) -> str:
    try:
        return base64.b64decode(written[: len(written) // 4 * 4], validate=False).decode()
    except (binascii.Error, ValueError):
        return ""


def _from_hex(written: str) -> str:
    try:
        return bytes.fromhex(re.sub(r"0x|[\s,]", "", written)).decode()
    except ValueError:
        return ""


def _reads(decoded: str) -> bool:
    """Whether decoded text is something a person could read: several words of letters."""
    letters = sum(character.isalpha() or character.isspace() for character in decoded)
    return decoded.count(" ") > 1 and letters > 0.7 * len(decoded)


_DISGUISES: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("invisible letters", _TAGS, bool),
    ("base 64", _BASE64, lambda written: _reads(_from_base64(written))),
    ("hexadecimal", _HEX, lambda written: _reads(_from_hex(written))),
    ("Morse", _MORSE, lambda written: len(set(written.split())) >= _FEWEST_SIGNS),
    (REPETITION, _REPEATED, bool),
)
