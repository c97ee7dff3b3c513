"""The composition root: Settings -> Product. The only builder of heavy things, and no logic.

What is light is opened at once, in the order in which it can be trusted: the directory, the key, the stores. The parts
over them are `app.assembly`'s.
"""

import shutil
from collections.abc import Callable
from contextlib import ExitStack

from app import voices
from app.answering.states import STATES_FOLDER, EngineStates
from app.assembly import Assembly
from app.custody.backing_up import WORKPLACE
from app.product import Product
from app.settings import Settings
from app.store.exports import FOLDER as EXPORTS
from app.store.keys import OpenedKey, open_key
from app.store.opening import open_store
from app.store.ownership import Ownership
from app.store.staging import settle

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
        parts = Assembly(settings=settings, key=key, store=store, states=states, opened=opened, tell=tell)
        product = parts.product()
        product.knowledge.sweep()
        unfinished.pop_all()
    return product


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
