"""The whole product with light models: real stores and doors, a scripted chat model, a hash embedder.

`python -m tests.light COMMAND …` is `inhouse COMMAND …` without weights, for journeys in child processes.
"""

import sys
import time
from typing import TYPE_CHECKING, Any, cast

from app import assemble, cli
from tests.fakes import HashEmbedder, ScriptedChat

if TYPE_CHECKING:
    from models.chat import LocalChat
    from models.embedder import Embedder

ANSWER = "The zeppelin allowance is 4711 pelicans a month."


class SlowChat(ScriptedChat):
    """Writes a word every few milliseconds, for whoever wants to interrupt it."""

    def _words(self, *arguments: Any) -> Any:
        for chunk in super()._words(*arguments):
            time.sleep(0.02)
            yield chunk


def use_light_models() -> None:
    """Let `assemble` build light models from now on, in this process."""
    assemble.load_chat = lambda engine: cast("LocalChat", SlowChat(texts=[ANSWER]))
    assemble.load_embedder = lambda settings: cast("Embedder", HashEmbedder())


if __name__ == "__main__":
    use_light_models()
    sys.exit(cli.main())
