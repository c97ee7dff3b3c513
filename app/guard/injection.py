"""Is a text addressed to an assistant rather than to its reader? A score, the sentences, and why.

Knows texts and of what kind each is; no store and no model. Each sign that stands within a stretch of a few sentences
adds its weight once, and the heaviest stretch decides. A strong sign is enough alone, of the others it takes two:
handbooks speak of chat assistants, and stories have people who pretend. Within these bounds the weights are fitted
by `bench/injection.py`; docs/benchmarks.md tells what is caught and what is not.
"""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from app.guard.folding import as_it_looks
from app.guard.foreign import foreign_requests
from app.guard.signs import Sign, signs_in
from app.guard.smuggled import REPETITION, smuggled_in
from retrieval.documents import Document, SuspectPlace, Suspicion
from retrieval.screening import Screening

VERSION = "5"
"""Raised whenever a text may be judged differently: stored documents are then judged again."""
Kind = Literal["question", "document", "answer"]

STRONG: dict[str, tuple[float, str]] = {
    "override": (3.1, "tells an assistant to forget its instructions"),
    "steering": (3.4, "tells an assistant how to write its answer"),
    "extraction": (2.7, "asks an assistant for its instructions"),
    "authority": (2.7, "claims power over an assistant"),
    "template": (2.7, "uses marks that only programs give to a model"),
    "disguise": (2.4, "hides words in a code"),
    "splitting": (2.2, "asks to put a sentence together from parts"),
    "secret": (2.9, "asks for a password or secret"),
    "private": (2.8, "asks for somebody's personal data"),
    "foreign task": (2.5, "asks for something that has nothing to do with the text around it"),
    "foreign question": (2.3, "asks about something that has nothing to do with the text around it"),
    "dialogue": (2.4, "puts a conversation into the question"),
    "code": (2.8, "is program code that would run in a page or a database"),
}
"""Sign -> weight and what it is, in words for a person. Enough alone."""
WEAK: dict[str, tuple[float, str]] = {
    "role": (1.8, "gives an assistant a role to play"),
    "machine": (1.8, "speaks to or about an AI model"),
    "freedom": (1.5, "speaks of freedom from rules"),
    "hypothetical": (1.8, "sets an imaginary scene"),
    "dictation": (1.8, "dictates what to say"),
    "pressure": (1.8, "uses pressure or a reward"),
    "encoding": (1.8, "speaks of a code or of changing letters"),
    "insistence": (1.2, "insists on how every question is answered"),
}
"""The same for signs that honest texts have as well."""
SIGNS = STRONG | WEAK
ENOUGH = 2.0
"""Weight at which the score is 0.5; between the heaviest weak sign and the lightest strong one."""
THRESHOLD = 0.5
STEEPNESS = 2.0
STRETCH = 700
"""Characters within which signs add up: three or four sentences."""
MOST_PLACES = 3
LONGEST_QUOTE = 300

_DIALOGUE = tuple(re.compile(rf"\b{speaker} ?:") for speaker in "QAQ")
"""Who speaks in turn where somebody writes down a dialogue for a model to go on with."""
_CODE = re.compile(
    r"(?:<|&lt;)\s*script\b|\bjavascript:|document\.cookie|\bon(?:error|load|click)\s*=|data:text/html|expression\("
    r"|(?:<|&lt;)\s*(?:img|a|iframe|svg)\s[^>]{0,60}(?:src|href)\s*=\s*[\\\"']*(?:javascript|http&#)"
    r"|\bunion\s+(?:all\s+)?select\b|\bdrop\s+table\b|'\s*(?:or|and)\s+'?1'?\s*=\s*'?1|\binsert into \w+ \("
    r"|case when \(1=1\)|\$\((?:touch|rm|curl|wget|cat|ls)\b|\bsystem ?\(?\s*[\"']\w+ |\brm -rf\b|\btouch /tmp"
    r"|console\.log\(",
    re.IGNORECASE,
)
_LONGEST_CODE = 600
"""Characters of a text that can be nothing but code; in longer ones code is an example."""
_BREAK = re.compile(r"\n|(?<=[.!?。])\s")


class Verdict(NamedTuple):
    """How suspicious a text is, and the signs of its worst stretch."""

    score: float
    signs: tuple[Sign, ...]

    @property
    def flagged(self) -> bool:
        """Whether a person should look at it."""
        return self.score >= THRESHOLD


