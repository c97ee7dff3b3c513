"""A product that is served: pages and API over HTTP, commands over the local socket, until it is told to end."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from app import commands
from app.assemble import assemble
from app.commands.items import Item
from app.custody.asked_rotation import rotate_as_asked
from app.errors import AppError, explain
from app.server import Server
from app.settings import Settings
from app.socket import listening
from app.store.audit import NOBODY
from app.store.audit_words import PRODUCT, Action, ObjectKind, Result
from models.errors import ModelError
from retrieval.errors import RetrievalError


@contextmanager
def hosting(
    settings: Settings,
    *,
    stop: threading.Event,
    tell: Callable[[str], None],
    show: Callable[[Iterator[Item]], object],
) -> Iterator[Server]:
    """Serve the data directory within the block.

    Args:
        settings: which directory, and where it is served.
        stop: ends what happens before serving; whoever waits for the end looks at it too.
        tell: shows a sentence to the person.
        show: shows the progress of loading the demonstration on the first run.

    Raises:
        DirectoryInUseError: another process owns the data directory.
        NotLoopbackError, PortInUseError: the address cannot be served.
    """
    with ExitStack() as opened:
        rotate_as_asked(  # before anything is open
            settings.home, source=settings.key_source, key_file=settings.key_file, stop=stop, tell=tell
        )
        product = assemble(settings, tell=tell)
        opened.callback(product.close)
        server = Server(product)
        try:
            show(commands.run(product, "demonstrate", {}, stop))
        except (AppError, ModelError, RetrievalError, OSError) as error:  # of use without its demonstration
            tell(explain(error))
        opened.enter_context(listening(settings.home, partial(commands.run, product)))
        opened.enter_context(server)
        product.audit.record(NOBODY, Action.STARTED, ObjectKind.INSTALLATION, "", Result.DONE, PRODUCT)
        opened.callback(product.audit.record, NOBODY, Action.STOPPED, ObjectKind.INSTALLATION, "", Result.DONE, PRODUCT)
        yield server
