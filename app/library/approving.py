"""Verified answers: a question with the answer somebody has approved, who answers for it, and until when it holds.

Knows what such an answer must have and how it is written down; it is learned as a document of its collection, so that
it is stored, found, cited, exported and removed like any other.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from app.answers import Actor
from app.errors import AppError
from app.library.knowledge import Knowledge
from app.store.verified import VerifiedAnswer, VerifiedAnswers
from retrieval.documents import Verified
from retrieval.errors import UnreadableDocumentError
from retrieval.ingest import IngestEvent, IngestReport
from retrieval.names import safe_name
from retrieval.sources import Source

FOLDER = "Verified answers"
"""Stands before the names of their documents."""
MOST_QUESTION, MOST_ANSWER, MOST_OWNER = 300, 4_000, 200
"""Characters. A passage is the whole of an answer."""


class AnswerRefusedError(AppError):
    """A verified answer needs a question on one line, an answer, somebody who answers for it, and a day to come."""

    status = 422


class AnswerWaitsError(AppError):
    """The answer looks suspicious, so it waits in quarantine and is not approved. Release it, then approve it again."""

    status = 409


def approve(  # noqa: PLR0913 - what a verified answer is made of
    actor: Actor,
    collection_id: str,
    *,
    question: str,
    answer: str,
    owner: str,
    until: date,
    knowledge: Knowledge,
    verified: VerifiedAnswers,
) -> Iterator[IngestEvent]:
    """Learn a verified answer: yield progress and, last, a report. One to the same question takes the other's place.

    It is approved only once searches find it: until then the former answer keeps its words, its owner and its day.

    Raises:
        AnswerRefusedError: saying what is missing.
        AnswerWaitsError: it looks suspicious and is in quarantine now.
        UnreadableDocumentError: it could not be learned.
    """
    asked, told, named = in_one_line(question), answer.strip(), " ".join(owner.split())
    _check(asked, told, named, until)
    name = name_for(asked, verified.of(collection_id))
    written = f"# {asked}\n\n{told}\n".encode()
    source = Source(name=name, read=lambda: written, question=asked)
    with verified.reserved(collection_id, name):
        for event in knowledge.learn([source], collection_id=collection_id, by=actor.user_id):
            if isinstance(event, IngestReport):
                _check_learned(event, found=knowledge.finds(collection_id, name, hashlib.sha256(written).hexdigest()))
                verified.note(actor, collection_id, name=name, question=asked, owner=named, until=until)
            yield event


def name_for(question: str, approved: Iterable[VerifiedAnswer]) -> str:
    """Return the name of the document that answers a question: the one it has, or a new one that no other has."""
    taken = {answer.name: answer.question for answer in approved}
    known = next((name for name, asked in taken.items() if asked == question), None)
    name = name_of(question)
    return known or (name if name not in taken else _named(question, marked=True))


def name_of(question: str) -> str:
    """Return the name of a new document that answers a question.

    A name cannot hold every sign; where the question has another one, a mark tells it from those like it.
    """
    return _named(question, marked=any(sign in question for sign in "/\\"))


def in_one_line(question: str) -> str:
    """Return a question as it is stored and compared."""
    return " ".join(question.split())


def _named(question: str, *, marked: bool) -> str:
    one_line = in_one_line(question)
    mark = f" ({hashlib.sha256(one_line.encode()).hexdigest()[:8]})" if marked else ""
    return safe_name(f"{FOLDER}/{one_line.replace('/', '-').replace(chr(92), '-')}{mark}.md")


def answer_in(text: str) -> str:
    """Return the answer in the text of such a document."""
    return text.partition("\n")[2].strip()


def today() -> date:
    """Return the day it is where Inhouse runs."""
    return datetime.now().astimezone().date()


def words_of(verified: Verified) -> str:
    """Return what a person is told of a verified answer: who answers for it, and until when."""
    until = date.fromisoformat(verified.until)
    day = f"{until.day} {until:%b %Y}"
    if verified.holds(today()):
        return f"Verified answer by {verified.owner}, until {day}"
    return f"Answer by {verified.owner}, expired after {day}"


def _check_learned(report: IngestReport, *, found: bool) -> None:
    """Refuse to approve what was not learned, saying why."""
    if report.problems:
        raise UnreadableDocumentError(report.problems[0][1])
    if not found:
        raise AnswerWaitsError


def _check(question: str, answer: str, owner: str, until: date) -> None:
    """Refuse what cannot be a verified answer, saying why."""
    if not any(character.isalnum() for character in question) or len(question) > MOST_QUESTION:
        raise AnswerRefusedError(f"Give the question in 1 to {MOST_QUESTION} characters.")
    if not any(character.isalnum() for character in answer) or len(answer) > MOST_ANSWER:
        raise AnswerRefusedError(f"Give the answer in 1 to {MOST_ANSWER:,} characters.")
    if not owner or len(owner) > MOST_OWNER or not owner.isprintable() or not question.isprintable():
        raise AnswerRefusedError(f"Name who answers for it, in 1 to {MOST_OWNER} characters.")
    if until < today():
        raise AnswerRefusedError("The day until which it holds is over. Give a day to come.")
