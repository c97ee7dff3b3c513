"""Where on a page a quote stands, although the page breaks its lines, cuts its words and orders its cells otherwise.

Knows characters and their numbers; no box and no file.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from retrieval.tables import BORDER

_WINDOW = 1.5
"""Where a quote is not found as a whole: in how many times its words its words are looked for."""
_ENOUGH = 0.6
"""Of a quote's words that must stand in that window."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The characters of a page that are the quote, by number, in the page's order."""

    places: tuple[int, ...] = ()
    exact: bool = True
    boxes: Mapping[int, tuple[float, float, float, float]] = field(default_factory=dict)
    """Left, bottom, right and top of each, in points."""


def find_quote(signs: Sequence[str], quote: str, *, nth: int = 0) -> Found:
    """Return where a quote stands among the characters of a page.

    Spaces, line ends, hyphens, punctuation, ligatures and upper case do not count; the names of columns that we put
    before the cells of a row need not be there. Where it is not there as a whole (a row of a table, say, each of whose
    cells has two lines), the place where most of its words are is returned.

    Args:
        signs: the characters of the page.
        quote: as the reader of the document wrote it down.
        nth: which of several places is meant, from 0; the last one where there are not as many.
    """
    page, numbers = _letters(signs)
    if not _letters(quote)[0]:
        return Found()
    for said in (quote, BORDER.join(cell.split(": ", 1)[-1] for cell in quote.split(BORDER))):
        wanted, _ = _letters(said)
        starts = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", page)] if wanted else []
        if starts:
            start = starts[min(max(nth, 0), len(starts) - 1)]
            return Found(places=_whole(signs, numbers[start], numbers[start + len(wanted) - 1]))
    return _nearest(signs, quote)


def _whole(signs: Sequence[str], first: int, last: int) -> tuple[int, ...]:
    """Return the characters from the first to the last letter and the punctuation right after, spaces left out."""
    while last + 1 < len(signs) and signs[last + 1].strip() and not signs[last + 1].isalnum():
        last += 1
    return tuple(number for number in range(first, last + 1) if signs[number].strip())


def count_before(text: str, start: int, quote: str) -> int:
    """Return how often a quote stands in the text before `start`, in the same terms as `find_quote`."""
    before, wanted = _letters(text[:start])[0], _letters(quote)[0]
    return len(re.findall(f"(?={re.escape(wanted)})", before)) if wanted else 0


def _letters(signs: Sequence[str]) -> tuple[str, list[int]]:
    """Return the letters and digits alone, in one form, and the number each comes from."""
    kept: list[str] = []
    numbers: list[int] = []
    for number, sign in enumerate(signs):
        for plain in unicodedata.normalize("NFKC", sign).casefold() if sign else "":
            if plain.isalnum():
                kept.append(plain)
                numbers.append(number)
    return "".join(kept), numbers


def _nearest(signs: Sequence[str], quote: str) -> Found:
    """Return the words of the quote in that stretch of the page that has most of them."""
    text = "".join(sign or " " for sign in signs)
    spots = [(match.group().casefold(), match.start(), match.end()) for match in _WORD.finditer(text)]
    wanted = Counter(word.casefold() for word in _WORD.findall(quote))
    size = max(1, round(wanted.total() * _WINDOW))
    best, place = 0, 0
    held: Counter[str] = Counter()
    shared = 0
    for number, (word, _, _) in enumerate(spots):
        held[word] += 1
        shared += held[word] <= wanted[word]
        if number >= size:
            gone = spots[number - size][0]
            shared -= held[gone] <= wanted[gone]
            held[gone] -= 1
        if shared > best:
            best, place = shared, number
    if best < _ENOUGH * wanted.total():
        return Found(exact=False)
    window = spots[max(place - size + 1, 0) : place + 1]
    places = [number for word, start, end in window if word in wanted for number in range(start, end)]
    return Found(places=tuple(places), exact=False)
