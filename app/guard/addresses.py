"""Street addresses: a number beside the name of a street, what belongs to it, and the town behind it.

Knows how addresses are written, no map. Every pattern looks at a bounded number of characters.
"""
# ruff: noqa: E501, RUF001 (one pattern a line reads better; typographic apostrophes are meant)

import re
from collections.abc import Iterator

from app.guard.folding import folded
from app.guard.found import Found
from app.guard.lists import words

_CAP = r"[A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĖĘĚĞĢĪĮİĶĹĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽΆ-Ϋ\u0410-\u042f][\w'’.-]{0,24}"
"""A word with a capital."""
_SMALL = r"(?:de|del|della|di|da|do|dos|das|du|des|la|le|les|los|las|van|der|den|von|zum|zur|am|of|the|y|e)"
_ENGLISH = (
    r"(?:streets?|st|avenues?|ave|av|roads?|rd|lanes?|ln|drives?|dr|courts?|ct|boulevards?|blvd|places?|pl|squares?|sq|terraces?|"
    r"ter|closes?|crescents?|cres|high ?ways?|hwy|park ?ways?|pkwy|parks?|coves?|trails?|trl|circles?|cir|ways?|walks?|alleys?|"
    r"plazas?|rows?|mews|gardens?|gdns|groves?|hills?|heights|turnpikes?|pike|extensions?|ext|expressways?|loops?|path|points?|"
    r"quays?|ridges?|views?|villages?|wharf|yards?|bridges?|bypass|causeways?|crossings?|fields?|flats?|greens?|islands?|junctions?|"
    r"landings?|manors?|meadows?|mills?|orchards?|passages?|rapids?|rest|runs?|shores?|springs?|stations?|throughways?|tracks?|"
    r"tunnels?|unions?|valleys?|vistas?|wells)"
)
_ENDING = (
    r"(?:stra(?:ss|ß)e|str|gasse|weg|platz|allee|ring|damm|ufer|steig|straat|laan|plein|gracht|kade|dreef|gatan?|gade|vägen|väg|"
    r"vej|vegen|veien|veg|vei|stien|sti|gränd|torg|torv|bakken|kuja|katu|tie|polku|gata|utca|útja|tér|ulica|ulice|ulitsa|"
    r"straße|prospekt|sokak|caddesi|cesta|trg|nám[eě]stí|út|u\.|tee|mnt|puiestee|tn|körút|krt|sétány)"
)
"""Endings of single words, or words of their own, that are streets in other languages."""
_LEADING = (
    r"(?:via|viale|vicolo|piazza|corso|largo|strada|calle|c/|avenida|avda|paseo|plaza|camino|ronda|carrera|rua|travessa|praça|"
    r"estrada|alameda|rue|avenue|chemin|allée|impasse|quai|boulevard|place|cours|ul|ulica|ulice|al|aleja|os|str|strada|"
    r"bulevardul|odos|jalan|jl|ulitsa|prospekt|cesta)\.?"
)
_UNIT = r"(?:apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|bldg|building|no|lot|#)\.?[ ]?#?\w{0,2}\d{1,5}\w?"
_NUMBER = r"\d{1,6}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)?"
_NEXT = r"[ \t]*[,;]?[ \t]*\n?[ \t>|]{0,8}"
"""What may stand between the lines of one address."""
_GAP = r"[ \t]{1,3}"
_WORDS = rf"(?:{_CAP}|{_SMALL})(?:{_GAP}(?:{_CAP}|{_SMALL}|\d{{1,4}}(?:st|nd|rd|th)))"
_FORMS = (
    # 12 Main Street, 704 1436 Redbud Drive; small letters too: 9 elm st
    rf"(?:{_NUMBER}[ ,]{{1,2}}){{1,2}}(?:[\w'’.-]{{1,24}}{_GAP}){{1,4}}{_ENGLISH}\b\.?",
    # 27534 Þorsteinsgata 63, 25615 Tawastintie 72: a number on either side of a name
    rf"(?:{_NUMBER}{_GAP})(?:{_CAP}{_GAP}|{_SMALL}{_GAP}){{1,4}}\d{{1,4}}[A-Ha-h]?\b\.?(?!\d|[.,]\d|%|[ ](?:percent|million|days))",
    rf"\d{{3,6}}{_GAP}[^\W\d_]{{4,24}}{_GAP}\d{{1,4}}\b\.?(?:{_GAP}{_ENGLISH}\b)?(?=[ ]?(?:$|[\n.,;?!)]|{_UNIT}|st\b))",
    # Hauptstraße 5, Erzsébet tér 19
    rf"\b(?:{_CAP}{_GAP}){{0,2}}[\w'’.-]{{0,20}}(?<![\s\d]){_ENDING}\.?{_GAP}\d{{1,4}}[A-Za-z]?\b",
    rf"\b{_CAP}(?:{_GAP}{_CAP})?{_GAP}{_ENDING}\.?{_GAP}\d{{1,4}}[A-Za-z]?\b\.?",
    # 10 rue de Rivoli, Via Roma 12, 137 Avenue Teboulbi
    rf"{_NUMBER},?{_GAP}{_LEADING}{_GAP}(?:{_SMALL}{_GAP}){{0,2}}{_CAP}(?:{_GAP}(?:{_CAP}|{_SMALL})){{0,3}}(?:{_GAP}\d{{1,4}}\b)?",
    rf"\b{_LEADING}{_GAP}(?:{_SMALL}{_GAP}){{0,2}}{_CAP}(?:{_GAP}(?:{_CAP}|{_SMALL})){{0,3}},?{_GAP}(?:n[.º°]{{0,2}}{_GAP}?)?\d{{1,4}}\b",
    # PO Box 12, PSC 3294, Box 9168, Unit 12 Box 3
    r"\b(?:P\.?[ ]?O\.?[ ]?Box|Post(?:fach|bus|boks|box)|Apartado|Casella Postale|Bo[iî]te Postale|BP)[ .:]{1,2}\d{1,6}\b",
    r"\b(?:PSC|CMR|Unit|USS|USNS|USNV|USCGC)[ ]\w{1,16}(?:[ ]\w{1,16})?(?:,?[ ]Box[ ]\d{1,5})?,?\s{1,3}(?:APO|FPO|DPO)[ ][A-Z]{2}[ ]\d{5}",
    r"\b(?:PSC|CMR|Unit)[ ]\d{1,6},?[ ]Box[ ]\d{1,5}\b",
    r"\b(?:APO|FPO|DPO)[ ](?:AA|AE|AP)[ ]\d{5}\b",
    rf"\b(?:the[ ])?corner of[ ][\w'’. -]{{2,40}}?[ ]and[ ](?:{_CAP}|\w{{2,20}})(?:{_GAP}{_CAP}|{_GAP}{_ENGLISH}\b){{0,2}}",
)  # fmt: skip
_STREETS = tuple(
    re.compile(form, re.IGNORECASE if number in {0, 2, 7, 8, 9, 10, 11} else 0) for number, form in enumerate(_FORMS)
)
_NO_STREET = re.compile(
    r"\b(?:percent|million|billion|hundred|thousand|days?|weeks?|months?|years?|hours?|minutes?|people|persons|items?|pages?|"
    r"dollars?|euros?|users?|members?|employees|copies|miles?|cards?|accounts?|numbers?|in|for|from|to|at|is|are|was|were|with|"
    r"than|that|this|which|and|or|by|on|if|not|have|has|will|can|you|your|we|our|they|their|it|its|be|as|must|may|should|do)\b",
    re.IGNORECASE,
)
_AT = re.compile(
    r"\b(?:address(?:es)?|lives?|living|lived|located|resid\w{1,5}|moved|deliver\w{0,4}|ship(?:ped)?|mail(?:ed)?|sen[dt]|visit|meet|"
    r"street|side of|off at|corner|house|home|office|restaurant|shop|store|hotel)\b[^\n.?!]{0,24}?(?:\b(?:at|to|on|of|in|is)|:)[ ]{1,2}$|\baddress:?\s{1,12}$",
    re.IGNORECASE,
)
_NAMED_HOUSE = re.compile(
    rf"(?:{_NUMBER}{_GAP}){{0,2}}(?:[Cc]/[ ])?(?:(?:{_CAP}|{_SMALL}){_GAP}){{1,5}}\d{{1,4}}[A-Ha-h]?\b\.?"
    r"(?![.,]?\d|%|:|[ ](?:January|February|March|April|May|June|July))"
)
_NUMBERED = re.compile(rf"(?:{_NUMBER}{_GAP}){{1,2}}{_CAP}{_GAP}{_CAP}(?:{_GAP}{_CAP})?")
_STREET_AFTER = re.compile(r"[ ](?:st\b\.?|street\b)", re.IGNORECASE)
_STREET_WORD = re.compile(rf"[ ]{_ENGLISH}\b\.?$", re.IGNORECASE)
_CHECKED = frozenset({0, 1, 2, 3, 4})
"""Forms that numbers beside other words may have too."""
_STREET_ALONE = re.compile(
    rf"\b(?:{_CAP}{_GAP}){{1,3}}(?:Street|Avenue|Road|Lane|Boulevard)\b(?![ ](?:Journal|Fighter|Bank))"
)
_UNIT_BEFORE = re.compile(rf"{_UNIT}{_NEXT}$", re.IGNORECASE)
_UNIT_AFTER = re.compile(rf"{_NEXT}{_UNIT}(?!\w)", re.IGNORECASE)
_UNIT_ALONE = re.compile(r"\b(?:apt|suite|ste|apartment)\.?[ ]#?\d{1,5}\w?\b", re.IGNORECASE)
_CODE = r"(?:[A-Z]{1,2}\d{1,2}[A-Z]?[ ]\d[A-Z]{2}|(?:[A-Z]{1,2}[- ])?\d{4,6}(?:-\d{3,4})?|\d{3}[ ]\d{2}|\d{4}[ ][A-Z]{2})(?![\d-])"
_TOWN = re.compile(rf"[\s,;>|]{{0,12}}(?:(?:{_CAP}|{_SMALL}|nan|\([\w ]{{2,20}}\))[\s,;>|]{{1,12}}){{0,7}}{_CODE}")
_TOWN_ALONE = re.compile(rf"[\s,]{{1,8}}{_CAP}(?:[ \t]{_CAP}){{0,2}}(?=[ \t]*(?:$|[\n.,;?!)]))")
_CODE_TOWN = re.compile(rf"{_NEXT}{_CODE}(?:[ \t]{{1,3}}{_CAP}){{1,3}}")


