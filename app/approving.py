"""Verified answers: a question with the answer somebody has approved, who answers for it, and until when it holds.

Knows what such an answer must have and how it is written down; it is learned as a document of its collection, so that
it is stored, found, cited, exported and removed like any other.
"""

from collections.abc import Iterator
from datetime import date, datetime

from app.answers import Actor
from app.errors import AppError
from app.knowledge import Knowledge
from app.store.verified import VerifiedAnswers
from retrieval.documents import Verified
from retrieval.ingest import IngestEvent
from retrieval.names import safe_name
from retrieval.sources import Source

FOLDER = "Verified answers"
"""Stands before the names of their documents."""
MOST_QUESTION, MOST_ANSWER, MOST_OWNER = 300, 4_000, 200
"""Characters. A passage is the whole of an answer."""


class AnswerRefusedError(AppError):
    """A verified answer needs a question on one line, an answer, somebody who answers for it, and a day to come."""

    status = 422


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

    Raises:
        AnswerRefusedError: saying what is missing.
    """
    asked, told, named = " ".join(question.split()), answer.strip(), " ".join(owner.split())
    _check(asked, told, named, until)
    name = name_of(asked)
    verified.note(actor, collection_id, name=name, question=asked, owner=named, until=until)
    written = f"# {asked}\n\n{told}\n".encode()
    source = Source(name=name, read=lambda: written, question=asked)
    yield from knowledge.learn([source], collection_id=collection_id, by=actor.user_id)


def name_of(question: str) -> str:
    """Return the name of the document that answers a question."""
    one_line = " ".join(question.split()).replace("/", "-").replace("\\", "-")
    return safe_name(f"{FOLDER}/{one_line}.md")


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
