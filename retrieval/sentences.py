"""Where sentences end in running text: the one rule for the whole product.

Knows punctuation and common abbreviations of European languages and the full stops of other scripts; knows no list
marks, tables or code (`app.sentences` adds those of an answer, the readers' blocks those of a document). Spans are in
order, do not overlap, and leave out only the white space between sentences.
"""
# ruff: noqa: RUF001 (full stops and quotes of other scripts are meant)

import re

_BEFORE_ANYTHING = """mr mrs ms dr prof sr jr st vs dept est inc ltd co corp cf ca approx e.g i.e eg ie u.s u.k al
    bzw bspw usw evtl ggf z.b d.h"""
_BEFORE_NUMBERS = """no nos nr fig figs tab eq vol pp p art sec ch abs max min
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun"""
ABBREVIATIONS = frozenset(_BEFORE_ANYTHING.split())
"""No sentence ends after these, even when a capital follows ("Dr. Smith")."""
ABBREVIATIONS_BEFORE_NUMBERS = frozenset(_BEFORE_NUMBERS.split())
"""No sentence ends between these and a digit ("No. 5"); "The answer is no." ends one."""

_END = re.compile(
    r"""
    (?<![.!?…]) [.!?…]+ ["'”’»)\]*_]* (?=\s|$)    # western: the mark, closing quotes or emphasis, then white space
    | [。！？｡]+ [」』”’）]*            # Chinese and Japanese need no space
    | [؟۔।॥] (?=\s|$)                 # Arabic, Urdu, Hindi
    | \n[ \t]*\n                      # an empty line always ends a sentence
    """,
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\[\"'“*_]+$")


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Return the `[start, end)` of each sentence of `text[start:end]`, counted in `text`, white space trimmed."""
    stop = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begin = start
    for match in _END.finditer(text, start, stop):
        if _ends_sentence(text, begin, match, stop):
            _add_trimmed(spans, text, begin, match.end())
            begin = match.end()
    _add_trimmed(spans, text, begin, stop)
    return spans


def _ends_sentence(text: str, begin: int, match: re.Match[str], stop: int) -> bool:
    """Whether the mark ends the sentence that began at `begin`, and not just an abbreviation or an initial."""
    if not match.group().startswith("."):
        return True
    following = text[match.end() : min(match.end() + 8, stop)].lstrip()
    if following[:1].islower():
        return False
    found = _LAST_WORD.search(text, max(begin, match.start() - 24), match.start())
    if found is None:
        return True
    word = found.group().lower()
    if word in ABBREVIATIONS_BEFORE_NUMBERS:
        return not following[:1].isdigit()
    is_initial = len(word) == 1 and word.isalpha() and word != "i"  # "J. Smith"
    is_item_number = word.isdigit() and not text[begin : found.start()].strip()  # "1. First"
    return not following or not (word in ABBREVIATIONS or is_initial or is_item_number)


def _add_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
