"""Personal data with a form of its own: cards, accounts, identity numbers, telephones, mail, addresses on a network, ages.

Where a number carries a check digit it has to be right; where it does not, the words before it have to say what it is.
Every pattern looks at a bounded number of characters, so that a long text takes time in proportion to its length.
"""
# ruff: noqa: E501, RUF001 (one pattern a line reads better; typographic apostrophes are meant)

import ipaddress
import re
from collections.abc import Callable, Iterator

from app.guard.found import Found, Type

_MAIL = re.compile(r"(?<![\w.+-])[\w.+'-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])", re.IGNORECASE
)
_CARD = re.compile(r"(?<![\w.+=-])\d(?:[ -]?\d){11,18}(?![\w-]|\.\d)")
_SSN = re.compile(r"(?<![\w-])(\d{3})([- .])(\d{2})\2(\d{4})(?![\w-])")
_SSN_BARE = re.compile(r"(?<![\w-])(\d{3})()(\d{2})(\d{4})(?![\w-])")
_IP4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IP6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_AREA = r"(?:\(\d{1,5}\)|\d{1,5})"
_PHONE = re.compile(
    r"(?<![\w/:#$€£%=])(?<!\d[.,-])(?:\+|00)?"
    rf"(?:{_AREA}[ ]?\(0?\d{{0,4}}\)\d{{0,60}}|\(\d{{1,5}}\)\d{{0,60}}|\d{{1,60}})(?:[ .\-/]{{1,2}}\d{{1,60}}){{0,6}}"
    r"(?:\s?(?:x|ext\.?|extension)\s?\d{1,6})?(?![\w%]|[.,:]\d|-\d)",
    re.IGNORECASE,
)
"""Digits that follow one another are one group, so that a long run of them can be read in one way only."""
_CALLED = re.compile(
    r"\b(?:phones?|tele?phone|tel|mobile|cell(?:ular|phone)?|fax|call|calls?\s+(?:me|us|him|her|them)|dial|ring|text|sms|"
    r"whats\s?app|reach|contact|number|no|nr|registered|hotline|messages?\s+to|telefon|handy|tel[eé]fono|t[eé]l[eé]phone)\b"
    r"[^\w\n]{0,4}(?:\w{1,12}[^\w\n]{1,3}){0,3}[^\w\n+(]{0,3}$",
    re.IGNORECASE,
)
_CALLED_AFTER = re.compile(r"^[ \t,;(-]{0,3}(?:office|mobile|fax|home|work|cell|phone|tel|direct|ext)\b", re.IGNORECASE)
_NOT_CALLED = re.compile(
    r"\b(?:account|card|iban|ssn|social security|passport|invoice|order|ticket|case|ref(?:erence)?|id|isbn|zip|postal|version|"
    r"serial|policy|licen[cs]e|tax|section|article|page|room|build|model|item|sku|part|cfr|u\.?s\.?c|form|omb|docket|cage|"
    r"duns|f?ein|naics|rfc|iso|port)\b[^\w\n]{0,3}(?:(?:number|no|nr|num|code|is|#)\b[^\w\n]{0,3}){0,2}$|\b[A-Z]{2}\d{2}(?: [A-Z\d]{4}){0,6} $",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\d{4}[-./ ]\d{1,2}[-./ ]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:19|20)\d{2}|\d{1,2}[-/]\d{1,2}[-/]\d{2})$"
)
_NO_TELEPHONE = re.compile(r"\d{3}-\d{2}-\d{4}$")
"""The form of a social security number, whether it is a possible one or not."""
_YEARS = re.compile(r"(?:1[89]|20)\d\d ?[-/] ?(?:1[89]|20)\d\d$")
_WORD_AGE = (
    r"(?:(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|"
    r"eighteen|nineteen)"
)
_YEARS_OLD = r"(?:1[01]\d|\d{1,2})"
_AGES = (
    re.compile(rf"(?<![\w.$€£-])({_YEARS_OLD}|{_WORD_AGE})[- ]?(?:years?|yrs?|months?|weeks?)[- ](?:old|of age)\b", re.IGNORECASE),
    re.compile(rf"(?<![\w.$€£-])({_YEARS_OLD}) ?(?:y\.?/?o\b|y\.o\.|yo\b|yrs\.? old)", re.IGNORECASE),
    re.compile(rf"\b(?:aged?|age of|age is|ages|aged about)[ :=]{{1,3}}({_YEARS_OLD})\b(?![%.,]?\d|[ -](?:days|hours|minutes|percent))", re.IGNORECASE),
    re.compile(
        rf"\b(?:turn(?:s|ed|ing)?|just turned|celebrat\w{{1,5}} (?:my|his|her|their))[ ](?:just )?({_YEARS_OLD})(?:st|nd|rd|th)?\b"
        r"(?=\s*(?:[.,;!?)\"']|$|\n|this|next|last|on|in|today|tomorrow|yesterday|soon|years?\b|and\b|but\b))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:I|he|she|they|who|and|mother|father|brother|sister|son|daughter|wife|husband|kid|child|patient)"
        rf"(?:['’](?:m|s|re)| am| is| are| was| were)(?: only| just| now| about| almost| already)? ({_YEARS_OLD})\b"
        r"(?=\s*(?:[,;!?)\"']|$|\n|\.(?!\d)|years?\b|and\b|but\b|now\b|when\b))",
        re.IGNORECASE,
    ),
    re.compile(rf",\s({_YEARS_OLD}),\s(?=(?:a|an|who|has|is|was|lives|works)\b)"),
)  # fmt: skip
_CUE_CHARACTERS = 48


