"""What a reviewer does with a rated answer: settle it with a note, or take an answer over as a verified one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from app.answers import Actor
from app.library.approving import approve
from app.library.knowledge import Knowledge
from app.store.collections import Collections
from app.store.shared_turns import Review, SharedTurns
from app.store.verified import VerifiedAnswers
from retrieval.ingest import IngestEvent

APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """The verified answer a review leads to, as the reviewer words it."""

    collection_id: str
    question: str
    answer: str
    owner: str
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewing:
    """The queue of rated answers, and where verified ones are kept."""

    shared: SharedTurns
    collections: Collections
    knowledge: Knowledge
    verified: VerifiedAnswers

    def take_over(self, actor: Actor, review_id: str, wanted: TakenOver, *, note: str = "") -> Iterator[IngestEvent]:
        """Learn a verified answer, then settle the review; yield progress and, last, a report.

        Raises:
            NotFoundError, ForbiddenError: the review or the collection is not the actor's to use.
            AnswerRefusedError, AnswerWaitsError, UnreadableDocumentError: as `approve`; the review stays open.
        """
        self.shared.get(actor, review_id)
        self.collections.curated(actor, wanted.collection_id)
        yield from approve(
            actor,
            wanted.collection_id,
            question=wanted.question,
            answer=wanted.answer,
            owner=wanted.owner,
            until=wanted.until,
            knowledge=self.knowledge,
            verified=self.verified,
        )
        self.shared.settle(actor, review_id, note=note, outcome=APPROVED)


def proposed(review: Review) -> str:
    """Return the answer to begin with: the correction where there is one."""
    return review.turn.correction or review.turn.answer
