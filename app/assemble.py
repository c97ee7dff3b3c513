"""The composition root: Settings -> Product. The only builder of heavy things, and no logic.

What is light is opened at once; models, the vector index and what needs them are built when first asked for. Heavy
packages are imported where they are used, so that a command without a model loads none.
"""

import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

from app import voices
from app.answering.differing import Differing
from app.answering.earlier import Earlier
from app.answering.states import STATES_FOLDER, EngineStates
from app.checks.conflicts import COMPARING
from app.custody.backing_up import WORKPLACE, Backups
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
from app.store.exports import FOLDER as EXPORTS
from app.store.keys import OpenedKey, open_key
from app.store.opening import Store, open_store
from app.store.ownership import Ownership
from app.store.staging import settle
from retrieval.chunks import ChunkStore
from retrieval.library import Library
from retrieval.readers.isolated import Reader
from retrieval.turn import Turn

if TYPE_CHECKING:
    from app.assistant import Assistant
    from app.chat_model.serving import Serving
    from app.identity.single_sign_on import SingleSignOn
    from models.embedder import Embedder
    from models.saved import Place
    from retrieval.index import VectorIndex
    from retrieval.retriever import Retriever

RECOVERY = """\
Recovery key of {home}, shown only this once:

    {key}

Write it down and keep it away from this machine. If the key in the system's keeping is ever lost, it alone opens
what Inhouse has stored; without either nobody can, and neither can we.
"""


def assemble(settings: Settings, *, tell: Callable[[str], None]) -> Product:
    """Own the data directory, open what is kept there, and return the product. The caller closes it.

    Args:
        settings: where the data is and how the parts are sized.
        tell: shows a sentence to the person at once; the recovery key of a new directory goes there.

    Raises:
        DirectoryInUseError: another process owns the directory.
        KeyProblemError: the key is missing or wrong.
        StoreError: what is kept cannot be opened.
        ModelError: the settings name a reranker or a checker that is none.
    """
    voices.check_cross_encoders(settings)
    with ExitStack() as unfinished:
        opened = unfinished.enter_context(ExitStack())
        opened.callback(Ownership.acquire(settings.home).release)
        if settled := settle(settings.home):
            tell(settled)
        for left in (WORKPLACE, EXPORTS):  # by a backup or an export that was killed
            shutil.rmtree(settings.home / left, ignore_errors=True)
        key = _open_key(settings, tell)
        states = EngineStates(settings.home / STATES_FOLDER)
        store = open_store(settings.home, key, erasing=states.forgotten)
        opened.callback(store.close)
        if not settings.saved_conversations_megabytes:
            states.forget()
        product = _product(settings, key, store, states, opened, tell)
        product.knowledge.sweep()
        unfinished.pop_all()
    return product


def _product(
    settings: Settings,
    key: OpenedKey,
    store: Store,
    states: EngineStates,
    opened: ExitStack,
    tell: Callable[[str], None],
) -> Product:
    """Return the product over an open store; what it builds later is closed with `opened`."""
    chunks = ChunkStore(store.engine)
    embedder = Once(lambda: voices.load_embedder(settings))
    index = Once(lambda: current_index(settings.home, key.master, embedder=settings.embedder))
    opened.callback(_close_built, index)
    retriever = Once(lambda: _build_retriever(settings, store, index(), embedder))
    notices = Notices()
    serving = voices.serving_of(settings, notices.telling(tell), place_of(settings, store))
    opened.callback(serving.close)
    background = voices.background_of(settings, notices.telling(tell))
    if background is not None:
        opened.callback(background.close)
    states.engine, states.others = lambda: serving, [background] if background else []
    examining = _examining(settings, serving, background, store)
    opened.callback(examining.close)
    reader, drawing = Reader(), Reader()
    opened.callback(reader.close)
    opened.callback(drawing.close)
    library_over = _libraries(settings, chunks, embedder, reader, serving)
    people = _people(settings, store)
    knowledge = Knowledge(
        chunks=chunks,
        originals=store.originals,
        versions=store.versions,
        verified=store.verified,
        library=lambda: library_over(index()),
        exists=store.collections.exists,
        erasing=states.forgotten,
    )
    assistant = Once(lambda: _build_assistant(settings, store, serving, retriever, knowledge, examining))
    return Product(
        settings=settings,
        database=store.engine,
        collections=store.collections,
        history=store.history,
        feedback=store.feedback,
        reviewing=Reviewing(
            shared=store.feedback.shared,
            collections=store.collections,
            knowledge=knowledge,
            verified=store.verified,
        ),
        rates=store.rates,
        originals=store.originals,
        chunks=chunks,
        embedder=embedder,
        index=index,
        retriever=retriever,
        serving=serving,
        engine=Current(serving, lambda voice: voice.engine),
        chat=Current(serving, lambda voice: voice.chat),
        assistant=assistant,
        examining=examining,
        notices=notices,
        knowledge=knowledge,
        change_over=_change_over(settings, key, knowledge, index, embedder, serving),
        versions=store.versions,
        verified=store.verified,
        limits=_limits(settings),
        people=people,
        single_sign_on=_single_sign_on(settings, people),
        audit=store.audit,
        consents=store.consents,
        watches=store.watches,
        watching=_watching(settings, store, chunks, knowledge),
        drawing=drawing,
        holds=store.holds,
        erasure=store.erasure,
        exports=store.exports,
        person_export=store.person_export,
        looking_back=store.looking_back,
        retaining=Retaining(
            engine=store.engine, holds=store.holds, days=settings.days, erasing=states.forgotten, audit=store.audit
        ),
        backups=Backups(home=settings.home, key=key, store=store, library=knowledge.library),
        close=opened.close,
    )


