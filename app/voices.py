"""Load the models of the settings: the one that answers, with what is built over it, and the one that embeds.

Heavy packages are imported where they are used, so that a command without a model loads none.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.choosing import located, wish_of
from app.model_servers import ask_servers, name_of
from app.resting import Rest
from app.settings import Settings

if TYPE_CHECKING:
    from app.serving import Serving, Voice
    from models.chat import LocalChat
    from models.embedder import Embedder
    from models.isolated import IsolatedEngine
    from models.reranker import Reranker
    from models.saved import Place


def serving_of(settings: Settings, tell: Callable[[str], None], place: "Place | None") -> "Serving":
    """Return what answers, beginning with the model of the settings; nothing is loaded yet."""
    from app.serving import Serving

    return Serving(
        name_of(settings) if settings.model_servers else settings.model,
        load=lambda name: _load_voice(settings, name, tell, place),
        prove=_prove,
        rest=Rest(
            after=settings.unload_after_minutes * 60 or None,
            short=None if settings.model_servers else partial(_short_of_memory, settings),
        ),
    )


def _short_of_memory(settings: Settings) -> bool:
    from models.device import look_at_host

    return look_at_host().free_memory < settings.unload_below_free_megabytes * 2**20


def _load_voice(settings: Settings, name: str, tell: Callable[[str], None], place: "Place | None") -> "Voice":
    """Load a chat model, and build what depends on it: how much it can hold, and reads in good time."""
    from app.prompts import Budget, passage_tokens
    from app.serving import Voice
    from app.writer import Writer
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
                passage_tokens=passage_tokens(readable, most=settings.passage_tokens),
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


def speeds_folder(settings: Settings) -> Path:
    """Return where the speeds of models on this machine are remembered."""
    return settings.weights


def load_chat(engine: "IsolatedEngine") -> "LocalChat":
    """Return the chat model over the engine."""
    from models.chat import LocalChat

    return LocalChat(engine=engine)


def load_embedder(settings: Settings) -> "Embedder":
    """Load the embedding model."""
    from models.embedder import Embedder
    from models.weights import find

    return Embedder.load(find(settings.embedder, directory=settings.weights))


def load_reranker(settings: Settings) -> "Reranker | None":
    """Load the model that puts candidates in order, where the settings name one."""
    from models.reranker import Reranker

    return None if settings.reranker is None else Reranker.load(settings.reranker)


def check_reranker(settings: Settings) -> None:
    """See that what the settings name is one; loads nothing."""
    from models.reranker import check_reranker as check

    if settings.reranker is not None:
        check(settings.reranker)
