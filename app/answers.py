"""The values of a question's life: who asks, what is shown while it is answered, what is kept.

Plain frozen data; knows no store, no model and no page. `Passage` comes from retrieval unchanged.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from app.again import DoubleCheck
from retrieval.documents import Passage, Verified

Verdict = Literal["supported", "value differs", "contradicted", "not found", "not examined"]
Stage = Literal["loading", "waiting", "searching", "reading", "writing", "checking"]
Policy = Literal["show", "warn", "regenerate", "quote"]
"""What follows when statements of an answer are not found: they are marked (always), a warning stands above the answer,
it is written once more with the fault named, or quotes take its place."""
Role = Literal["employee", "curator", "admin", "auditor"]
ROLES: tuple[Role, ...] = ("employee", "curator", "admin", "auditor")
Outcome = Literal["finished", "stopped", "failed", "abstained", "asked"]
"""Of an answer; "asked" is a question back, because what was asked leaves open which of several things it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever a call is made for; every store call takes one."""

    user_id: str
    name: str
    roles: frozenset[Role] = frozenset({"employee"})
    groups: frozenset[str] = frozenset()
    """Folded names of the groups the person is in."""


LOCAL_ACTOR = Actor(user_id="local", name="You", roles=frozenset(ROLES))
"""The one person of a workstation; on a server, whoever runs commands as the owner of the data directory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One earlier question and its answer, as the prompt sees it."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was asked, where to look, and what was said before."""

    text: str
    collection_ids: tuple[str, ...] = ()
    """Empty: every collection the actor may read."""
    conversation_id: str | None = None
    """None: nothing is stored and no earlier turn is loaded (a question from the command line or the API)."""
    history: tuple[Turn, ...] = ()
    """Earlier turns given by the caller, oldest first; used only when there is no conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the answer is. `done` of `total`: place in the queue while waiting, tokens while reading."""

    stage: Stage
    done: int = 0
    total: int = 0
    seconds: float | None = None
    """While waiting: how long until it is one's turn, about; None while that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The passages the answer will rest on, shown before the model has read them; the last one counts."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """The next piece of answer text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The place a sentence of the answer rests on."""

    n: int
    """The number shown, from 1, in order of first use."""
    collection_id: str
    document_id: str
    document: str
    title: str
    page: int | None
    start: int
    end: int
    quote: str
    """The document's text between start and end, exactly."""
    verified: Verified | None = None
    """Where the document was a verified answer."""
    headings: tuple[str, ...] = ()
    """Of the section it stands in, outermost first, without the document's title."""
    sha256: str = ""
    """Of the file that was read, so that its version is known when it is gone; "" in answers from before this."""
    added: str = ""
    """When that came, in ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One checkable statement of an answer and what was found about it."""

    text: str
    """Its words; of a table's cell with the names of its row and column."""
    start: int
    """Where it stands in the answer's text, `[start, end)`."""
    end: int
    verdict: Verdict
    score: float
    """Support in 0..1."""
    citations: tuple[int, ...] = ()
    judged: float | None = None
    """How likely the sources support it as a model judges, 0..1; None where none was asked or none said in time."""
    nearest: Citation | None = None
    """Of one that was not found: where the sources come nearest to it, which is no citation; its number is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictSide:
    """What one of two documents says that do not agree."""

    collection_id: str
    document_id: str
    document: str
    title: str
    page: int | None
    start: int
    end: int
    quote: str
    added: str
    """Since when the document is here: YYYY-MM-DD."""
    dated: str = ""
    """What it says of its own date, such as "valid from 1 January 2024"; "" where it says nothing."""
    owner: str = ""
    """Who answers for it: as it says itself, else as its collection says; "" where nobody does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two documents say different things of the same thing."""

    kind: Literal["value", "date", "negation"]
    one: ConflictSide
    """With an answer: the side it rests on."""
    other: ConflictSide
    order: int = 0
    """-1: `one` is of an older version of the document of `other`; 1: of a newer one; 0: nobody can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAnswer:
    """What the same person was told otherwise before, or what somebody has approved as the answer."""

    answer_id: str
    """"" where it is a verified answer."""
    said: str
    """What was said then."""
    now: str
    """What is said now."""
    on: str
    """When that was, in ISO 8601."""
    sources_changed: bool
    """Whether the documents it rests on have changed since, or the new ones were not there."""
    verified_by: str = ""
    """Who answers for it where it is a verified answer, which nobody was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Where the time went, in milliseconds, and how many tokens were read and written."""

    retrieve_ms: float = 0.0
    first_token_ms: float | None = None
    total_ms: float = 0.0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt: those the engine held already."""
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A finished (or stopped, or failed) answer; nothing about it hides inside its text."""

    answer_id: str
    question: str
    query: str
    """What was searched: the question made standalone."""
    text: str
    citations: tuple[Citation, ...]
    claims: tuple[Claim, ...]
    unanswered: tuple[str, ...] = ()
    """The parts of the question that nothing in it speaks of."""
    policy: Policy = "show"
    """Of the strictest collection it was written from."""
    citations_repaired: int = 0
    """Citations the model wrote itself that named another passage than the one that says it."""
    citations_removed: int = 0
    """Citations the model wrote itself at what no passage says."""
    conflicts: tuple[Conflict, ...] = ()
    """What other documents say differently from what it rests on."""
    earlier: tuple[EarlierAnswer, ...] = ()
    """What the same person was told otherwise before."""
    double_check: DoubleCheck | None = None
    """What came of asking the question again; None where nobody did."""
    nearest: tuple[Passage, ...] = ()
    """When abstained or asked back: the nearest passages, to show what there is instead."""
    outcome: Outcome = "finished"
    choices: tuple[str, ...] = ()
    """When asked back: titles of documents the question may be about."""
    chance: float | None = None
    """How likely it was, before the model was asked, that the passages answer, 0..1."""
    general: bool = False
    """True when it was answered from the model's own knowledge, where settings allow that."""
    flags: tuple[str, ...] = ()
    model: str = ""
    prompt_version: str = ""
    timings: Timings = Timings()

    @property
    def abstained(self) -> bool:
        """Whether the assistant said that the documents do not tell."""
        return self.outcome == "abstained"

    @property
    def asked_back(self) -> bool:
        """Whether it is a question back."""
        return self.outcome == "asked"

    @property
    def groundedness(self) -> float | None:
        """Supported claims over examined claims, 0..1; None when none was examined."""
        examined = [claim for claim in self.claims if claim.verdict != "not examined"]
        if not examined:
            return None
        return sum(claim.verdict == "supported" for claim in examined) / len(examined)


Event = Progress | Found | Delta | Answer
"""What `Assistant.ask` yields: any number of the first three, then exactly one Answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A conversation as the list shows it."""

    conversation_id: str
    title: str
    created: datetime
    updated: datetime
    collection_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A set of documents that is searched together."""

    collection_id: str
    name: str
    description: str = ""
    owner: str = ""
    """Who answers for what is in it: a person or a department."""
    review_on: date | None = None
    """When somebody has to look whether all of it still holds."""
    on_unsupported: Policy = "show"
    """What follows when an answer from it says what it does not."""
    double_check: bool = False
    """Whether the question of every answer from it is asked again in the background."""


FeedbackReason = Literal["wrong", "not in the source", "incomplete", "out of date", "unsafe", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a person said about an answer."""

    answer_id: str
    liked: bool
    reasons: tuple[FeedbackReason, ...] = ()
    comment: str = ""
    correction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """What a person said against the verdict on a statement of an answer."""

    answer_id: str
    start: int
    """Where the statement begins in the answer's text."""
    statement: str
    verdict: Verdict
    """The one that is disputed."""
    comment: str = ""
