"""Split running text into sentences, as character spans.

Knows punctuation and common abbreviations of European languages and the full stops of other scripts; knows no blocks
and no tokens. Spans are in order, do not overlap, and leave out only the white space between sentences.
"""
# ruff: noqa: RUF001 (full stops and quotes of other scripts are meant)

import re

_WITH_FULL_STOP = """mr mrs ms dr prof sr jr st vs etc eg ie approx dept fig figs tab eq no nos vol pp ch sec art inc
    ltd co corp al cf ca bzw usw bspw ggf evtl nr abs jan feb mar apr jun jul aug sep sept oct nov dec"""
_ABBREVIATIONS = frozenset(_WITH_FULL_STOP.split())
_END = re.compile(
    r"""
    [.!?…]+ ["'”’»)\]*_]* (?=\s)      # western: the mark, closing quotes or emphasis, then white space
    | [。！？｡] [」』”’）]*             # Chinese and Japanese need no space
    | [؟۔।॥] (?=\s|$)                 # Arabic, Urdu, Hindi
    | \n[ \t]*\n                      # an empty line always ends a sentence
    """,
    re.VERBOSE,
)
_WORD_BEFORE = re.compile(r"([\w.]+)$")


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
    mark = match.group()
    if not mark.startswith("."):
        return True
    following = text[match.end() : min(match.end() + 8, stop)].lstrip()
    if following[:1].islower():
        return False
    before = _WORD_BEFORE.search(text, max(begin, match.start() - 24), match.start())
    if before is None:
        return True
    word = before.group(1)
    if len(word) == 1 and word.isalpha() and word.isupper():  # an initial: "J. Smith"
        return False
    if word.isdigit() and not text[begin : before.start()].strip():  # the number of a list item: "1. First"
        return False
    return word.replace(".", "").lower() not in _ABBREVIATIONS


def _add_trimmed(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
