"""What the same person was told before, or somebody has approved: the same answered otherwise.

Knows a person's own turns, never anybody else's, the verified answers that were found, and how the sources stand now.
Within a conversation every statement counts; elsewhere only answers to an equivalent question.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Protocol

from app.answering.standing import source_of
from app.answers import Actor, Answer, EarlierAnswer
from app.checks.conflicts import Words, differences
from app.checks.values import missing, values_of
from app.checks.words import content_words
from app.errors import AppError
from app.sentences import split_sentences
from app.store.history import Asked
from app.store.versions import Versions
from retrieval.chunks import ChunkStore
from retrieval.documents import Passage
from retrieval.verified import SAME_QUESTION

LOOKED_AT = 500
"""Questions of a person that are looked at, the newest first: a few milliseconds."""
LIKE = 0.6
"""Share of words two questions as they were typed have in common, from which it is worth opening the answer."""
EQUIVALENT = 0.8
"""As `LIKE`, for the questions as they were searched: from here on they ask the same."""
MOST = 2
"""Shown with an answer, the newest first."""


class Asking(Protocol):
    """What is needed of the history."""

    def asked(self, actor: Actor, /, *, newest: int) -> Sequence[Asked]:
        """Return the actor's answered questions, the newest first."""

    def answer(self, actor: Actor, answer_id: str, /) -> Answer:
        """Return one of the actor's answers."""


class Earlier:
    """Finds what a person was told otherwise before."""

    def __init__(self, *, history: Asking, chunks: ChunkStore, versions: Versions) -> None:
        """Look in a history; documents and their versions tell whether the sources have changed."""
        self._history = history
        self._chunks = chunks
        self._versions = versions

    def against(
        self,
        actor: Actor,
        conversation_id: str | None,
        answer: Answer,
        *,
        passages: Sequence[Passage],
        readable: Collection[str],
    ) -> tuple[EarlierAnswer, ...]:
        """Return verified answers that say otherwise, and what the actor was told otherwise: at most `MOST` each.

        Args:
            actor: who asks.
            conversation_id: where; None: no conversation is kept, so nothing was told before.
            answer: the new one.
            passages: what was found for it, verified answers among them.
            readable: ids of the collections the actor may read.
        """
        told = self._told(actor, conversation_id, answer, readable) if conversation_id is not None else iter(())
        return (*islice(self._approved(answer, passages), MOST), *islice(told, MOST))

    def _approved(self, answer: Answer, passages: Sequence[Passage]) -> Iterator[EarlierAnswer]:
        """Yield the verified answers to the same question that hold and say otherwise."""
        today = datetime.now().astimezone().date()
        for passage in passages:
            verified = passage.verified
            if verified is None or not verified.holds(today) or passage.dense < SAME_QUESTION:
                continue
            approved = passage.text.partition("\n")[2].strip()  # behind its question
            if differs := _differs(approved, answer.text, same=True):
                since = datetime.fromisoformat(passage.added)
                yield EarlierAnswer(
                    answer_id="",
                    said=differs[0],
                    now=differs[1],
                    on=passage.added,
                    sources_changed=self._newer(answer, since),
                    verified_by=verified.owner,
                )

    def _told(
        self, actor: Actor, conversation_id: str, answer: Answer, readable: Collection[str]
    ) -> Iterator[EarlierAnswer]:
        """Yield what the actor was told otherwise before, the latest first."""
        for asked in self._history.asked(actor, newest=LOOKED_AT):
            here = asked.conversation_id == conversation_id
            if asked.answer_id == answer.answer_id or not (here or _alike(asked.question, answer.question) >= LIKE):
                continue
            try:
                old = self._history.answer(actor, asked.answer_id)
            except AppError:  # deleted meanwhile, or damaged: there is nothing to compare with
                continue
            same = _alike(old.query, answer.query) >= EQUIVALENT
            if (here or same) and (differs := _differs(old.text, answer.text, same=same)):
                said, now = differs
                changed = self._changed(old, answer, asked.begun, readable)
                on = asked.begun.isoformat()
                yield EarlierAnswer(answer_id=old.answer_id, said=said, now=now, on=on, sources_changed=changed)

    def _changed(self, old: Answer, new: Answer, since: datetime, readable: Collection[str]) -> bool:
        """Whether what the old answer rests on is not what it was, or what the new one rests on was not there."""
        chunks, versions = self._chunks, self._versions
        standings = (source_of(one, readable=readable, chunks=chunks, versions=versions) for one in old.citations)
        return any(one.standing in {"changed", "gone"} for one in standings) or self._newer(new, since)

    def _newer(self, answer: Answer, since: datetime) -> bool:
        """Whether an answer rests on a document that came after a moment."""
        summaries = (self._chunks.summary(citation.document_id) for citation in answer.citations)
        return any(summary is not None and summary.added > since for summary in summaries)


def _alike(one: str, other: str) -> float:
    """Return the share of content words two questions have in common, 0..1; 0 where their values differ."""
    words, others = set(content_words(one)), set(content_words(other))
    if missing(values_of(one), values_of(other)) or missing(values_of(other), values_of(one)):
        return 0.0
    return len(words & others) / len(words | others) if words | others else 0.0


def _differs(old: str, new: str, *, same: bool) -> tuple[str, str] | None:
    """Return what was said and what is said now, where the two contradict each other; `same`: to the same question."""
    for found in differences(Words(old), Words(new)):
        return old[found.start : found.end], new[found.other_start : found.other_end]
    if same and _one_sentence(old) and _one_sentence(new) and _other_values(old, new):
        return old, new
    return None


def _one_sentence(text: str) -> bool:
    """Whether a text is short enough to be nothing but the answer; a longer one may only tell more."""
    return len(split_sentences(text)) == 1


def _other_values(one: str, other: str) -> bool:
    """Whether each text names a value of a kind that the other gives otherwise."""
    ours, theirs = missing(values_of(one), values_of(other)), missing(values_of(other), values_of(one))
    return bool({value.kind for value in ours} & {value.kind for value in theirs})
