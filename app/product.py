"""The parts of a running product, as the doors see them.

Hardly more than a value: `app.assemble` builds it, the command line, the pages and the HTTP API use it. Parts that
are costly to build are `Once`: built by whoever needs them first, so a command that needs no model loads none.
"""

import shutil
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from app.identity.refusals import NoProviderError
from retrieval.errors import EmbedderChangedError, IndexDamagedError

if TYPE_CHECKING:
    import sqlalchemy

    from app.answers import Actor
    from app.asking_again import AskingAgain
    from app.assistant import Assistant
    from app.chat_model.serving import Serving, Voice
    from app.custody.backing_up import Backups
    from app.custody.retaining import Retaining
    from app.examining import Examining
    from app.identity.limits import Limits
    from app.identity.people import People
    from app.identity.single_sign_on import SingleSignOn
    from app.improve.reviewing import Reviewing
    from app.library.changeover import ChangeOver
    from app.library.knowledge import Knowledge
    from app.library.watching import Watching
    from app.observe.engine import Notices
    from app.settings import Settings
    from app.store.audit import Audit
    from app.store.collections import Collections
    from app.store.consents import Consents
    from app.store.erasure import Erasing
    from app.store.exports import Exports
    from app.store.feedback import FeedbackStore
    from app.store.history import History
    from app.store.holds import Holds
    from app.store.looking_back import LookingBack
    from app.store.originals import Originals
    from app.store.person_export import PersonExport
    from app.store.rates import Rates
    from app.store.verdicts import Verdicts
    from app.store.verified import VerifiedAnswers
    from app.store.versions import Versions
    from app.store.watches import Watches
    from models.chat import LocalChat
    from models.embedding import Embeds
    from models.isolated import IsolatedEngine
    from retrieval.chunks import ChunkStore
    from retrieval.index import VectorIndex
    from retrieval.ingest import Ingesting
    from retrieval.readers.isolated import Reader
    from retrieval.retriever import Retriever

Part = TypeVar("Part")


class Once(Generic[Part]):
    """A part that is built when it is first asked for, and then kept; safe to ask from several threads."""

    def __init__(self, build: Callable[[], Part]) -> None:
        """Remember how to build it; nothing is built yet."""
        self._build = build
        self._lock = threading.Lock()
        self._built: list[Part] = []
        self.failure: Exception | None = None
        """What kept it from being built the last time it was tried."""

    def __call__(self) -> Part:
        """Return the part, building it the first time. What building raises is raised, and the next call tries anew."""
        with self._lock:
            if not self._built:
                try:
                    self._built.append(self._build())
                except Exception as error:  # whatever it is, /readyz tells it too
                    self.failure = error
                    raise
            return self._built[0]

    def replace(self, part: Part) -> None:
        """Return another part from now on."""
        with self._lock:
            self._built[:] = [part]

    @property
    def ready(self) -> bool:
        """Whether it has been built; never waits."""
        return bool(self._built)


class Current(Generic[Part]):
    """A part of the model that answers now; ask for it anew each time, for another model may answer by then."""

    def __init__(self, serving: "Serving", pick: Callable[["Voice"], Part]) -> None:
        """Pick a part of whatever model answers."""
        self._serving = serving
        self._pick = pick

    def __call__(self) -> Part:
        """Return the part, loading the model where there is none."""
        return self._pick(self._serving())

    @property
    def ready(self) -> bool:
        """Whether a model is loaded; never waits."""
        return self._serving.ready

    @property
    def failure(self) -> Exception | None:
        """What kept the model from being loaded the last time it was tried."""
        return self._serving.failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """Everything a door may use. Light parts are there; heavy ones are called: `product.assistant().ask(…)`."""

    settings: "Settings"
    database: "sqlalchemy.Engine"
    collections: "Collections"
    history: "History"
    feedback: "FeedbackStore"
    reviewing: "Reviewing"
    """What reviewers do with rated answers."""
    rates: "Rates"
    """How often which verdict was given."""
    originals: "Originals"
    chunks: "ChunkStore"
    embedder: Once["Embeds"]
    index: Once["VectorIndex"]
    retriever: Once["Retriever"]
    serving: "Serving"
    """The chat model that answers; it may be replaced by another one at any time."""
    engine: Current["IsolatedEngine"]
    chat: Current["LocalChat"]
    assistant: Once["Assistant"]
    """Answers with whatever model serves; `ready` once a first model and everything else it needs were there."""
    examining: "Examining"
    """Lets the model judge statements of answers that are stored, while nobody waits."""
    asking_again: "AskingAgain"
    """Double-checks answers unasked, where a collection has that done."""
    notices: "Notices"
    """What was told about the engine lately."""
    knowledge: "Knowledge"
    """Documents in and out of everything that holds them; needs no chat model."""
    change_over: "ChangeOver"
    """Makes the index anew with another embedder while the old one serves."""
    verdicts: "Verdicts"
    versions: "Versions"
    verified: "VerifiedAnswers"
    limits: "Limits"
    """How much one person may ask at once and in a minute."""
    people: "People"
    """Who has an account here, and how they come in."""
    single_sign_on: "SingleSignOn | None"
    """How they come in through the company's provider; None where the settings name none."""
    audit: "Audit"
    """Who did what; whoever opens another door records there what goes through it."""
    consents: "Consents"
    """Who agreed to which privacy notice."""
    watches: "Watches"
    watching: "Watching"
    """Brings collections up to date with the folders they watch, while a server runs."""
    drawing: "Reader"
    """Draws pages of PDFs in a process of its own; not the one that reads, for people wait for it."""
    holds: "Holds"
    erasure: "Erasing"
    """Erases people."""
    exports: "Exports"
    person_export: "PersonExport"
    """Everything that is kept about a person."""
    looking_back: "LookingBack"
    """Searches one's own history."""
    retaining: "Retaining"
    """Deletes what is older than it may be, while a server runs."""
    backups: "Backups"
    """Writes everything that is kept into one encrypted file."""
    close: Callable[[], None]
    """Close the model, the stores and the hold on the data directory, in this order; a second call does nothing."""

    @property
    def settings_in_use(self) -> "Settings":
        """The settings, with the embedder that is used now: it may have been changed since the start."""
        return self.settings.model_copy(update={"embedder": self.change_over.used})

    def way_in(self) -> "SingleSignOn":
        """Return the way in through the company's provider.

        Raises:
            NoProviderError: the settings name none.
        """
        if self.single_sign_on is None:
            raise NoProviderError
        return self.single_sign_on

    def delete_collection(self, actor: "Actor", collection_id: str) -> None:
        """Delete a collection with every document, chunk, vector and original that is only in it.

        The collection goes first: whoever is learning into it notices, and what a killed process leaves is swept.
        """
        self.collections.delete(actor, collection_id)
        self.watches.remove_of(collection_id)
        self.rates.forget(collection_id)
        self.knowledge.forget_collection(collection_id)

    def rebuild_index(self) -> "Generator[Ingesting]":
        """Build the vectors again from the database, yielding progress; an index that cannot be opened goes before.

        Where it is closed before its end, searches find by words what has no vector yet.
        """
        try:
            self.index()
        except (IndexDamagedError, EmbedderChangedError):
            shutil.rmtree(self.settings.home / "index", ignore_errors=True)
        yield from self.knowledge.rebuild_index()
