"""Typed values in a text: amounts, dates, times, codes, and whether two texts give the same ones.

Knows how values are written ("1,200" = "1200" = "1.2 thousand", "3 May 2024" = "2024-05-03", "twelve weeks" =
"12 weeks"); knows nothing about what they mean.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from app.checks.numbers import MAY_SPELL, SCALES, SPELT, spelt

FEW = 16
"""So many values are looked through without being sorted."""
ValueKind = Literal["number", "money", "percent", "date", "time", "code"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value as it is meant, and as it is written."""

    kind: ValueKind
    canonical: str
    """The same for every way of writing it: "1200", "2024-05-03" ("*-05-03" without a year), "17:00", "sf1034"."""
    unit: str
    """For numbers the singular of the unit after it ("week"), or ""."""
    text: str


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SAME_UNIT = {
    "hr": "hour", "yr": "year", "min": "minute", "sec": "second", "metre": "meter", "kilometre": "km",
    "kilometer": "km",
    "litre": "liter", "gram": "g", "kilogram": "kg", "kilo": "kg", "lb": "pound", "ft": "foot", "feet": "foot",
    "centimeter": "cm", "centimetre": "cm", "millimeter": "mm", "millimetre": "mm", "milligram": "mg", "inche": "inch",
    "centurie": "century", "mo": "month", "wk": "week", "tonne": "ton", "mi": "mile",
    "dollar": "$", "usd": "$", "euro": "€", "eur": "€", "gbp": "£", "jpy": "¥",
}  # fmt: skip

_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,6}(?:\.\d+)?|\d+(?:\.\d+)?)"
_NUMBER = rf"(?P<number>{_DIGITS}|{SPELT})(?:\s?(?P<scale>dozen|hundred|thousand|million|billion|bn|(?<=\d)[km])\b)?"
_LETTERED = r"(?:[a-z]+[-.]?\d[\w-]*|\d+-?[a-z][\w-]*)"
_MONTH = (
    r"(?P<month>(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?)"
)
_VERBS = ("may", "march")
"""Months that are verbs too: "Rule 3 may apply"."""
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ARTICLE = r"\b(?:an?|single|each|every|any|per)[-\s]+(?:(?:single|full|given|calendar|business|working|work)[-\s]+)*"
_CURRENCY = r"(?P<unit>[$€£¥]|\b(?:usd|eur|gbp|jpy)\b)"
_BETWEEN = r"(?:(?:full|paid|unpaid|business|working|work|calendar|consecutive|additional|more)[-\s]+)*"
_UNITS = """seconds? secs? minutes? mins? hours? hrs? days? weeks? wks? months? years? yrs? quarters? decades?
centur(?:y|ies) miles? mi kilomet(?:er|re)s? km centimet(?:er|re)s? cm millimet(?:er|re)s? mm nm met(?:er|re)s? feet
foot ft inch(?:es)? yards? acres? hectares? pounds? lbs? kilo(?:gram)?s? kg milligrams? mg grams? g tons? tonnes?
lit(?:er|re)s? ml gallons? [kgmt]b ppm volts? watts? kw kwh hz mhz ghz kcal calories degrees? points? fold characters?
words? pages? people persons? employees times"""
_UNIT = rf"(?P<unit>{'|'.join(_UNITS.split())})"


def _amount(found: re.Match[str]) -> str:
    """Return the number meant, in plain digits."""
    written, scale = found["number"].replace(",", ""), found["scale"] or ""
    if written[0].isdigit():
        return f"{(Decimal(written) * SCALES.get(scale, 1)).normalize():f}"
    return str(spelt(f"{written} {scale}"))


def _date(found: re.Match[str]) -> str:
    """Return year-month-day, with * for a year that is not given and no day where there is none."""
    part = found.groupdict()
    month = part["month"]
    number = int(month) if month.isdigit() else 1 + _MONTHS.index(month[:3])
    return f"{part.get('year') or '*'}-{number:02}" + (f"-{int(part['day']):02}" if part.get("day") else "")


def _either(found: re.Match[str]) -> str:
    """Return a date whose day and month may stand either way round, the smaller of the two first."""
    return f"{found['year']}~" + "~".join(sorted(f"{int(found[part]):02}" for part in ("one", "two")))


def _time(found: re.Match[str]) -> str:
    """Return hours and minutes on a clock of 24 hours."""
    hour = int(found["hour"])
    half = found.groupdict().get("half")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{found['minute'] or '00'}"