def find_numbers(text: str) -> Iterator[Found]:
    """Yield what has a form of its own; what is surer comes first."""
    yield from _each(text, _MAIL, "EMAIL_ADDRESS", lambda _match: True)
    yield from _each(text, _IBAN, "IBAN_CODE", lambda match: is_iban(match[0]))
    yield from _each(text, _CARD, "CREDIT_CARD", lambda match: is_card(match[0]))
    yield from _each(text, _SSN, "US_SSN", lambda match: is_ssn(match[1], match[3], match[4]))
    yield from _each(text, _SSN_BARE, "US_SSN", lambda match: _is_called_ssn(text, match))
    yield from _national(text)
    yield from _each(text, _IP4, "IP_ADDRESS", lambda match: _is_address(match[0]))
    yield from _each(text, _IP6, "IP_ADDRESS", lambda match: _is_address(match[0]))
    for pattern in _AGES:
        for match in pattern.finditer(text):
            yield Found(type="AGE", start=match.start(1), end=match.end(1))


def find_telephones(text: str) -> Iterator[Found]:
    """Yield telephone numbers: by their form, or by what is said beside them."""
    for match in _PHONE.finditer(text):
        if _is_telephone(text, match):
            yield Found(type="PHONE_NUMBER", start=match.start(), end=match.end())


def is_card(text: str) -> bool:
    """Whether 12 to 19 digits are the number of a payment card: Luhn's check digit, and not one digit repeated.

    Source: ISO/IEC 7812-1.
    """
    digits = [int(sign) for sign in text if sign.isdigit()]
    if digits[0] not in {1, 2, 3, 4, 5, 6, 8} or len(set(digits)) == 1:
        return False
    return _luhn(digits)


def is_iban(text: str) -> bool:
    """Whether a text is an account number: its remainder by 97 is one.

    Source: ISO 13616-1.
    """
    plain = re.sub(r"[ -]", "", text).upper()
    if not 15 <= len(plain) <= 34:  # noqa: PLR2004 - Norway's and the longest allowed
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def is_ssn(area: str, group: str, serial: str) -> bool:
    """Whether three parts may be a US social security number: none is zero, the area is neither 666 nor 900 and above.

    Source: 20 CFR 422.103 and the Social Security Administration's notice on randomization, 2011.
    """
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def _luhn(digits: list[int]) -> bool:
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _each(text: str, pattern: re.Pattern[str], kind: Type, check: Callable[[re.Match[str]], bool]) -> Iterator[Found]:
    for match in pattern.finditer(text):
        if check(match):
            yield Found(type=kind, start=match.start(), end=match.end())


def _is_called_ssn(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _CUE_CHARACTERS) : match.start()]
    called = re.search(r"\b(?:ssn|social security)\b", before, re.IGNORECASE)
    return called is not None and is_ssn(match[1], match[3], match[4])


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False


