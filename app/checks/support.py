"""Where a statement is best supported in a set of passages, and how well: words weighted by rarity, typed values.

Knows texts only: no model, no document, no wording of verdicts. A window is a run of one to three sentences.
Costs below a millisecond a statement for five passages.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

from app.checks.numbers import in_digits
from app.checks.source_tables import Line, rows_in
from app.checks.values import Value, missing, values_of
from app.checks.words import content_words, rarest, rarity
from app.sentences import Sentence, moved, split_sentences

WINDOW_SENTENCES = 3
CONTEXT_CREDIT = 0.6
"""What a word of the statement counts that stands not in the window but in the headings above it or elsewhere in its
passage: the section says what "it" is about."""
COMPARED = 16
"""So many windows are compared closely; the others hold less of the statement's words."""
LENGTH_COST = 0.06
"""A further sentence must bring at least this much of the statement's weight, or the shorter window is chosen."""
QUESTION_SHARE = 0.25
"""How much covering the question counts beside covering the statement when windows are compared: "12 weeks." alone
would match every window with that number."""
_RULE = re.compile(r"\s*(?:\|[ \t]*)?:?-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A text that may support statements."""

    text: str
    context: str = ""
    """What stands above it: the document's title, the headings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A run of sentences: `sources[source].text[start:end]`."""

    source: int
    start: int
    end: int
    first: bool
    """Whether it begins its source."""
    sentences: int
    words: frozenset[str]
    around: frozenset[str]
    """Words of the headings above and of the rest of the source, which count in part."""
    values: tuple[Value, ...]
    alone: bool = False
    """Whether it is a table's row, which speaks of what it names only."""
    row: Line | None = None
    """Its cells, where the table's columns have names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """How well a window supports a statement."""

    window: Window
    coverage: float
    """Share of the weight of the statement's words and values that the window, or what is around it, holds: 0..1."""
    wording: float
    """The same share of its words alone."""
    missing: tuple[Value, ...]
    """Values of the statement that are neither in the window nor in the headings above it."""
    fit: float
    """What windows are compared by."""


class Evidence:
    """Sources, cut into windows once, against which any number of statements are held."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Cut the sources into windows and weigh their words by rarity among the sentences."""
        self.sources = sources
        self._context_values = [values_of(source.context) for source in sources]
        self.windows = [window for index, source in enumerate(sources) for window in _windows(index, source)]
        single = list(_weighed(sources, self.windows))
        self._weights = rarity(single)
        self._rarest = rarest(len(single))
        self._holders: dict[str, list[int]] = {}
        for number, window in enumerate(self.windows):
            for held in window.words.union(value.canonical for value in window.values):
                self._holders.setdefault(held, []).append(number)
        of_windows = (value for window in self.windows if window.sentences == 1 for value in window.values)
        self.values = tuple(dict.fromkeys((*of_windows, *(value for group in self._context_values for value in group))))
        """Every value of the sources and of what stands above them."""
        self._first = {number for number, window in enumerate(self.windows) if window.first}

    def supports(
        self, statement: str, *, question: str = "", among: Sequence[Window] = (), also: Sequence[Window] = ()
    ) -> list[Support]:
        """Return each source's window that supports a statement best: best source first, the earlier one of equals.

        Args:
            statement: a sentence of an answer.
            question: what it answers; decides between windows that support the statement alike.
            among: the windows to choose from; none: all.
            also: further ones.
        """
        words, values = words_of(statement), values_of(statement)
        asked = words_of(question) - words
        best: dict[int, Support] = {}
        for window in (*(among or self._candidates(words, values)), *also):
            support = self._support(window, words, values, asked)
            if window.source not in best or support.fit > best[window.source].fit:
                best[window.source] = support
        return sorted(best.values(), key=lambda support: (-support.fit, support.window.source))

    def text_of(self, window: Window) -> str:
        """Return what stands in a window."""
        return self.sources[window.source].text[window.start : window.end]

    def nearest_sentences(self, statement: str, most: int) -> list[str]:
        """Return the sentences that hold most of a statement's words, by weight, best first."""
        held: dict[int, float] = {}
        for word in sorted(words_of(statement)):
            for number in self._holders.get(word, ()):
                if self.windows[number].sentences == 1:
                    held[number] = held.get(number, 0.0) + self._weights.get(word, self._rarest)
        return [self.text_of(self.windows[number]) for number in nlargest(most, held, key=lambda number: held[number])]

    def nearness(self, statement: str, value: Value) -> float:
        """Return the greatest share of a statement's words, by weight, that a sentence with this value holds: 0..1."""
        words = words_of(statement)
        total = self._weight(words)
        holders = [self.windows[number] for number in self._holders.get(value.canonical, ())]
        single = [window for window in holders if window.sentences == 1][:COMPARED]
        held = (self._weight(words & window.words) for window in single if not missing([value], window.values))
        return max(held, default=0.0) / total if total else 0.0

    def _candidates(self, words: frozenset[str], values: Sequence[Value]) -> list[Window]:
        """Return the windows worth comparing, in order: those with most of the words, and each source's first."""
        if len(self.windows) <= COMPARED:
            return self.windows
        held: dict[int, float] = {}
        for word in sorted(words):
            weight = self._weights.get(word, self._rarest)
            for number in self._holders.get(word, ()):
                held[number] = held.get(number, 0.0) + weight
        for value in values:
            for number in self._holders.get(value.canonical, ()):
                held[number] = held.get(number, 0.0) + self._rarest
        chosen = set(nlargest(COMPARED, held, key=lambda number: held[number])) | self._first
        return [self.windows[number] for number in sorted(chosen)]

    def _support(
        self, window: Window, words: frozenset[str], values: Sequence[Value], asked: frozenset[str]
    ) -> Support:
        """Hold a statement against one window; a value counts like the rarest word."""
        absent = missing(values, (*window.values, *self._context_values[window.source]))
        of_words, of_values = self._weight(words), self._rarest * len(values)
        held = self._held(words, window)
        coverage = (
            (held + self._rarest * (len(values) - len(absent))) / total if (total := of_words + of_values) else 0.0
        )
        answered = self._held(asked, window) / weight if (weight := self._weight(asked)) else 0.0
        return Support(
            window=window,
            coverage=coverage,
            wording=held / of_words if of_words else coverage,
            missing=tuple(absent),
            fit=coverage + QUESTION_SHARE * answered - LENGTH_COST * window.sentences,
        )

    def _weight(self, words: frozenset[str]) -> float:
        """Return what the words weigh together; rounded once, for the order of a set differs from run to run."""
        weights, rarest_one = self._weights, self._rarest
        return math.fsum([weights.get(word, rarest_one) for word in words])

    def _held(self, words: frozenset[str], window: Window) -> float:
        """Return the weight of the words the window holds (in full) or that stand around it (in part)."""
        return self._weight(words & window.words) + CONTEXT_CREDIT * self._weight(
            (words & window.around) - window.words
        )


def _weighed(sources: Sequence[Source], windows: Sequence[Window]) -> Iterator[frozenset[str]]:
    """Yield the words of each sentence; a table whose rows all say their columns' names counts as one."""
    tables: dict[tuple[int, int], frozenset[str]] = {}
    for window in windows:
        if window.row is not None and not is_row(sources[window.source].text[window.start : window.end]):
            place = window.source, window.row.table
            tables[place] = tables.get(place, frozenset()) | window.words
        elif window.sentences == 1:
            yield window.words
    yield from tables.values()


def _windows(index: int, source: Source) -> list[Window]:
    """Return every run of one to three sentences of a source.

    Table rows stay alone, or they would mix their values; a row says what its columns and the headings above say.
    """
    sentences, rows = _split(source)
    words = [words_of(sentence.text) for sentence in sentences]
    values = [values_of(sentence.text) for sentence in sentences]
    above = words_of(source.context)
    around = above.union(*words)
    windows, header = [], above
    heads: Sequence[Value] = ()
    alone = [sentence.start in rows or is_row(sentence.text) for sentence in sentences]
    for first, sentence in enumerate(sentences):
        row = alone[first]
        if row and (first == 0 or not alone[first - 1]):
            named = _are_heads(source.text, sentence)
            header, heads = (above | words[first], values[first]) if named else (above, ())
        for last in range(first, min(first + WINDOW_SENTENCES, len(sentences))):
            if last > first and (row or alone[last]):
                break
            window = Window(
                source=index,
                start=sentence.start,
                end=sentences[last].end,
                first=first == last == 0,
                sentences=last - first + 1,
                words=frozenset().union(*words[first : last + 1], header if row else ()),
                around=header if row else around,
                values=tuple(value for group in (*values[first : last + 1], heads if row else ()) for value in group),
                alone=row,
                row=rows.get(sentence.start),
            )
            windows.append(window)
    return windows


def _split(source: Source) -> tuple[list[Sentence], dict[int, Line]]:
    """Return the sentences of a source, each row of a table one, and the rows by where they begin."""
    sentences: list[Sentence] = []
    rows = {row.start: row for row in rows_in(source.text, source.context)}
    position = 0
    for row in rows.values():
        sentences += moved(split_sentences(source.text[position : row.start]), position)
        sentences.append(Sentence(text=source.text[row.start : row.end], start=row.start, end=row.end))
        position = row.end
    return [*sentences, *moved(split_sentences(source.text[position:]), position)], rows


def words_of(text: str) -> frozenset[str]:
    """Return the content words; numbers are compared as values."""
    return frozenset(word for word in content_words(in_digits(text)) if not word.isdigit())


def is_row(sentence: str) -> bool:
    """Whether a sentence is a table row."""
    return sentence.startswith("|")


def _are_heads(text: str, row: Sentence) -> bool:
    """Whether a table's first row is followed by a rule, and so names columns: a part of a table has none."""
    return _RULE.match(text, row.end) is not None
