"""The checks on an answer made elsewhere, as `inhouse check` and `POST /api/check` print them.

Knows JSON items and the first tier; no product, no door. Nothing of an item is kept.
"""

import logging
import math
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from textwrap import shorten
from typing import Any

from app.checks.calibration import chance, mean_score, plainly
from app.checks.claims import LONGEST, Examined, examine
from app.checks.differing import differing
from app.checks.judging import Revision
from app.checks.language import in_another_language
from app.checks.nearness import Embed, nearer
from app.checks.statements import is_statement
from app.checks.support import Source
from app.errors import AppError, where

log = logging.getLogger(__name__)

NOTHING_EXAMINED = "This answer states nothing that could be held against the passages."
FOREIGN = "This answer is in another language than its passages, so its words cannot be compared with theirs."
NO_PASSAGES = "There is no text in the passages, so nothing can be found in them."
TOO_LONG = f"A sentence of more than {LONGEST:,} characters was not examined."
DIFFER = "The passages differ: one says “{}”, another “{}”."
FAILED = "The examination of this answer failed, so nothing is known about what was not examined."
OUT_OF_TIME = "The time was over before all of this answer was examined. Send less of it at once."
UNKNOWN, UNSTATED = 0.5, 0.2
"""The score of an answer that could not be examined, and of one that states nothing: of 28 such answers of our sets
people called 3 supported."""
_HALF_PAIR = re.compile("[\ud800-\udfff]")
MOST_DIFFERENCES = 3
QUOTED = 200
"""Characters of a sentence that a note quotes."""
TOGETHER = 64
"""Answers of a file whose texts are embedded together."""


class BadItemError(AppError):
    """An item needs an "id", an "answer" and a list of "passages", all of them texts."""

    status = 422


Look = Callable[[Sequence[Examined], Sequence[Source]], Iterable[Revision]]
"""The second tier: what the first one found -> what becomes of the claims it is unsure of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What the first two tiers found in an item."""

    name: Any
    answer: str
    passages: list[str]
    sources: list[Source]
    examined: list[Examined]
    judged: dict[int, float | None]
    late: bool
    seconds: float

    @property
    def stated(self) -> list[Examined]:
        """The statements that were examined."""
        return [one for one in self.examined if one.verdict != "not examined"]

    @property
    def unexamined(self) -> list[Examined]:
        """What states something all the same, and was not examined."""
        return [one for one in self.examined if one.verdict == "not examined" and is_statement(one.sentence.text)]


def check_item(
    item: Mapping[str, Any], *, look: Look | None = None, seconds: float = math.inf, embed: Embed | None = None
) -> dict[str, Any]:
    """Return what is found in `{"id", "question"?, "passages": [text], "answer"}`, shaped as the contract says.

    Args:
        item: the answer and what it was given.
        look: the second tier, where there is one.
        seconds: how long the first may take; what it does not get to is not examined, which is said.
        embed: adds to a short answer's score how near its meaning is to its window's.

    Raises:
        BadItemError: naming what is missing or of another kind.
    """
    (told,) = _told([_looked(item, look=look, seconds=seconds)], embed)
    return told


def check_items(items: Iterable[Mapping[str, Any]], *, embed: Embed | None = None) -> Iterator[dict[str, Any]]:
    """Yield what is found in each item, as `check_item` does; `{"id", "error"}` for one that is none.

    Many are embedded together, which costs a quarter of what one at a time does.
    """
    waiting: list[_Looked | dict[str, Any]] = []
    for item in items:
        try:
            waiting.append(_looked(item))
        except BadItemError as error:
            waiting.append({"id": item.get("id"), "error": str(error)})
        if embed is None or len(waiting) == TOGETHER:
            yield from _each(waiting, embed)
            waiting.clear()
    yield from _each(waiting, embed)


def _each(waiting: Sequence[_Looked | dict[str, Any]], embed: Embed | None) -> Iterator[dict[str, Any]]:
    """Yield what is told of those that were looked at, and the others as they are, in their order."""
    told = iter(_told([one for one in waiting if isinstance(one, _Looked)], embed))
    for one in waiting:
        yield next(told) if isinstance(one, _Looked) else one


def _looked(item: Mapping[str, Any], *, look: Look | None = None, seconds: float = math.inf) -> _Looked:
    name, question, passages, answer = parts_of(item)
    started = time.perf_counter()
    sources = [Source(text=text) for text in passages]
    examined = examine(answer, sources, question=question, seconds=seconds)
    late = time.perf_counter() - started >= seconds
    judged: dict[int, float | None] = {}
    for revision in look(examined, sources) if look else ():
        examined[revision.place], judged[revision.place] = revision.examined, revision.probability
    return _Looked(
        name=name,
        answer=answer,
        passages=passages,
        sources=sources,
        examined=examined,
        judged=judged,
        late=late,
        seconds=time.perf_counter() - started,
    )