def _code(found: re.Match[str]) -> str:
    """Return letters and digits only."""
    return re.sub(r"[^\w@]|_", "", _WORD_BEHIND.sub("", found.groupdict().get("code") or found.group()))


_WORD_BEHIND = re.compile(r"(?<=\d)-[a-z]{3,}$")
"""What is said of a code: "NLRP3-dependent"."""
_RULES: tuple[tuple[ValueKind, re.Pattern[str], Callable[[re.Match[str]], str]], ...] = tuple(
    (kind, re.compile(pattern), read)  # type: ignore[misc]
    for kind, pattern, read in (
        ("code", r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", _code),
        ("date", rf"\b(?P<one>[0-3]?\d)[/.](?P<two>[0-3]?\d)[/.]{_YEAR}\b", _either),
        ("date", rf"\b{_YEAR}-(?P<month>0\d|1[0-2])-(?P<day>[0-3]\d)\b", _date),
        ("date", rf"\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR}\b)?", _date),
        ("date", rf"\b{_MONTH}\s+{_DAY}\b(?:,?\s+{_YEAR}\b)?", _date),
        ("date", rf"\b{_MONTH},?\s+{_YEAR}\b", _date),
        ("time", r"\b(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?\s?(?P<half>[ap])\.?m\b", _time),
        ("time", r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)\b", _time),
        ("code", r"\(?\b\d{3}\)?[-\s.]\s?\d{3}[-.]\d{4}\b", _code),
        ("money", rf"{_CURRENCY}\s?{_NUMBER}", _amount),
        ("money", rf"(?<![\w.]){_NUMBER}\s?(?P<unit>[$€£¥]|(?:usd|eur|gbp|jpy|dollars?|euros?)\b)", _amount),
        ("percent", rf"(?<![\w.]){_NUMBER}\s?(?:%|per\s?cent\b|(?=(?:-|–|to|and)\s?{_DIGITS}\s?%))", _amount),  # noqa: RUF001
        ("number", rf"(?<![\w.]){_NUMBER}[-\s]*{_BETWEEN}{_UNIT}\b", _amount),
        ("code", rf"(?<![\w-])(?:[a-z]{{3,}}-)?(?P<code>{_LETTERED})(?<!st)(?<!nd)(?<!rd)(?<!th)\b", _code),
        ("number", rf"(?<![\w.])(?<!24/){_NUMBER}(?:st|nd|rd|th)?(?!\w)", _amount),
    )
)
_RAISED_POINT = re.compile(r"(?<=\d)·(?=\d)")
"""British journals write 11·9 for 11.9."""
_MAY_HOLD = re.compile(rf"[\d@]|{MAY_SPELL}")
"""Most sentences hold no value; this tells in a hundredth of the time the rules need."""


def values_of(text: str) -> list[Value]:
    """Return the typed values of a text, in order. "One" or "1" alone counts as a word, not as a number."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text  # a few letters change length when lowered; their places matter more than their case
    lowered = _RAISED_POINT.sub(".", lowered)
    found: list[tuple[int, Value]] = []
    for kind, pattern, read in _RULES if _MAY_HOLD.search(lowered) else ():
        taken, place = [], 0
        for match in pattern.finditer(lowered):
            start, end = match.span()
            if kind == "date" and _is_a_verb(match, text):
                continue
            taken += [lowered[place:start], "\0" * (end - start)]  # so that no later rule reads it again
            place = end
            written = text[start:end].strip()
            if written.lower() not in {"one", "zero", "1"}:
                found.append((start, _value(kind, read(match), match, written)))
        lowered = "".join([*taken, lowered[place:]]) if taken else lowered
    return [value for _, value in sorted(found, key=lambda item: item[0])]


def is_article(value: Value, text: str) -> bool:
    """Whether a value is "one day" where the text says "a day", "a single day" or "each day": that counts nothing."""
    if not (value.unit and value.canonical == "1" and value.text.lower().startswith("one")):
        return False
    return re.search(rf"{_ARTICLE}{re.escape(value.unit)}\b", text.lower()) is not None


def _is_a_verb(match: re.Match[str], text: str) -> bool:
    """Whether what looks like a month is none: it has no capital, and neither a year nor "of" beside it."""
    part = match.groupdict()
    if part.get("month") not in _VERBS or part.get("year") or "of" in match.group().split():
        return False
    return not text[match.start("month")].isupper()


def _value(kind: ValueKind, canonical: str, match: re.Match[str], written: str) -> Value:
    unit = "%" if kind == "percent" else (match.groupdict().get("unit") or "").rstrip("s")
    return Value(kind=kind, canonical=canonical, unit=_SAME_UNIT.get(unit, unit), text=written)


def same(claimed: Value, given: Value) -> bool:
    """Whether a claimed value agrees with a given one, which may say more than it.

    The same amount in the same unit, where a missing unit agrees with any ("12" with "12 weeks"), or one with
    fewer decimals ("76 %" with "76.3 %"); the same date, or the part of it that is claimed, where a missing year agrees
    with any.
    """
    if given.kind == "date":
        return _same_date(claimed, given)
    if claimed.unit and given.unit and claimed.unit != given.unit:
        return False
    if claimed.canonical != given.canonical and claimed.canonical not in _rounded(given):
        return False
    return claimed.kind == given.kind or ("number" in (claimed.kind, given.kind) and not (claimed.unit and given.unit))


def _rounded(given: Value) -> list[str]:
    """Return an amount with fewer decimals, as far as two digits of it are kept."""
    whole, _, decimals = given.canonical.partition(".")
    if not decimals or given.kind not in {"number", "percent", "money"}:
        return []
    places = range(max(2 - len(whole.lstrip("0")), 0), len(decimals))
    exact = Decimal(given.canonical)
    return [f"{exact.quantize(Decimal(1).scaleb(-place), ROUND_HALF_UP).normalize():f}" for place in places]


def _same_date(claimed: Value, given: Value) -> bool:
    """Compare with a date: a bare number may be its year."""
    if claimed.kind != "date":
        return claimed.kind == "number" and claimed.canonical == given.canonical[:4]
    if "~" in claimed.canonical or "~" in given.canonical:
        return _parts(claimed) == _parts(given)
    (year, *day), (given_year, *given_day) = (value.canonical.split("-") for value in (claimed, given))
    return day == given_day[: len(day)] and (year == given_year or "*" in (year, given_year))


def _parts(date: Value) -> list[str]:
    return sorted(re.split("[-~]", date.canonical))


def rivals(claimed: Value, given: Iterable[Value]) -> list[Value]:
    """Return the given values that could stand in a claimed value's place: of its kind, in a unit it may have."""
    return [other for other in given if other.kind == claimed.kind and _comparable(claimed, other)]


def _comparable(one: Value, other: Value) -> bool:
    return (
        one.kind != "number"
        or not (one.unit and other.unit)
        or one.unit == other.unit
        or one.canonical == other.canonical
    )


class Known:
    """Values that others are looked for among: a thousand of them cost a look no more than ten."""

    def __init__(self, values: Iterable[Value]) -> None:
        """Sort the values by what they can be found by."""
        self._found_by: dict[str, dict[tuple[str, str, str], Value]] = {}
        for value in values:
            for key in found_by(value):
                alike = self._found_by.setdefault(key, {})
                alike.setdefault((value.kind, value.canonical, value.unit), value)

    def __contains__(self, claimed: Value) -> bool:
        """Whether one of them agrees with a claimed value."""
        return any(
            same(claimed, other) for key in looked_for(claimed) for other in self._found_by.get(key, {}).values()
        )


def found_by(given: Value) -> Iterator[str]:
    """Yield every key that a given value is found by."""
    if given.kind != "date":
        yield given.canonical
        yield from _rounded(given)
        return
    yield f"year {given.canonical[:4]}"
    yield "~".join(_parts(given))
    if "~" not in given.canonical:
        year, *day = given.canonical.split("-")
        for length in range(1, len(day) + 1):
            rest = "-".join(day[:length])
            yield f"any {rest}"
            yield f"{year} {rest}"


def looked_for(claimed: Value) -> Iterator[str]:
    """Yield the keys under which whatever agrees with a claimed value is found."""
    if claimed.kind != "date":
        yield claimed.canonical
        if claimed.kind == "number":
            yield f"year {claimed.canonical}"
        return
    yield "~".join(_parts(claimed))
    if "~" not in claimed.canonical:
        year, *day = claimed.canonical.split("-")
        rest = "-".join(day)
        yield from (f"any {rest}",) if year == "*" else (f"{year} {rest}", f"* {rest}")


def missing(claimed: Iterable[Value], given: Iterable[Value] | Known) -> list[Value]:
    """Return the claimed values that agree with none of those given."""
    values = list(claimed)
    if not values:
        return []
    if not isinstance(given, Known):
        others = list(given)
        if len(others) <= FEW:
            return [value for value in values if not any(same(value, other) for other in others)]
        given = Known(others)
    return [value for value in values if value not in given]