def find_addresses(text: str) -> Iterator[Found]:
    """Yield street addresses, with the town and its code where these follow."""
    taken = 0
    for start, end in sorted(_streets(text)):
        if start < taken:
            continue
        taken = max(end, _extended(text, end))
        before = _UNIT_BEFORE.search(text, max(0, start - 30), start)
        yield Found(type="STREET_ADDRESS", start=before.start() if before else start, end=taken)
    for match in _UNIT_ALONE.finditer(text):
        yield Found(type="STREET_ADDRESS", start=match.start(), end=match.end())


def _streets(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of streets with their numbers, without what follows."""
    for number, pattern in enumerate(_STREETS):
        for match in pattern.finditer(text):
            if number not in _CHECKED or _may_be_street(match[0]):
                yield match.span()
    for pattern in (_NAMED_HOUSE, _NUMBERED):
        for match in pattern.finditer(text):
            if _AT.search(text, max(0, match.start() - 60), match.start()) or _STREET_AFTER.match(text, match.end()):
                yield match.span()
    for match in _STREET_ALONE.finditer(text):
        yield match.span()


def _may_be_street(text: str) -> bool:
    """Whether a number beside words may be a street: some word is no common one, and none counts things."""
    inner = [folded(word) for word in re.findall(r"[^\W\d_]{3,}", text)]
    common = words()
    street = bool(_STREET_WORD.search(text))
    return not _NO_STREET.search(text) and (street or any(word not in common for word in inner))


def _extended(text: str, end: int) -> int:
    """Return where an address ends whose street ends here: behind apartment, town and postal code."""
    units = 0
    while units < 2 and (unit := _UNIT_AFTER.match(text, end)):  # noqa: PLR2004 - a building and a flat
        end, units = unit.end(), units + 1
    for pattern in (_TOWN, _CODE_TOWN):
        if found := pattern.match(text, end, min(len(text), end + 120)):
            return found.end()
    town = _TOWN_ALONE.match(text, end, min(len(text), end + 60)) if units else None
    return town.end() if town else end