def _limits(settings: Settings) -> Limits:
    """Return the limits for each person; whoever has the machine for themselves has none."""
    if not settings.sign_in:
        return Limits(at_once=sys.maxsize, a_minute=sys.maxsize)
    return Limits(at_once=settings.questions_at_once, a_minute=settings.questions_a_minute)


def _people(settings: Settings, store: Store) -> People:
    sessions = Sessions(
        idle_seconds=60.0 * settings.session_idle_minutes, absolute_seconds=3600.0 * settings.session_hours
    )
    return People(accounts=store.accounts, tokens=store.api_tokens, ledger=store.ledger, sessions=sessions)


def _single_sign_on(settings: Settings, people: People) -> "SingleSignOn | None":
    """Return the way in through the provider, where the settings name one."""
    if not (settings.sign_in and settings.oidc_issuer):
        return None
    from app.identity.single_sign_on import SingleSignOn

    return SingleSignOn(settings, people)


def _change_over(
    settings: Settings,
    key: OpenedKey,
    knowledge: Knowledge,
    index: Once["VectorIndex"],
    embedder: Once["Embedder"],
    serving: "Serving",
) -> ChangeOver:
    return ChangeOver(
        home=settings.home,
        knowledge=knowledge,
        index=index,
        open_index=lambda directory: open_index(directory, key.master),
        load=lambda name: voices.load_embedder(settings.model_copy(update={"embedder": name})),
        use=embedder.replace,
        make_way=serving.make_way,
    )


def _examining(settings: Settings, serving: "Serving", background: "Serving | None", store: Store) -> Examining:
    """Return what examines answers that are stored; model servers do not say how sure they are, so they never do."""
    folder = settings.checker
    checker = None if folder is None else Once(lambda: voices.load_checker(folder))
    able = checker or background or not settings.model_servers
    return Examining(
        serving,
        store.verdicts,
        seconds=settings.examine_seconds if able else 0.0,
        checker=checker,
        background=background,
        paid=not settings.model_servers,
    )


def _watching(settings: Settings, store: Store, chunks: ChunkStore, knowledge: Knowledge) -> Watching:
    return Watching(
        watches=store.watches,
        knowledge=knowledge,
        names=lambda collection_id: [head.name for head in chunks.heads(collection_id)],
        home=settings.home,
    )


def place_of(settings: Settings, store: Store) -> "Place | None":
    """Return where the engine saves conversations that leave its memory; None where it shall not."""
    from models.saved import Place

    if not settings.saved_conversations_megabytes:
        return None
    most = settings.saved_conversations_megabytes * 2**20
    return Place(folder=settings.home / STATES_FOLDER, key=store.ledger.engine_key(), most_bytes=most)


def _open_key(settings: Settings, tell: Callable[[str], None]) -> OpenedKey:
    key = open_key(
        settings.home,
        source=settings.key_source,
        create=True,
        key_file=settings.key_file,
        credentials=settings.credentials_directory,
    )
    if key.recovery_key is not None:
        tell(RECOVERY.format(home=settings.home, key=key.recovery_key))
    return key


def _build_retriever(settings: Settings, store: Store, index: "VectorIndex", embedder: Once["Embedder"]) -> "Retriever":
    from retrieval.retriever import Retriever

    embedder()
    return Retriever(
        chunks=ChunkStore(store.engine),
        index=index,
        embed_query=lambda text: embedder().embed_query(text),
        rerank=voices.load_reranker(settings),
        are_verified=store.verified.among,
    )


def _libraries(
    settings: Settings, chunks: ChunkStore, embedder: Once["Embedder"], reader: Reader, serving: "Serving"
) -> "Callable[[VectorIndex], Library]":
    """Return what learning needs over an index; the embedder is loaded with the first text it must embed.

    All of them share one turn, so that one ingest runs at a time, and make way for people who wait for answers.
    """
    library = partial(
        Library,
        chunks=chunks,
        embed=lambda texts: embedder().embed_documents(texts, before_pass=serving.make_way),
        token_offsets=lambda text: embedder().token_offsets(text),
        read=reader.read,
        max_tokens=settings.chunk_tokens,
        screening=SCREENING,
        comparing=COMPARING,
        turn=Turn(),
    )
    return lambda index: library(index=index)


def _build_assistant(
    settings: Settings,
    store: Store,
    serving: "Serving",
    retriever: Once["Retriever"],
    knowledge: Knowledge,
    examining: Examining,
) -> "Assistant":
    from app.assistant import Assistant, Rules

    serving()
    chunks = ChunkStore(store.engine)
    return Assistant(
        model=serving,
        search=retriever().search,
        collections=store.collections.list,
        history=store.history,
        ingest=knowledge.learn,
        differing=Differing(chunks).about,
        earlier=Earlier(history=store.history, chunks=chunks, versions=store.versions).against,
        stored=examining.begin,
        rules=Rules(
            passages=settings.passages,
            question_characters=settings.question_characters,
            answer_seconds=settings.answer_seconds,
            general_answers=settings.general_answers,
            personal_data=settings.personal_data,
            withhold_secrets=settings.withhold_secrets,
        ),
    )


def _close_built(part: Once[Any]) -> None:
    if part.ready:
        part().close()