def _told(looked: Sequence[_Looked], embed: Embed | None) -> list[dict[str, Any]]:
    """Return what is told of these items, each with its share of the time embedding took."""
    started = time.perf_counter()
    answers = [(one.stated, one.sources) for one in looked]
    scores = [[one.score for one in stated] for stated, _ in answers]
    if embed is not None:
        try:
            scores = nearer(answers, embed)
        except Exception as error:  # noqa: BLE001 - the embedder's door: scores by words alone stand without it
            log.warning("comparing meanings failed: %s at %s", type(error).__name__, where(error))
    share = (time.perf_counter() - started) / max(len(looked), 1)
    return [_shaped(one, some, share) for one, some in zip(looked, scores, strict=True)]


def _shaped(looked: _Looked, scores: Sequence[float], share: float) -> dict[str, Any]:
    stated, passages = looked.stated, looked.passages
    notes = _notes_on(looked)
    unknown = not stated and NOTHING_EXAMINED not in notes
    all_found = bool(stated) and not looked.unexamined and all(one.verdict == "supported" for one in stated)
    return {
        "id": looked.name,
        "score": UNKNOWN if unknown else round(score_of(stated, passages, scores), 4),
        "supported": all_found and plainly(_scored(stated)),
        "all_found": all_found,
        "claims": [_shape(one, passages) | {"judged": looked.judged.get(n)} for n, one in enumerate(looked.examined)],
        "notes": notes,
        "milliseconds": round((looked.seconds + share) * 1000, 3),
    }


def parts_of(item: Mapping[str, Any]) -> tuple[Any, str, list[str], str]:
    """Return id, question, passages and answer of an item.

    Raises:
        BadItemError: naming what is missing or of another kind.
    """
    passages, question = item.get("passages"), item.get("question") or ""
    if "id" not in item:
        raise BadItemError('An item has no "id".')
    if not isinstance(item.get("answer"), str):
        raise BadItemError(f'{item["id"]}: "answer" must be a text.')
    if not isinstance(passages, list) or not all(isinstance(text, str) for text in passages):
        raise BadItemError(f'{item["id"]}: "passages" must be a list of texts.')
    if not isinstance(question, str):
        raise BadItemError(f'{item["id"]}: "question" must be a text.')
    return item["id"], _whole(question), [_whole(text) for text in passages], _whole(item["answer"])


def _whole(text: str) -> str:
    """Return a text with "\ufffd" for each half of a surrogate pair, which JSON can spell and no embedder reads."""
    return _HALF_PAIR.sub("\ufffd", text)


def _notes_on(looked: _Looked) -> list[str]:
    """Return what a person has to know to understand the verdicts."""
    if looked.late:
        return [OUT_OF_TIME]
    if not looked.stated and in_another_language(looked.answer, looked.passages):
        return [FOREIGN]
    notes = []
    if looked.unexamined:
        long = all(len(one.sentence.text) > LONGEST for one in looked.unexamined)
        notes.append(TOO_LONG if long else FAILED)
    elif not looked.stated:
        notes.append(NOTHING_EXAMINED)
    if looked.stated and not any(map(str.strip, looked.passages)):
        notes.append(NO_PASSAGES)
    pairs = islice(differing(looked.stated, looked.sources), MOST_DIFFERENCES)
    return [*notes, *(DIFFER.format(*(shorten(one, QUOTED, placeholder=" …") for one in pair)) for pair in pairs)]


def score_of(stated: Sequence[Examined], passages: Sequence[str], scores: Sequence[float] | None = None) -> float:
    """Return how likely the whole answer is supported, 0..1, from what is stated, long statements counting more.

    Args:
        stated: the statements.
        passages: what they were held against.
        scores: those of the statements, where they are not their own.
    """
    if not stated:
        return UNSTATED
    scored = [(one.sentence.text, one.score if scores is None else scores[n]) for n, one in enumerate(stated)]
    return chance(mean_score(scored), claims=len(stated), characters=sum(map(len, passages)))


def _scored(stated: Sequence[Examined]) -> list[tuple[str, float]]:
    return [(one.sentence.text, one.score) for one in stated]


def _shape(examined: Examined, passages: Sequence[str]) -> dict[str, Any]:
    """Return a claim; where something was found near it, which passage and which of its sentences."""
    near = [support.window for support in examined.supports if support.coverage > 0][:1]
    shown = [] if examined.verdict in {"not examined", "not found"} else near
    return {
        "text": examined.sentence.text,
        "start": examined.sentence.start,
        "end": examined.sentence.end,
        "verdict": examined.verdict,
        "score": round(examined.score, 4),
        "alarm": examined.finding.speaks_against,
        "passages": [window.source for window in shown],
        "quotes": [passages[window.source][window.start : window.end] for window in shown],
    }
