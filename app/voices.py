"""Load the models of the settings: the one that answers, with what is built over it, and the one that embeds.

Heavy packages are imported where they are used, so that a command without a model loads none.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.answering.states import STATES_FOLDER
from app.chat_model.choosing import located, wish_of
from app.chat_model.model_servers import ask_servers, name_of
from app.chat_model.resting import Rest
from app.settings import Settings
from models.gguf import in_file

if TYPE_CHECKING:
    from app.chat_model.serving import Serving, Voice
    from models.chat import LocalChat
    from models.checker import Checker
    from models.embedding import Embeds
    from models.file_reranker import FileReranker
    from models.isolated import IsolatedEngine
    from models.reranker import Reranker
    from models.saved import Place


BACKGROUND_TOKENS = 2048
"""What a model that judges reads at once: a claim and a window of a source have 300 tokens, seldom 1,000."""


def serving_of(settings: Settings, tell: Callable[[str], None], place: "Place | None") -> "Serving":
    """Return what answers, beginning with the model of the settings; nothing is loaded yet."""
    from app.chat_model.serving import Serving

    return Serving(
        name_of(settings) if settings.model_servers else settings.model,
        load=lambda name: _load_voice(settings, name, tell, place),
        prove=_prove,
        rest=_rest_of(settings, here=not settings.model_servers),
    )


def background_of(settings: Settings, tell: Callable[[str], None]) -> "Serving | None":
    """Return the model in a file that judges in place of the one that answers, where the settings name one.

    Nothing is loaded yet. It remembers nothing between two starts, and holds one text at a time.
    """
    name = settings.background_model
    if settings.checker is not None:
        name = str(settings.checker) if in_file(settings.checker) else None
    if name is None:
        return None
    changed = {"model": name, "model_servers": (), "parallel_answers": 1, "context_tokens": BACKGROUND_TOKENS}
    return serving_of(settings.model_copy(update=changed), lambda said: tell(f"The model that judges: {said}"), None)


def _rest_of(settings: Settings, *, here: bool) -> Rest:
    """Return when a model that nobody asks is unloaded; only one on this machine takes memory others may need."""
    short = partial(_short_of_memory, settings) if here else None
    return Rest(after=settings.unload_after_minutes * 60 or None, short=short)


def _short_of_memory(settings: Settings) -> bool:
    from models.device import look_at_host

    return look_at_host().free_memory < settings.unload_below_free_megabytes * 2**20


def _load_voice(settings: Settings, name: str, tell: Callable[[str], None], place: "Place | None") -> "Voice":
    """Load a chat model, and build what depends on it: how much it can hold, and reads in good time."""
    from app.answering.writer import Writer
    from app.chat_model.serving import Voice
    from app.prompts import Budget, passage_tokens
    from models.speed import affordable

    if settings.model_servers:
        return ask_servers(settings)
    engine = load_engine(settings.model_copy(update={"model": name}), tell, place)
    with ExitStack() as unfinished:
        unfinished.callback(engine.close)
        chat = load_chat(engine)

        def budget() -> Budget:
            readable = affordable(engine.speed, seconds=settings.first_token_seconds)
            return Budget(
                context_tokens=chat.context_tokens,
                passage_tokens=passage_tokens(
                    readable, context_tokens=chat.context_tokens, most=settings.passage_tokens
                ),
                answer_tokens=settings.answer_tokens,
            )

        writer = Writer(
            name=name, model=chat, count_tokens=chat.count_tokens, budget=budget, temperature=settings.temperature
        )
        unfinished.pop_all()
    return Voice(name=name, engine=engine, chat=chat, writer=writer)


def _prove(voice: "Voice") -> None:
    from models.chat import try_out

    try_out(voice.chat)


def load_engine(settings: Settings, tell: Callable[[str], None], place: "Place | None") -> "IsolatedEngine":
    """Start the engine's process, which loads the chat model: seconds, and most of the memory."""
    from models.isolated import IsolatedEngine
    from models.process import Order

    found = located(settings, settings.model)
    order = Order(
        path=found.path,
        adapter=found.adapter,
        wish=wish_of(settings),
        max_waiting=settings.waiting_questions,
        speeds=speeds_folder(settings),
        place=place,
    )
    return IsolatedEngine(order, tell=tell)


def place_of(settings: Settings, key: Callable[[], bytes]) -> "Place | None":
    """Return where the engine saves conversations that leave its memory; None where it shall not."""
    from models.saved import Place

    if not settings.saved_conversations_megabytes:
        return None
    most = settings.saved_conversations_megabytes * 2**20
    return Place(folder=settings.home / STATES_FOLDER, key=key(), most_bytes=most)


def speeds_folder(settings: Settings) -> Path:
    """Return where the speeds of models on this machine are remembered."""
    return settings.weights


def load_chat(engine: "IsolatedEngine") -> "LocalChat":
    """Return the chat model over the engine."""
    from models.chat import LocalChat

    return LocalChat(engine=engine)


def load_embedder(settings: Settings) -> "Embeds":
    """Load the embedding model: from its folder, or from its GGUF file in a process of its own."""
    from models.embedders import find_embedder

    path = find_embedder(settings.embedder, directory=settings.weights)
    if path.is_dir():
        from models.embedder import Embedder

        return Embedder.load(path)
    from models.file_embedder import FileEmbedder

    return FileEmbedder(path, **_of_file(settings))


def _of_file(settings: Settings) -> dict[str, Any]:
    """Return how a model in a GGUF file that is not the one that answers is computed."""
    from models.device import cores

    rest = _rest_of(settings, here=True).wait
    return {"threads": settings.threads or cores(), "gpu_layers": settings.gpu_layers, "rest": rest}


def sha256_of_embedder(settings: Settings, name: str) -> str:
    """Return the hash of an embedding model's file; "" for one of the catalogue, and one that is not there."""
    from models.fingerprint import sha256_of

    return sha256_of(name, directory=settings.weights)


def load_reranker(settings: Settings) -> "Reranker | FileReranker | None":
    """Load the model that puts candidates in order, where the settings name one."""
    from models import rerankers

    return None if settings.reranker is None else rerankers.load_reranker(settings.reranker, **_of_file(settings))


def load_checker(folder: Path) -> "Checker":
    """Load the model that judges the claims of answers."""
    from models.checker import Checker

    return Checker.load(folder)


def check_cross_encoders(settings: Settings) -> None:
    """See that what the settings name for reranking and judging is that; loads nothing."""
    from models.checkers import check_checker
    from models.rerankers import check_reranker

    if settings.reranker is not None:
        check_reranker(settings.reranker)
    if settings.checker is not None:
        check_checker(settings.checker)
