"""Before the model: does a question leave open which of several things it is about?

"What does this library offer?" asks back when nothing said before names a library, and the passages found lie alike
near, in several documents. Knows English words, what was said before and the passages; no model. The weights were
fitted and cross-validated by bench/clarity.py (docs/decisions, 23).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from app.answers import Turn
from app.checks.evidence import ENOUGH, chance, coverage, evidence
from app.checks.words import content_words
from retrieval.documents import Passage

ASKED_BACK = 0.26
"""From this on the question gets a question back."""
CHOICES = 4
LOOKED_AT = 5
"""Passages."""
LIKE = 0.12
"""Passages whose cosines differ by less lie alike near."""

WEIGHTS = {
    "pointing at what nobody named": 1.31,
    "pointing at one of several named": 1.52,
    "the one, of which nobody spoke": 1.04,
    "the one of something, of which nobody spoke": 1.45,
    "how far the first passage is ahead": -3.19,
    "share of its words in the passages together": -2.15,
    "share of its words in each of them": 1.7,
    "share of the passages that are of different documents": 1.24,
    "two words or fewer": -1.24,
    "a question": 1.01,
    "going on": -1.79,
    "this or that thing": 1.11,
    "another subject than the questions before": 0.5,
}
CONSTANT = -3.38

_NAMING = re.compile(r"\b(this|that|these|those|the)\s+", re.IGNORECASE)
_THIS_THING = re.compile(
    r"\b(?:this|that|these|those)\s+(?!(?:is|was|are|were|the|a|it|you|i|we|they|in|of|to)\b)[a-z]{3,}", re.IGNORECASE
)
_QUESTION = re.compile(r"\?|^\s*(?:who|what|when|where|how|why|which|is|are|do|does|did|can|tell)\b", re.IGNORECASE)
_GOING_ON = re.compile(
    r"^\W*(?:ok|no|yes|and|so|i mean|i meant|oops|got it|what about|then|nice|sorry|i'm|i am|i heard|how about|are you"
    r" sure|by the)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_][\w'’.-]*|[?,;:!.]")  # noqa: RUF001 (a typographic apostrophe)
_END_WORDS = """is are was were be been do does did has have had can could will would should may might must i you we
    they he she it there to of in on for at by with from about and or but if that which who when where
    as than into during after before between under over through not also so because while per upon
    within without against among"""
_ENDS = frozenset(_END_WORDS.split())
"""Words that end the name of a thing."""
_OF_WORDS = """of for between in that which to about on when from where who by at with"""
_OF_SOMETHING = frozenset(_OF_WORDS.split())
_NO_THING = re.compile(
    r"(?:an?|any|how|why|what|means?|helps?|works?|apply|makes?|include|cover|happens?|cost|year|month|week|day|time|way|kind|"
    r"type|sort|information|question|answer|reason|point|years|days|long|much|many|early|late|far|all|too|\w+ed|\w+ly)",
    re.IGNORECASE,
)
"""What follows "this" or "the" without naming a thing that there may be several of."""
_ONLY_ONE = re.compile(
    r"\w+est|most|first|last|only|same|next|final|other|second|third|fourth|current|main|two|three|whole|rest|average|"
    r"total|original|more|\w+['’]s",  # noqa: RUF001 (a typographic apostrophe)
    re.IGNORECASE,
)
"""What makes the thing the only one of its kind."""
_BEFORE_WORDS = """of in for to on about at with from by is are was does did"""
_BEFORE_THAT = frozenset(_BEFORE_WORDS.split())
_AUXILIARY = re.compile(r"\b(?:do|does|did|can|could|will|would|should|may|might|must)\s+$", re.IGNORECASE)
_LONGEST_NAME = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A thing a question names after "this" or "the"."""

    words: tuple[str, ...]
    pointed_at: bool
    known: bool
    """Whether one of its words was said before."""
    one_of_several: bool
    """Whether nothing in its name makes it the only one."""
    of_something: bool
    after_auxiliary: bool
    """Whether "does" or the like stands before it, so that a verb follows."""

    @property
    def called(self) -> str:
        """Its name, without what is said of it."""
        words = self.words[:-1] if self.after_auxiliary and len(self.words) > 1 else self.words
        kept = list(takewhile(lambda word: not word.endswith("ly"), words))
        return " ".join(kept or words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """What a question back consists of."""

    sentence: str
    choices: tuple[str, ...]
    """Titles of the nearest documents; none when they are all the same."""


def ask_back(question: str, query: str, turns: Sequence[Turn], passages: Sequence[Passage]) -> Unclear | None:
    """Return what to ask back, or None for a question that is clear enough, or that answers such a question."""
    if not passages or (turns and asked_back(turns[-1])):
        return None
    if score(question, query, turns, passages) < ASKED_BACK:
        return None
    titles = tuple(dict.fromkeys(passage.title or passage.document for passage in passages))[:CHOICES]
    things = sorted(_named(question, turns), key=lambda one: (not one.pointed_at, one.known, not one.one_of_several))
    sentence = f"Which {things[0].called} do you mean?" if things else "What exactly do you mean?"
    return Unclear(sentence=sentence, choices=titles if len(titles) > 1 else ())


def asked_back(turn: Turn) -> bool:
    """Whether what was said last is a question back, so that what comes now is an answer to it."""
    return turn.answer.rstrip().endswith("?")


def score(question: str, query: str, turns: Sequence[Turn], passages: Sequence[Passage]) -> float:
    """Return how likely a question is to be underspecified, 0..1.

    0 where the documents are plainly about something else and it points at nothing: then that is said instead.
    """
    pointing = any(one.pointed_at for one in _named(question, turns))
    if not pointing and chance(evidence(query, passages)) < ENOUGH:
        return 0.0
    return probability(signs(question, query, turns, passages))


def probability(found: Sequence[float]) -> float:
    """Return how likely a question with these signs is to be underspecified, 0..1."""
    return 1 / (1 + math.exp(-CONSTANT - sum(w * value for w, value in zip(WEIGHTS.values(), found, strict=True))))


def signs(question: str, query: str, turns: Sequence[Turn], passages: Sequence[Passage]) -> list[float]:
    """Return what is seen of a question, in the order of `WEIGHTS`."""
    nearest = passages[:LOOKED_AT]
    last = nearest[-1].dense if len(nearest) == LOOKED_AT else 0.0
    ahead = max(nearest[0].dense - last, 0.0) if nearest else 0.0
    named, words = _named(question, turns), set(content_words(question))
    asked = {word for turn in turns for word in content_words(turn.question)}
    alike = ahead < LIKE
    spoken_of = [one for one in named if not one.pointed_at and not one.known and one.one_of_several]
    found = (
        any(one.pointed_at and not one.known for one in named),
        any(one.pointed_at and one.known and alike for one in named),
        any(not one.of_something and alike for one in spoken_of),
        bool(turns) and any(one.of_something for one in spoken_of),
        ahead,
        coverage(query, passages),
        sum(_share(words, passage) for passage in nearest) / LOOKED_AT,
        len({passage.document for passage in nearest}) / LOOKED_AT,
        len(words) <= 2,  # noqa: PLR2004
        bool(_QUESTION.search(question)),
        bool(_GOING_ON.search(question)),
        bool(_THIS_THING.search(question)),
        bool(turns) and not words & asked,
    )
    return [float(value) for value in found]


def _share(words: set[str], passage: Passage) -> float:
    """Return the share of the words that a passage or its title has."""
    return len(words & set(content_words(f"{passage.title} {passage.text}"))) / max(len(words), 1)


def _named(question: str, turns: Sequence[Turn]) -> list[_Named]:
    said = {word for turn in turns for word in content_words(f"{turn.question} {turn.answer}")}
    found: list[_Named] = []
    for match in _NAMING.finditer(question):
        pointed_at = match[1].lower() != "the"
        words, following = _name(question[match.end() :])
        content = set(content_words(" ".join(words)))
        if not content or _NO_THING.fullmatch(words[0]) or _joins(match, question):
            continue
        before = set(content_words(question[: match.start()]))
        lower = not any(word[0].isupper() or word[0].isdigit() for word in words)
        found.append(
            _Named(
                words=words,
                pointed_at=pointed_at,
                known=bool(content & (said | before)),
                one_of_several=lower and not any(_ONLY_ONE.fullmatch(word) for word in words),
                of_something=following in _OF_SOMETHING,
                after_auxiliary=bool(_AUXILIARY.search(question[: match.start()])),
            )
        )
    return found


def _joins(match: re.Match[str], question: str) -> bool:
    """Whether a "that" only joins two clauses: "the book that sells"."""
    earlier = question[: match.start()].split()
    return match[1].lower() == "that" and bool(earlier) and earlier[-1].lower() not in _BEFORE_THAT


def _name(text: str) -> tuple[tuple[str, ...], str]:
    """Return the words of the name a text begins with, and the word after it."""
    words: list[str] = []
    for word in _WORD.findall(text):
        if word.lower() in _ENDS or not word[0].isalnum():
            return tuple(words), word.lower()
        if len(words) == _LONGEST_NAME:
            break
        words.append(word.rstrip(".-"))
    return tuple(words), ""
