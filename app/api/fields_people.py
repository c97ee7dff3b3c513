"""The fields of reviews, accounts, tokens, holds and the audit log, as the API's document names them.

Nothing is made or checked with them when something is answered (`app.api.fields`).
"""

from typing import Literal

from pydantic import BaseModel

from app.api.fields_reading import Cited, Object


class Review(BaseModel):
    """A rated answer in the list of reviewers."""

    review_id: str
    person: str
    shared: str
    question: str
    rating: Literal["good", "bad"]
    reasons: list[str]
    settled: str | None
    outcome: str


class Reviews(BaseModel):
    """Rated answers."""

    reviews: list[Review]
    before: float | None
    counts: dict[str, int]


class OpenReview(Review):
    """All that was shared of a rated answer."""

    answer: str
    sources: list[Cited]
    statements: list[Object]
    model: str
    prompt_version: str
    comment: str
    correction: str
    collections: list[Object]
    note: str


class Account(BaseModel):
    """An account."""

    user_id: str
    name: str
    roles: list[str]
    groups: list[str]
    active: bool
    invited: bool
    second_factor: bool
    single_sign_on: bool
    created: str
    signed_in: str | None


class MadeAccount(Account):
    """An account that was made just now; its owner chooses a password through the link."""

    link: str


class Token(BaseModel):
    """A token, without what it is."""

    token_id: str
    name: str
    scopes: list[Literal["ask", "manage"]]
    created: str
    expires: str
    used: str | None


class MadeToken(Token):
    """A token that was made just now."""

    token: str


class Session(BaseModel):
    """A browser somebody is signed in with."""

    session_id: str
    device: str
    since: str
    this_one: bool


class SealedExport(BaseModel):
    """An export an administrator made for you."""

    made: str
    file: str
    passphrase: str


class Hold(BaseModel):
    """A legal hold."""

    hold_id: str
    name: str
    reason: str
    since: str
    released: str | None


class Safekeeping(BaseModel):
    """Where the key is, how long data is kept, and what lies open."""

    home: str
    key: Object
    retention: list[Object]
    findings: list[Object]


class Notice(BaseModel):
    """The privacy notice."""

    version: str
    text: str
    agreed: Object | None
    new: list[str]
    gone: list[str]


class Row(BaseModel):
    """A row of the audit log; addresses and hashes are what proves it."""

    number: int
    at: float
    time: str
    who: str
    action: str
    object_kind: str
    object_id: str
    result: str
    door: str
    address: str
    sealed_address: str
    hash: str


class Rows(BaseModel):
    """Rows of the audit log; `before` asks for those before them."""

    rows: list[Row]
    before: int | None


class Proof(BaseModel):
    """Whether the audit log is whole and signed."""

    ok: bool
    faults: list[str]
    sentence: str
    rows: int
    removed: int
    cuts: list[Object]
    head: str
    public_key: str
