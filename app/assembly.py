"""The parts of a product, each made from those it needs: what `app.assemble` puts together over an open store.

Models, the vector index and what needs them are `Once` or `Current`: built when somebody first asks for them. Heavy
packages are imported where they are used, so that a command without a model loads none.
"""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from app import voices
from app.answering.differing import Differing
from app.answering.earlier import Earlier
from app.answering.states import EngineStates
from app.asking_again import AskingAgain
from app.custody.backing_up import Backups
from app.custody.retaining import Retaining
from app.document_parts import DocumentParts
from app.examining import Examining
from app.identity.limits import Limits
from app.identity.people import People
from app.identity.sessions import Sessions
from app.improve.reviewing import Reviewing
from app.observe.engine import Notices
from app.product import Current, Once, Product
from app.second_tier import Checks, by_file, by_folder
from app.settings import Settings
from app.store.keys import OpenedKey
from app.store.opening import Store
from models.gguf import in_file
from retrieval.neighbours import Neighbours

if TYPE_CHECKING:
    from app.assistant import Assistant
    from app.chat_model.serving import Serving
    from app.identity.single_sign_on import SingleSignOn


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
        settings, store, documents = self.settings, self.store, self._documents
        return Product(
            settings=settings,
            database=store.engine,
            collections=store.collections,
            history=store.history,
            feedback=store.feedback,
            reviewing=self._reviewing(),
            rates=store.rates,
            originals=store.originals,
            chunks=documents.chunks,
            embedder=documents.embedder,
            index=documents.index,
            retriever=documents.retriever,
            serving=self._serving,
            engine=Current(self._serving, lambda voice: voice.engine),
            chat=Current(self._serving, lambda voice: voice.chat),
            assistant=Once(self._assistant),
            examining=self._examining,
            asking_again=self._asking_again,
            notices=self.notices,
            knowledge=documents.knowledge,
            change_over=documents.change_over(),
            verdicts=store.verdicts,
            versions=store.versions,
            verified=store.verified,
            limits=_limits(settings),
            people=self._people,
            single_sign_on=self._single_sign_on(),
            audit=store.audit,
            consents=store.consents,
            watches=store.watches,
            watching=documents.watching(),
            drawing=documents.reader(),
            holds=store.holds,
            erasure=store.erasure,
            exports=store.exports,
            person_export=store.person_export,
            looking_back=store.looking_back,
            retaining=self._retaining(),
            backups=Backups(home=settings.home, key=self.key, store=store, library=documents.knowledge.library),
            close=self.opened.close,
        )

    @cached_property
    def _documents(self) -> DocumentParts:
        return DocumentParts(
            settings=self.settings,
            key=self.key,
            store=self.store,
            opened=self.opened,
            make_way=lambda: self._serving.make_way(),  # noqa: PLW0108 - made later, so closed before what it searches
            erasing=self.states.forgotten,
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
    def _examining(self) -> Examining:
        """Examines answers that are stored; model servers do not say how sure they are, so they never do."""
        settings = self.settings
        tell = self.notices.telling(self.tell)
        background = voices.background_of(settings, tell)
        if background is not None:
            self.opened.callback(background.close)
        self.states.engine, self.states.others = lambda: self._serving, [background] if background else []
        checker = self._checker()
        able = checker or background or not settings.model_servers
        examining = Examining(
            self._serving,
            self.store.verdicts,
            seconds=settings.examine_seconds if able else 0.0,
            checker=checker,
            background=background,
            paid=not settings.model_servers,
            tell=tell,
        )
        self.opened.callback(examining.close)
        return examining

    def _checker(self) -> Checks | None:
        """Return what judges the statements of answers, where the settings name a checker."""
        path = self.settings.checker
        if path is None:
            return None
        return by_file if in_file(path) else by_folder(Once(lambda: voices.load_checker(path)))

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
        settings, store, documents = self.settings, self.store, self._documents
        return Assistant(
            model=self._serving,
            search=documents.retriever().search,
            collections=store.collections.list,
            history=store.history,
            ingest=documents.knowledge.learn,
            beside=Neighbours(documents.chunks.finder),
            differing=Differing(documents.chunks).about,
            earlier=Earlier(history=store.history, chunks=documents.chunks, versions=store.versions).against,
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
            knowledge=self._documents.knowledge,
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
