"""The fields of collections, documents and watched folders, as the API's document names them.

Nothing is made or checked with them when something is answered (`app.api.fields`).
"""

from typing import Literal

from pydantic import BaseModel

from app.api.fields_reading import Object
from retrieval.relatives import Relative


class CollectionQuality(BaseModel):
    """How well the documents of a collection were understood."""

    documents: int
    to_look_at: int
    faults: dict[str, int]


class Collection(BaseModel):
    """A collection."""

    collection_id: str
    name: str
    description: str
    owner: str
    review_on: str | None
    review_due: bool
    on_unsupported: str
    double_check: bool
    readers: list[str]
    may_change: bool
    documents: int
    quarantined: int
    problems: int
    quality: CollectionQuality


class Understood(BaseModel):
    """What was understood of a document; a fault has `kind` and `sentence`, a note says what was left out as usual."""

    words: int
    pages: int
    tables: int
    language: str
    encoding: str
    faults: list[Object]
    notes: list[str]


class Document(BaseModel):
    """A document of a collection."""

    document_id: str
    name: str
    title: str
    state: str
    media_type: str
    bytes: int
    chunks: int
    added: str
    warnings: list[str]
    same_as: str | None
    quality: Understood | None
    suspicion: Object | None
    released: str | None


class ListedDocument(Document):
    """A document with those that say nearly the same."""

    relatives: list[Relative]


class DocumentDetails(Document):
    """A document with its versions, relatives and chunks; `same_as_name` is the document of the same bytes."""

    added_by: str
    same_as_name: str | None
    relatives: list[Object]
    versions: list[Object]
    first: int
    indexed: list[Object]


class Problem(BaseModel):
    """A file that could not be read."""

    name: str
    sentence: str
    noticed: str


class Documents(BaseModel):
    """The documents of a collection."""

    documents: list[ListedDocument]
    problems: list[Problem]


class Held(BaseModel):
    """Who may read or fill a collection."""

    kind: Literal["everyone", "group", "person"]
    name: str
    may: Literal["read", "curate"]


class Reader(BaseModel):
    """Somebody who may read or fill a collection; `through` says in words what lets them."""

    name: str
    may: Literal["read", "curate"]
    through: list[str]


class Watched(BaseModel):
    """A watched folder."""

    watch_id: str
    folder: str
    label: str
    minutes: int
    paused: bool
    next_run: str | None
    last_run: str | None
    last_result: Object
    running: Object | None
