"""The parts of a product, each made from those it needs: what `app.assemble` puts together over an open store.

Models, the vector index and what needs them are `Once` or `Current`: built when somebody first asks for them. Heavy
packages are imported where they are used, so that a command without a model loads none.
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from app import voices
from app.answering.differing import Differing
from app.answering.earlier import Earlier
from app.answering.states import EngineStates
from app.asking_again import AskingAgain
from app.checks.conflicts import COMPARING
from app.custody.backing_up import Backups
from app.custody.retaining import Retaining
from app.examining import Examining
from app.guard.injection import SCREENING
from app.identity.limits import Limits
from app.identity.people import People
from app.identity.sessions import Sessions
from app.improve.reviewing import Reviewing
from app.library.changeover import ChangeOver, current_index, open_index
from app.library.knowledge import Knowledge
from app.library.watching import Watching
from app.observe.engine import Notices
from app.product import Current, Once, Product
from app.settings import Settings
from app.store.keys import OpenedKey
from app.store.opening import Store
from retrieval.chunks import ChunkStore
from retrieval.crossing import Crossing
from retrieval.library import Library
from retrieval.readers.isolated import Reader
from retrieval.turn import Turn

if TYPE_CHECKING:
    from app.assistant import Assistant
    from app.chat_model.serving import Serving
    from app.identity.single_sign_on import SingleSignOn
    from models.embedding import Embeds
    from retrieval.index import VectorIndex
    from retrieval.retriever import Retriever


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """Makes each part of a product once; what has to be closed is closed with `opened`, the last made first."""

    settings: Settings
    key: OpenedKey
    store: Store
    states: EngineStates
    opened: ExitStack
    tell: Callable[[str], None]
    """Shows a sentence to the person at once."""
    notices: Notices = field(default_factory=Notices)

    def product(self) -> Product:
        """Return the whole."""
        settings, store = self.settings, self.store
        return Product(
            settings=settings,
            database=store.engine,
            collections=store.collections,
            history=store.history,
            feedback=store.feedback,
            reviewing=self._reviewing(),
            rates=store.rates,
            originals=store.originals,
            chunks=self._chunks,
            embedder=self._embedder,
            index=self._index,
            retriever=self._retriever,
            serving=self._serving,
            engine=Current(self._serving, lambda voice: voice.engine),
            chat=Current(self._serving, lambda voice: voice.chat),
            assistant=Once(self._assistant),
            examining=self._examining,
            asking_again=self._asking_again,
            notices=self.notices,
            knowledge=self._knowledge,
            change_over=self._change_over(),
            verdicts=store.verdicts,
            versions=store.versions,
            verified=store.verified,
            limits=_limits(settings),
            people=self._people,
            single_sign_on=self._single_sign_on(),
            audit=store.audit,
            consents=store.consents,
            watches=store.watches,
            watching=self._watching(),
            drawing=self._reader(),
            holds=store.holds,
            erasure=store.erasure,
            exports=store.exports,
            person_export=store.person_export,
            looking_back=store.looking_back,
            retaining=self._retaining(),
            backups=Backups(home=settings.home, key=self.key, store=store, library=self._knowledge.library),
            close=self.opened.close,
        )

    # Documents

    @cached_property
    def _chunks(self) -> ChunkStore:
        return ChunkStore(self.store.engine)

    @cached_property
    def _embedder(self) -> Once["Embeds"]:
        embedder = Once(lambda: voices.load_embedder(self.settings))
        self.opened.callback(_close_built, embedder)
        return embedder

    @cached_property
    def _index(self) -> Once["VectorIndex"]:
        settings = self.settings
        index = Once(
            lambda: current_index(
                settings.home,
                self.key.master,
                embedder=settings.embedder,
                sha256=voices.sha256_of_embedder(settings, settings.embedder),
            )
        )
        self.opened.callback(_close_built, index)
        return index

    @cached_property
    def _knowledge(self) -> Knowledge:
        store = self.store
        library = self._libraries()
        return Knowledge(
            chunks=self._chunks,
            originals=store.originals,
            versions=store.versions,
            verified=store.verified,
            library=lambda: library(self._index()),
            exists=store.collections.exists,
            erasing=self.states.forgotten,
        )

    def _libraries(self) -> "Callable[[VectorIndex], Library]":
        """Return what learning needs over an index; the embedder is loaded with the first text it must embed.

        All of them share one turn, so that one ingest runs at a time, and make way for people who wait for answers.
        """
        read, turn, embedder, serving = self._reader().read, Turn(), self._embedder, self._serving
        return lambda index: Library(
            index=index,
            chunks=self._chunks,
            embed=lambda texts: embedder().embed_documents(texts, before_pass=serving.make_way),
            token_offsets=lambda text: embedder().token_offsets(text),
            read=read,
            max_tokens=self.settings.chunk_tokens,
            reads_tokens=lambda: embedder().max_tokens,
            screening=SCREENING,
            comparing=COMPARING,
            turn=turn,
        )

    def _reader(self) -> Reader:
        """Return a process of its own that reads or draws documents."""
        reader = Reader()
        self.opened.callback(reader.close)
        return reader

    def _change_over(self) -> ChangeOver:
        settings = self.settings
        return ChangeOver(
            home=settings.home,
            named=settings.embedder,
            knowledge=self._knowledge,
            index=self._index,
            open_index=lambda directory: open_index(directory, self.key.master),
            load=lambda name: voices.load_embedder(settings.model_copy(update={"embedder": name})),
            sha256=partial(voices.sha256_of_embedder, settings),
            use=self._use_embedder,
            make_way=self._serving.make_way,
            crossing=self._crossing,
        )

    def _use_embedder(self, embedder: "Embeds") -> None:
        """Let everything embed with another embedder, and the one before give back its memory."""
        before = self._embedder
        former = before() if before.ready else None
        before.replace(embedder)
        if former is not None:
            former.close()

    @cached_property
    def _crossing(self) -> Crossing:
        return Crossing()

    def _watching(self) -> Watching:
        return Watching(
            watches=self.store.watches,
            knowledge=self._knowledge,
            names=lambda collection_id: [head.name for head in self._chunks.heads(collection_id)],
            home=self.settings.home,
        )

    # Answers

    @cached_property
    def _serving(self) -> "Serving":
        settings = self.settings
        place = voices.place_of(settings, self.store.ledger.engine_key)
        serving = voices.serving_of(settings, self.notices.telling(self.tell), place)
        self.opened.callback(serving.close)
        return serving

    @cached_property
    def _retriever(self) -> Once["Retriever"]:
        return Once(self._build_retriever)

    def _build_retriever(self) -> "Retriever":
        from retrieval.retriever import Retriever

        embedder = self._embedder
        embedder()
        return Retriever(
            chunks=self._chunks,
            index=self._index(),
            embed_query=lambda text: embedder().embed_query(text),
            rerank=voices.load_reranker(self.settings),
            are_verified=self.store.verified.among,
            crossing=self._crossing,
        )

    @cached_property
    def _examining(self) -> Examining:
        """Examines answers that are stored; model servers do not say how sure they are, so they never do."""
        settings = self.settings
        background = voices.background_of(settings, self.notices.telling(self.tell))
        if background is not None:
            self.opened.callback(background.close)
        self.states.engine, self.states.others = lambda: self._serving, [background] if background else []
        folder = settings.checker
        checker = None if folder is None else Once(lambda: voices.load_checker(folder))
        able = checker or background or not settings.model_servers
        examining = Examining(
            self._serving,
            self.store.verdicts,
            seconds=settings.examine_seconds if able else 0.0,
            checker=checker,
            background=background,
            paid=not settings.model_servers,
        )
        self.opened.callback(examining.close)
        return examining

    @cached_property
    def _asking_again(self) -> AskingAgain:
        """Double-checks answers of strict collections unasked."""
        store = self.store
        asking_again = AskingAgain(
            self._serving,
            store.verdicts,
            collections=store.collections.list,
            left=self._examining.left,
            seconds=self.settings.double_check_seconds,
            rule=self.settings.personal_data,
        )
        self.opened.callback(asking_again.close)
        return asking_again

    def _assistant(self) -> "Assistant":
        from app.assistant import Assistant, Rules

        self._serving()
        settings, store, chunks = self.settings, self.store, self._chunks
        return Assistant(
            model=self._serving,
            search=self._retriever().search,
            collections=store.collections.list,
            history=store.history,
            ingest=self._knowledge.learn,
            differing=Differing(chunks).about,
            earlier=Earlier(history=store.history, chunks=chunks, versions=store.versions).against,
            stored=(self._examining.begin, self._asking_again.begin),
            rules=Rules(
                passages=settings.passages,
                question_characters=settings.question_characters,
                answer_seconds=settings.answer_seconds,
                general_answers=settings.general_answers,
                personal_data=settings.personal_data,
                withhold_secrets=settings.withhold_secrets,
            ),
        )

    # People

    @cached_property
    def _people(self) -> People:
        store, idle, whole = self.store, self.settings.session_idle_minutes, self.settings.session_hours
        sessions = Sessions(idle_seconds=60.0 * idle, absolute_seconds=3600.0 * whole)
        return People(
            accounts=store.accounts,
            tokens=store.api_tokens,
            ledger=store.ledger,
            sessions=sessions,
            erasing=self.states.forgotten,
        )

    def _single_sign_on(self) -> "SingleSignOn | None":
        """Return the way in through the provider, where the settings name one."""
        if not (self.settings.sign_in and self.settings.oidc_issuer):
            return None
        from app.identity.single_sign_on import SingleSignOn

        return SingleSignOn(self.settings, self._people)

    def _reviewing(self) -> Reviewing:
        store = self.store
        return Reviewing(
            shared=store.feedback.shared,
            collections=store.collections,
            knowledge=self._knowledge,
            verified=store.verified,
        )

    def _retaining(self) -> Retaining:
        store = self.store
        return Retaining(
            engine=store.engine,
            holds=store.holds,
            days=self.settings.days,
            erasing=self.states.forgotten,
            audit=store.audit,
        )


def _limits(settings: Settings) -> Limits:
    """Return the limits for each person; whoever has the machine for themselves has none."""
    if not settings.sign_in:
        return Limits(at_once=sys.maxsize, a_minute=sys.maxsize)
    return Limits(at_once=settings.questions_at_once, a_minute=settings.questions_a_minute)


def _close_built(part: Once[Any]) -> None:
    if part.ready:
        part().close()
