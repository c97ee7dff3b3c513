"""Names of people: lists of given names and surnames, endings of surnames, and what stands around a name.

No model: each run of words that may be a name gets points for what speaks for a person and against it. Knows Latin
letters; names in other scripts are found by what stands before them ("Name:"). English context.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.guard.folding import folded
from app.guard.found import Found
from app.guard.lists import names, words
from app.guard.person_signs import (
    AFTER,
    BEFORE,
    CONTRACTED,
    ENDINGS,
    INNER,
    LABEL,
    LABELLED,
    LATIN,
    NAMED,
    NEVER,
    NO_NAMES,
    NO_PERSON_AFTER,
    PARTICLES,
    PERHAPS_BEFORE,
    PLACE_BEFORE,
    SAYS,
    SENTENCE_END,
    SURE,
    SURE_ENDINGS,
    TITLES,
    TWO_SIDED,
)

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*\.?|\d+|[^\w\s]|\n")  # noqa: RUF001
_BEFORE = ((NAMED, 3.5), (SURE, 2.5), (BEFORE, 1.25), (PERHAPS_BEFORE, 0.5))
_AFTER = ((SAYS, 2.25), (AFTER, 1.25))
"""What stands beside a name, the strongest first, each with its points."""
THRESHOLD = 2.75
"""Points from which on it is a person. All points were set on one half of pii_presidio (docs/benchmarks.md)."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of the text with what the lists say of it."""

    text: str
    start: int
    end: int
    plain: str
    begins: bool
    """Whether it stands where anything gets a capital."""

    @property
    def capital(self) -> bool:
        """Whether it is written with a capital."""
        return self.text[:1].isupper() and (len(self.text) == 1 or not self.text.rstrip(".").isupper())

    @property
    def loud(self) -> bool:
        """Whether it is written in capitals."""
        return len(self.plain) > 1 and self.text.rstrip(".").isupper()

    @property
    def initial(self) -> bool:
        """Whether it is one letter, as of a second name."""
        return len(self.plain) == 1 and self.text[0].isupper()


def find_persons(text: str, taken: Sequence[Found] = ()) -> Iterator[Found]:
    """Yield names of people outside of what is taken by other personal data, which is in order and does not overlap."""
    tokens = _tokens(text)
    quiet = text == text.lower()
    ends = [one.end for one in taken]
    runs = [run for run in _runs(text, tokens, quiet=quiet) if not _lies_in(run, taken, ends)]
    scores = [_points(text, run, quiet=quiet) for run in runs]
    scores = [
        score + (1.5 if _has_company(text, runs, scores, position) else 0.0) for position, score in enumerate(scores)
    ]
    known = {
        token.plain
        for run, score in zip(runs, scores, strict=True)
        if score >= THRESHOLD + 0.75
        for token in run
        if len(token.plain) > 2 and token.capital and token.plain not in words()  # noqa: PLR2004
    }
    for run, score in zip(runs, scores, strict=True):
        again = any(token.plain in known and token.capital for token in run)
        if score >= THRESHOLD or again:
            yield Found(type="PERSON", start=run[0].start, end=run[-1].end)
    yield from _labelled(text)


def _tokens(text: str) -> list[_Token]:
    """Return the words of a text."""
    found: list[_Token] = []
    last = "\n"
    for match in _WORD.finditer(text):
        word = match[0]
        if word[0].isalpha():
            core = re.sub(r"['’]s?$|\.$", "", word)  # noqa: RUF001
            found.append(
                _Token(core, match.start(), match.start() + len(core), folded(core), begins=last in SENTENCE_END)
            )
        last = word
    return found


def _runs(text: str, tokens: list[_Token], *, quiet: bool) -> Iterator[list[_Token]]:
    """Yield runs of neighbouring words that may be one name."""
    run: list[_Token] = []
    for position, token in enumerate(tokens):
        if run and not _joined(text[run[-1].end : token.start], run[-1]):
            yield from _trimmed(run)
            run = []
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        if _may_be_name(token, quiet=quiet) or (run and _is_particle(token, following)):
            run.append(token)
        else:
            yield from _trimmed(run)
            run = []
    yield from _trimmed(run)


def _joined(between: str, before: _Token) -> bool:
    """Whether two words stand side by side; a dot may end an initial, a hyphen join two parts."""
    return between in {" ", "  ", "-"} or (between in {". ", ".", " . "} and before.initial)


def _may_be_name(token: _Token, *, quiet: bool) -> bool:
    if token.plain in NO_NAMES or token.plain in NEVER or CONTRACTED.search(token.plain):
        return False
    if quiet:
        return token.plain not in words() or "g" in names().get(token.plain, "")
    if token.loud and len(token.plain) <= 4 and token.plain not in names():  # noqa: PLR2004
        return False  # an abbreviation
    return token.text[:1].isupper() and bool(LATIN.match(token.text))


def _is_particle(token: _Token, following: "_Token | None") -> bool:
    return token.plain in PARTICLES and following is not None and following.text[:1].isupper()


def _trimmed(run: list[_Token]) -> Iterator[list[_Token]]:
    """Yield a run without words at its ends that are no names, titles among them; nothing where nothing remains."""
    while run and (_is_plain_word(run[0]) or run[0].plain in TITLES or run[0].plain in PARTICLES):
        if run[0].plain in PARTICLES and run[0].capital and len(run) > 1 and run[0].plain not in TITLES:
            break
        run = run[1:]
    while run and (_is_plain_word(run[-1]) or run[-1].plain in PARTICLES or (run[-1].initial and len(run) == 1)):
        run = run[:-1]
    if run:
        yield run


