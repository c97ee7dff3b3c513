"""Numbers that are spelt: "two hundred and forty", "one thousand, two hundred", "a dozen".

Knows English words of lower case; no unit, no value.
"""

import re

_BELOW_TWENTY = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
_ONES = _BELOW_TWENTY.split()
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORTH = {word: number for number, word in enumerate(_ONES)} | {
    word: 10 * number for number, word in enumerate(_TENS, start=2)
}
SCALES = {
    "dozen": 12, "hundred": 100, "thousand": 1000, "k": 1000, "million": 10**6, "m": 10**6, "billion": 10**9,
    "bn": 10**9,
}  # fmt: skip
_LARGE = r"\s+(?:thousand|million|billion)\b"
_BELOW_HUNDRED = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_ONES[1:10])}))?|{'|'.join(_ONES)})"
_BEGINNING = rf"(?:{_BELOW_HUNDRED}\b|\ba(?=\s+(?:dozen|hundred|thousand|million|billion)\b))"
_BELOW_THOUSAND = rf"{_BEGINNING}(?:\s+(?:dozen\b|hundred\b(?:\s+(?:and\s+)?{_BELOW_HUNDRED}\b(?!\s+hundred\b))?))?"
SPELT = rf"{_BELOW_THOUSAND}(?:{_LARGE},?\s+(?:and\s+)?{_BELOW_THOUSAND})*"
"""Pattern of a spelt number, but for a scale at its end: "three hundred" of "three hundred thousand"."""
MAY_SPELL = rf"\b{_BEGINNING}"
"""Pattern of how any begins; most sentences have none."""
_WHOLE = re.compile(rf"\b{SPELT}(?:{_LARGE})?(?!\w)")
_MAY_SPELL = re.compile(MAY_SPELL)


def spelt(words: str) -> int:
    """Return the number some words mean."""
    whole = part = 0
    for word in re.findall(r"[a-z]+", words):
        scale = SCALES.get(word, 0)
        if word == "a":
            part = 1
        elif scale > 100:  # noqa: PLR2004 - a hundred belongs to what stands around it
            whole, part = whole + part * scale, 0
        else:
            part = part * scale if scale else part + _WORTH.get(word, 0)
    return whole + part


def in_digits(text: str) -> str:
    """Return a text in lower case with the numbers it spells written in digits; "one" alone stays a word."""
    lowered = text.lower()
    return _WHOLE.sub(_digits, lowered) if _MAY_SPELL.search(lowered) else lowered


def _digits(found: re.Match[str]) -> str:
    return found[0] if found[0] in {"one", "zero"} else str(spelt(found[0]))
