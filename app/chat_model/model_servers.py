"""Model servers in place of a model on this machine, where the settings name some."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.answering.writer import Writer
from app.chat_model.serving import Voice
from app.prompts import USUAL_PASSAGE_TOKENS, Budget
from app.settings import Settings, SettingsError

if TYPE_CHECKING:
    from models.chat import LocalChat
    from models.isolated import IsolatedEngine


def name_of(settings: Settings) -> str:
    """Return what is said to answer."""
    return settings.model_server_name or "model servers"


def ask_servers(settings: Settings) -> "Voice":
    """Return what lets model servers answer; none is asked yet."""
    from models.remote import RemoteChat, RemoteEngine  # noqa: PLC0415 - LangChain takes a second to import
    from models.servers import Servers  # noqa: PLC0415

    chat = RemoteChat(
        servers=Servers(settings.model_servers),
        model=settings.model_server_name,
        key=_read_key(settings.model_server_key_file),
        context_tokens=settings.context_tokens,
    )
    budget = Budget(
        context_tokens=chat.context_tokens,
        passage_tokens=settings.passage_tokens or USUAL_PASSAGE_TOKENS,
        answer_tokens=settings.answer_tokens,
    )
    name = name_of(settings)
    writer = Writer(
        name=name, model=chat, count_tokens=chat.count_tokens, budget=lambda: budget, temperature=settings.temperature
    )
    # It has what is asked of an engine that answers; `choosing.choose` refuses first what only switching asks for.
    return Voice(
        name=name, engine=cast("IsolatedEngine", RemoteEngine(chat)), chat=cast("LocalChat", chat), writer=writer
    )


def _read_key(file: Path | None) -> str:
    """Return the bearer token in a file; "" where there is no file."""
    try:
        return file.read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}, which model_server_key_file names, cannot be read.") from error