def judge(text: str, *, kind: Kind) -> Verdict:
    """Return how likely a text is meant for an assistant rather than for a reader."""
    signs = signs_of(text, kind=kind)
    worst = max(stretches(signs), key=_weight, default=())
    return Verdict(1 / (1 + math.exp(STEEPNESS * (ENOUGH - _weight(worst)))), tuple(worst))


def judge_document(document: Document) -> Suspicion | None:
    """Return what is suspicious about a document: its title, which a model is told as well, or its text."""
    lead = f"{document.title}\n\n" if document.title and not document.text.startswith(document.title) else ""
    verdict = judge(lead + document.text, kind="document")
    if not verdict.flagged:
        return None
    places = dict.fromkeys(
        sentence_around(lead + document.text, sign) for sign in sorted(verdict.signs, key=_lightness)
    )
    told = [_place(document, len(lead), place, verdict.signs) for place in list(places)[:MOST_PLACES]]
    return Suspicion(score=round(verdict.score, 3), places=tuple(told))


SCREENING = Screening(version=VERSION, judge=judge_document)
"""How the product screens what it learns."""


def signs_of(text: str, *, kind: Kind) -> list[Sign]:
    """Return every sign in a text, in order."""
    text = as_it_looks(text)
    disguised = smuggled_in(text, without={REPETITION} if kind == "document" else ())
    signs = [*signs_in(text), *(Sign("disguise", piece.start, piece.end) for piece in disguised)]
    if kind == "document":
        signs += [Sign(f"foreign {request.kind}", request.start, request.end) for request in foreign_requests(text)]
    if kind == "question":
        signs += _dialogue_in(text)
    if len(text) < _LONGEST_CODE and (found := _CODE.search(text)):
        signs.append(Sign("code", found.start(), found.end()))
    return sorted(signs, key=lambda sign: sign.start)


def _dialogue_in(text: str) -> list[Sign]:
    """Return the first question, answer and question that follow one another, as one sign; none where one is missing.

    Each is looked for from where the one before ended: a single pattern would read the rest again from every question.
    """
    begin, end = None, 0
    for speaker in _DIALOGUE:
        turn = speaker.search(text, end)
        if turn is None:
            return []
        begin, end = turn.start() if begin is None else begin, turn.end()
    return [Sign("dialogue", begin or 0, end)]


def stretches(signs: Sequence[Sign]) -> Iterator[list[Sign]]:
    """Yield, for each sign, the signs that stand within a stretch that begins with it; the text is in order."""
    for place, first in enumerate(signs):
        within = [first]
        for sign in signs[place + 1 :]:
            if sign.start - first.start > STRETCH:
                break
            within.append(sign)
        yield within


def _weight(signs: Sequence[Sign]) -> float:
    return sum(SIGNS[name][0] for name in {sign.name for sign in signs})


def _lightness(sign: Sign) -> float:
    return -SIGNS[sign.name][0]


def sentence_around(text: str, sign: Sign) -> tuple[int, int]:
    """Return where the sentence lies that shows a sign."""
    before = [found.end() for found in _BREAK.finditer(text, max(0, sign.start - LONGEST_QUOTE), sign.start)]
    start = before[-1] if before else max(0, sign.start - LONGEST_QUOTE) if sign.start > LONGEST_QUOTE else 0
    after = _BREAK.search(text, max(sign.end - 1, sign.start))
    end = after.start() if after else len(text)
    return start, max(end, sign.end)


def _place(document: Document, lead: int, place: tuple[int, int], signs: Sequence[Sign]) -> SuspectPlace:
    start, end = max(place[0] - lead, 0), max(place[1] - lead, 0)
    in_title = place[1] <= lead
    quote = document.title if in_title else document.text[start:end].strip()
    names = dict.fromkeys(sign.name for sign in signs if place[0] <= sign.start < place[1])
    pages = [page.number for page in document.pages if page.start <= start < page.end]
    return SuspectPlace(
        quote=quote if len(quote) <= LONGEST_QUOTE else quote[: LONGEST_QUOTE - 1] + "…",
        start=start,
        end=end,
        page=pages[0] if pages and not in_title else None,
        reasons=tuple(SIGNS[name][1] for name in names),
    )