def _is_telephone(text: str, match: re.Match[str]) -> bool:
    """Whether digits are a telephone number: 7 to 15 of them, neither date nor span of years, and called so or formed so."""
    number = match[0]
    digits = sum(sign.isdigit() for sign in number)
    if not 7 <= digits <= 15 or any(form.match(number) for form in (_DATE, _YEARS, _NO_TELEPHONE)):  # noqa: PLR2004 - ITU-T E.164
        return False
    before = text[max(0, match.start() - _CUE_CHARACTERS) : match.start()]
    after = text[match.end() : match.end() + 12]
    if number.startswith("+"):
        return True
    if _CALLED_AFTER.match(after):
        return True
    if _NOT_CALLED.search(before):
        return False
    if _CALLED.search(before):
        return True
    groups = [part for part in re.split(r"[^\d]+", number) if part]
    return digits >= 9 and _is_grouped(number, groups)  # noqa: PLR2004


def _is_grouped(number: str, groups: list[str]) -> bool:
    """Whether digits are grouped as nothing but telephone numbers are."""
    if number.startswith("(") and len(groups) >= 2:  # noqa: PLR2004
        return True
    if len(groups) < 3 or any(len(group) > 4 for group in groups[1:]):  # noqa: PLR2004
        return False
    separators = set(re.sub(r"\d", "", number))
    if separators == {" "}:  # "100 000 000" is an amount
        return number.startswith("0") or not all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004
    return separators <= set("-. ()/")


_LETTERS_OF_DNI = "TRWAGMYFPDXBNJZSQVHLCKE"


def _is_dni(number: str) -> bool:
    """Spain: the letter is the remainder by 23."""
    plain = re.sub(r"[ .-]", "", number).upper()
    plain = {"X": "0", "Y": "1", "Z": "2"}.get(plain[0], plain[0]) + plain[1:]
    return _LETTERS_OF_DNI[int(plain[:-1]) % 23] == plain[-1]


def _is_nir(number: str) -> bool:
    """France: the last two digits are 97 less the remainder by 97."""
    digits = re.sub(r"\D", "", number)
    return 97 - int(digits[:13]) % 97 == int(digits[13:])


def _is_weighed(weights: tuple[int, ...], modulus: int) -> Callable[[str], bool]:
    """The weighed sum of all digits has no remainder."""

    def check(number: str) -> bool:
        digits = [int(sign) for sign in number if sign.isdigit()]
        weighed = sum(digit * weight for digit, weight in zip(digits, weights, strict=True))
        return weighed % modulus == 0 and len(set(digits)) > 1

    return check


def _is_nhs(number: str) -> bool:
    """England: eleven less the remainder by eleven."""
    digits = [int(sign) for sign in number if sign.isdigit()]
    check = 11 - sum(digit * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True)) % 11
    return check % 11 == digits[9]


_NATIONAL: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
    (r"[XYZ\d][ -]?\d{7}[ -]?[A-HJ-NP-TV-Z]", "", _is_dni),
    (r"[12]\s?\d{2}\s?(?:0[1-9]|1[0-2])\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}\s?\d{2}", "", _is_nir),
    (r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]", "", bool),
    (r"[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]", "", bool),
    (r"\d{3}[ -]?\d{3}[ -]?\d{4}", "nhs", _is_nhs),
    (r"\d{11}", "pesel", _is_weighed((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10)),
    (r"\d{9}", "bsn|burgerservice|sofi", _is_weighed((9, 8, 7, 6, 5, 4, 3, 2, -1), 11)),
    (r"\d{6,8}[-+]?\d{4}", "personnummer|personal identity", lambda number: _luhn([int(s) for s in number if s.isdigit()][-10:])),
    (r"\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}", r"steuer\w*|tax (?:id|number)", bool),
    (r"[A-Z]{1,2}\d{6,8}[A-Z]?|\d{8,9}", "passport", bool),
    (r"[A-Z]{0,3}\d{5,12}", r"driv\w+ licen[cs]e|driver'?s license", bool),
)  # fmt: skip
"""Form, the word that has to stand before it (or none), and its check digit."""


def _national(text: str) -> Iterator[Found]:
    """Yield identity numbers of some countries."""
    for form, called, check in _NATIONAL:
        cue = rf"(?i:\b(?:{called})\b)[^\n]{{0,24}}?" if called else ""
        for match in re.finditer(rf"{cue}(?<![\w-])({form})(?![\w-])", text):
            if check(match[1]):
                yield Found(type="NATIONAL_ID", start=match.start(1), end=match.end(1))
