"""Where a statement is best supported in a set of passages, and how well: words weighted by rarity, typed values.

Knows texts only: no model, no document, no wording of verdicts. A window is a run of one to three sentences.
Costs below a millisecond a statement for five passages.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.checks.values import Value, missing, values_of
from app.checks.words import content_words, rarest, rarity
from app.sentences import Sentence, split_sentences

WINDOW_SENTENCES = 3
CONTEXT_CREDIT = 0.6
"""What a word of the statement counts that stands not in the window but in the headings above it or elsewhere in its
passage: the section says what "it" is about."""
LENGTH_COST = 0.06
"""A further sentence must bring at least this much of the statement's weight, or the shorter window is chosen."""
QUESTION_SHARE = 0.25
"""How much covering the question counts beside covering the statement when windows are compared: "12 weeks." alone
would match every window with that number."""
MISSING_VALUE_COST = 0.5
"""What a window loses, at most, when it lacks the statement's values."""


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
    sentences: int
    words: frozenset[str]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """How well a window supports a statement."""

    window: Window
    coverage: float
    """Share of the statement's word weight that the window, or its context, holds: 0..1."""
    missing: tuple[Value, ...]
    """Values of the statement that are neither in the window nor in the headings above it."""
    fit: float
    """What windows are compared by."""


class Evidence:
    """Sources, cut into windows once, against which any number of statements are held."""

    def __init__(self, sources: Sequence[Source]) -> None:
        """Cut the sources into windows and weigh their words by rarity among the sentences."""
        self._passage_words = [frozenset(content_words(f"{source.context}\n{source.text}")) for source in sources]
        self._context_values = [values_of(source.context) for source in sources]
        self.windows = [window for index, source in enumerate(sources) for window in _windows(index, source.text)]
        single = [window.words for window in self.windows if window.sentences == 1]
        self._weights = rarity(single)
        self._rarest = rarest(len(single))

    def supports(self, statement: str, *, question: str = "") -> list[Support]:
        """Return each source's window that supports a statement best: best source first, the earlier one of equals.

        Args:
            statement: a sentence of an answer.
            question: what it answers; decides between windows that support the statement alike.
        """
        words, values = frozenset(content_words(statement)), values_of(statement)
        asked = frozenset(content_words(question)) - words
        best: dict[int, Support] = {}
        for window in self.windows:
            support = self._support(window, words, values, asked)
            if window.source not in best or support.fit > best[window.source].fit:
                best[window.source] = support
        return sorted(best.values(), key=lambda support: -support.fit)

    def _support(
        self, window: Window, words: frozenset[str], values: Sequence[Value], asked: frozenset[str]
    ) -> Support:
        """Hold a statement against one window."""
        coverage = self._coverage(words, window)
        given = (*window.values, *self._context_values[window.source])
        absent = missing(values, given)
        fit = coverage + QUESTION_SHARE * self._coverage(asked, window) - LENGTH_COST * window.sentences
        if values:
            fit -= MISSING_VALUE_COST * len(absent) / len(values)
        return Support(window=window, coverage=coverage, missing=tuple(absent), fit=fit)

    def _coverage(self, words: frozenset[str], window: Window) -> float:
        """Return the share of the words' weight found in the window (in full) or in its context (in part)."""
        total = found = 0.0
        around = self._passage_words[window.source]
        for word in words:
            weight = self._weights.get(word, self._rarest)
            total += weight
            found += weight if word in window.words else CONTEXT_CREDIT * weight if word in around else 0.0
        return found / total if total else 0.0


def _windows(source: int, text: str) -> list[Window]:
    """Return every run of one to three sentences of a text."""
    sentences = split_sentences(text)
    words = [frozenset(content_words(sentence.text)) for sentence in sentences]
    values = [values_of(sentence.text) for sentence in sentences]
    return [
        Window(
            source=source,
            start=sentences[first].start,
            end=sentences[last].end,
            sentences=last - first + 1,
            words=frozenset().union(*words[first : last + 1]),
            values=tuple(value for group in values[first : last + 1] for value in group),
        )
        for first in range(len(sentences))
        for last in range(first, min(first + _longest(sentences[first]), len(sentences)))
        if last == first or not _is_row(sentences[last])
    ]


def _longest(sentence: Sentence) -> int:
    """Return how many sentences a window that begins here may have."""
    return 1 if _is_row(sentence) else WINDOW_SENTENCES


def _is_row(sentence: Sentence) -> bool:
    """Whether a sentence is a table row; two rows together would mix the values of both."""
    return sentence.text.startswith("|")
