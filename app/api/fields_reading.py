"""The fields of answers, searches and conversations, as the API's document names them.

Nothing is made or checked with them when something is answered (`app.api.fields`).
"""

from typing import Any

from pydantic import BaseModel

from app.answers import Timings

Object = dict[str, Any]


class Place(BaseModel):
    """Where something stands in a document."""

    document: str
    title: str
    page: int | None
    start: int
    end: int


class VerifiedBy(BaseModel):
    """Who answers for a verified answer, and until when."""

    owner: str
    until: str
    holds: bool
    words: str


class Cited(Place):
    """A citation."""

    n: int
    quote: str
    headings: list[str]
    sha256: str
    added: str


class Citation(Cited):
    """A citation of an answer."""

    verified: VerifiedBy | None


class Statement(BaseModel):
    """A statement of an answer with its verdict; `citations` are numbers."""

    text: str
    start: int
    end: int
    verdict: str
    score: float | None
    citations: list[int]
    judged: float | None
    nearest: Citation | None


class Passage(Place):
    """A passage."""

    rank: int
    score: float
    chunk_id: str
    text: str
    verified: VerifiedBy | None


class Part(BaseModel):
    """A piece of text, and whether it is marked."""

    text: str
    marked: bool


class FoundPassage(Passage):
    """A passage that was searched for."""

    document_id: str
    type: str
    collection: str
    snippet: list[Part]


class Found(BaseModel):
    """What a search found."""

    query: str
    passages: list[FoundPassage]
    milliseconds: float


class Group(BaseModel):
    """Answers to the same question that say the same."""

    text: str
    count: int
    says: str
    same: bool


class AskedAgain(BaseModel):
    """What came of asking a question several times."""

    asked: int
    reworded: int
    agree: int
    groups: list[Group]
    sentence: str


class Answered(BaseModel):
    """An answer."""

    query: str
    answer: str
    outcome: str
    citations: list[Citation]
    claims: list[Statement]
    unanswered: list[str]
    policy: str
    earlier: list[Object]
    citations_repaired: int
    citations_removed: int
    conflicts: list[Object]
    double_check: AskedAgain | None
    groundedness: float | None
    abstained: bool
    asked_back: bool
    choices: list[str]
    chance: float | None
    nearest: list[Passage]
    general: bool
    flags: list[str]
    model: str
    prompt_version: str
    timings: Timings


class StoredAnswer(Answered):
    """An answer as it is stored now."""

    answer_id: str
    question: str
    left: int
    asking_again: bool


class View(Place):
    """A document as a reader opens it, around a place."""

    collection: str
    notice: str
    document_id: str
    section: str
    sha256: str
    verified: VerifiedBy | None
    added: str | None
    original: bool
    drawn: bool
    blocks: list[Object]
    lines: bool
    cut_before: bool
    cut_after: bool


class Dispute(BaseModel):
    """What somebody said against a verdict."""

    answer_id: str
    start: int
    statement: str
    verdict: str
    comment: str


class Explained(BaseModel):
    """A statement of an answer, and why it got its verdict."""

    text: str
    start: int
    verdict: str
    words: str
    why: str
    second_look: str
    quotes: list[Object]
    dispute: Dispute | None


class Statements(BaseModel):
    """The statements of an answer."""

    answer_id: str
    tally: str
    left: int
    still: str
    asking_again: bool
    double_check: AskedAgain | None
    statements: list[Explained]


class Conversation(BaseModel):
    """A conversation."""

    conversation_id: str
    title: str
    created: str
    updated: str


class FoundConversation(BaseModel):
    """A conversation in which something was found."""

    conversation_id: str
    title: str
    found_in: str
    turn_id: str | None
    excerpt: str
    when: str