def _is_plain_word(token: _Token) -> bool:
    """Whether a word is one of the language and nobody's name."""
    return token.plain in words() and token.plain not in names()


def _lies_in(run: list[_Token], taken: Sequence[Found], ends: Sequence[int]) -> bool:
    first = bisect_right(ends, run[0].start)
    return first < len(taken) and taken[first].start < run[-1].end


def _points(text: str, run: list[_Token], *, quiet: bool) -> float:
    """Return what speaks for a run being a person, less what speaks against it."""
    before, after = text[max(0, run[0].start - 60) : run[0].start], text[run[-1].end : run[-1].end + 30]
    points = _points_of_words(run) + _points_of_surroundings(before, after, run)
    if quiet:
        return points - 0.5
    if len(run) == 1 and run[0].plain in TWO_SIDED:
        points -= 1.0
    elif _has_capital_for_itself(run[0]) and not _in_heading(before, after):
        points += 1.0  # a capital that nothing else asks for
    return points


def _points_of_words(run: list[_Token]) -> float:
    """Return what the words themselves say."""
    full = [token for token in run if len(token.plain) > 1 and token.plain not in PARTICLES]
    if not full:
        return -5.0
    kinds = [(names().get(token.plain, ""), token.plain in words()) for token in full]
    unknown = [token for token, (kind, common) in zip(full, kinds, strict=True) if not kind and not common]
    foreign = bool(unknown) and any(not token.text.isascii() for token in full)  # letters that English has not
    points = max(((2.0 if not common else 0.75) for kind, common in kinds if "g" in kind), default=0.0)
    points += max(((1.0 if not common else 0.25) for kind, common in kinds if "s" in kind), default=0.0)
    points += 0.75 * bool(unknown) + 0.75 * foreign + _points_of_endings(full, unknown)
    if len(full) in {2, 3}:
        points += 1.0 if any(common for _, common in kinds) else 1.5
    points += 2.0 * (len(full) > 1 and any(token.initial for token in run[1:-1]))
    points -= 3.0 * (len(full) > 4 or any(_is_plain_word(token) for token in full))  # noqa: PLR2004
    points -= 1.0 * all(common for _, common in kinds)
    points -= 1.5 * all(token.loud for token in full)
    return points - 2.0 * any(INNER.search(token.text) is not None for token in full)


def _points_of_endings(full: list[_Token], unknown: list[_Token]) -> float:
    if any(SURE_ENDINGS.fullmatch(token.plain) for token in full):
        return 2.0
    return 0.75 if any(ENDINGS.fullmatch(token.plain) for token in unknown) else 0.0


def _points_of_surroundings(before: str, after: str, run: list[_Token]) -> float:
    """Return what stands before and behind says."""
    words_before = re.findall(r"[^\W\d_]+", before[-14:])
    titled = bool(words_before) and folded(words_before[-1]) in TITLES and re.search(r"\w\.? $", before) is not None
    line_before, line_after = before.rpartition("\n")[2], after.partition("\n")[0]
    alone = len(run) > 1 and not line_before.strip(" \t>") and not line_after.strip()
    points = next((points for pattern, points in _BEFORE if pattern.search(before)), 0.0)
    points += next((points for pattern, points in _AFTER if pattern.match(after)), 0.0)
    points += 3.0 * titled + 1.0 * alone  # alone on a line as above an address, or below a letter
    points += 2.0 * (before.endswith(", ") and after[:1] in {"!", "?"})  # somebody is spoken to
    points -= 3.0 * (NO_PERSON_AFTER.match(after) is not None)
    return points - 1.5 * (len(run) == 1 and PLACE_BEFORE.search(before) is not None)


def _has_capital_for_itself(token: _Token) -> bool:
    """Whether a word that may be a name has a capital where no sentence begins; "Mac" and "Bot" have it often."""
    return not token.begins and token.capital and token.plain in names() and len(token.plain) > 3  # noqa: PLR2004


def _in_heading(before: str, after: str) -> bool:
    """Whether the words around have capitals too, as in a title."""
    around = re.findall(r"[^\W\d_]{4,}", before[-30:])[1:] + re.findall(r"[^\W\d_]{4,}", after)[:-1]
    return len(around) > 1 and sum(word[0].isupper() for word in around) > len(around) / 2


def _has_company(text: str, runs: list[list[_Token]], scores: list[float], position: int) -> bool:
    """Whether a name stands beside it in a list: "Hannah, Gaetane and Derek"."""
    for other in (position - 1, position + 1):
        if 0 <= other < len(runs) and scores[other] >= THRESHOLD - 1:
            first, second = sorted((position, other))
            if re.fullmatch(r", (?:and )?| and | & |, or | or ", text[runs[first][-1].end : runs[second][0].start]):
                return True
    return False


def _labelled(text: str) -> Iterator[Found]:
    """Yield names in other scripts behind a label such as "Name:"."""
    for label in LABEL.finditer(text):
        name = LABELLED.match(text, label.end(), label.end() + 60)
        if name and not LATIN.search(name[0]):
            yield Found(type="PERSON", start=name.start(), end=name.end())
