"""Open everything that is kept in a data directory, in the right order.

Whoever calls owns the directory (`app.store.ownership`) and has its key (`app.store.keys`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select

from app.answers import LOCAL_ACTOR, Actor
from app.store import untold
from app.store.accounts import Accounts
from app.store.api_tokens import ApiTokens
from app.store.audit import Audit, Only
from app.store.audit_words import COMMAND, PRODUCT, Action, ObjectKind, Result
from app.store.collections import Collections
from app.store.consents import Consents
from app.store.database import open_database, reading
from app.store.derivation import DATABASE, LEDGER, USER_KEYS, derive
from app.store.erasure import Erasing
from app.store.errors import DamagedDatabaseError
from app.store.exports import Exports
from app.store.feedback import FeedbackStore
from app.store.history import History
from app.store.holds import Holds
from app.store.keycard import load_card
from app.store.keys import OpenedKey
from app.store.ledger import Ledger
from app.store.looking_back import LookingBack
from app.store.migrate import LEDGER_LISTS, migrate
from app.store.originals import Originals
from app.store.person_export import PersonExport
from app.store.rates import Rates
from app.store.receipts import Signer
from app.store.schema import conversations
from app.store.verdicts import Verdicts
from app.store.verified import VerifiedAnswers
from app.store.versions import Versions
from app.store.watches import Watches


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Everything that is kept, open; `close` lets go of both databases."""

    engine: Engine
    """The main database: hand it to `retrieval` for chunks and documents."""
    ledger_engine: Engine
    ledger: Ledger
    history: History
    verdicts: Verdicts
    rates: Rates
    feedback: FeedbackStore
    collections: Collections
    originals: Originals
    watches: Watches
    versions: Versions
    verified: VerifiedAnswers
    accounts: Accounts
    api_tokens: ApiTokens
    audit: Audit
    consents: Consents
    holds: Holds
    erasure: Erasing
    exports: Exports
    person_export: PersonExport
    looking_back: LookingBack

    def close(self) -> None:
        """Close both databases; their write-ahead logs are merged and removed."""
        self.engine.dispose()
        self.ledger_engine.dispose()


def open_store(
    home: Path, key: OpenedKey, *, erasing: Callable[[], AbstractContextManager[None]] = nullcontext
) -> Store:
    """Open or make the databases of a data directory, migrate them and tidy up after a killed process.

    Conversations and people are erased, and grants taken, within `erasing`, which destroys what others made from them;
    an erasure that a killed process left is completed here.

    Raises:
        WrongKeyError: the key does not open the database.
        DamagedDatabaseError: a database is damaged, or one of the two is missing.
        NewerDatabaseError: a newer Inhouse wrote them.
    """
    with ExitStack() as opened:
        engine = _open_main(home, key)
        opened.callback(engine.dispose)
        ledger_engine = _open_ledger(home, key, engine)
        opened.callback(ledger_engine.dispose)
        store = _store(home, key, engine, ledger_engine, erasing)
        store.erasure.resume()
        store.history.close_unfinished()
        store.originals.sweep()
        store.audit.resume()
        _tell_the_log(home, store)
        opened.pop_all()
    return store


def _tell_the_log(home: Path, store: Store) -> None:
    """Record what was done while the log was closed, and erasures of which a killed process told nobody.

    Nobody can tell any more which rows were an erased person's; the receipt says whom it is about.
    """
    erased = Only(actions=(Action.PERSON_ERASED,), results=(Result.DONE,))
    known = next(store.audit.rows(erased, limit=1), None) or next(store.audit.first_to_last(), None)
    for receipt in store.erasure.completed_since(known.at if known else 0.0):
        by, kind = Actor(user_id=receipt["by"], name=""), ObjectKind.INSTALLATION
        store.audit.record(by, Action.PERSON_ERASED, kind, receipt["receipt"], Result.DONE, PRODUCT)
    for action, result in untold.left(home):
        store.audit.record(LOCAL_ACTOR, action, ObjectKind.INSTALLATION, "", result, COMMAND)
    untold.forget(home)


def _store(
    home: Path,
    key: OpenedKey,
    engine: Engine,
    ledger_engine: Engine,
    erasing: Callable[[], AbstractContextManager[None]],
) -> Store:
    """Return everything over the two open databases."""
    ledger, holds, card = Ledger(ledger_engine, key=derive(key.master, USER_KEYS)), Holds(engine), load_card(home)
    history = History(engine, ledger, erasing=erasing, check_hold=holds.check)
    feedback = FeedbackStore(engine, ledger, check_hold=holds.check)
    return Store(
        engine=engine,
        ledger_engine=ledger_engine,
        ledger=ledger,
        history=history,
        feedback=feedback,
        collections=Collections(engine, erasing=erasing),
        originals=Originals(engine, home / "originals"),
        watches=Watches(engine),
        versions=Versions(engine),
        verified=VerifiedAnswers(engine),
        verdicts=Verdicts(engine, ledger),
        rates=Rates(engine),
        accounts=Accounts(engine),
        api_tokens=ApiTokens(engine),
        audit=Audit(engine, ledger, home),
        consents=Consents(engine),
        holds=holds,
        erasure=Erasing(
            home=home,
            engine=engine,
            ledger_engine=ledger_engine,
            ledger=ledger,
            holds=holds,
            signer=Signer(ledger_engine, key.master),
            master=key.master,
            installation=card.installation if card else "",
            forgetting=erasing,
        ),
        exports=Exports(engine, ledger),
        person_export=PersonExport(engine, history, feedback),
        looking_back=LookingBack(engine, ledger),
    )


def _open_main(home: Path, key: OpenedKey) -> Engine:
    path = home / "inhouse.db"
    if _is_empty(path) and not _is_empty(home / "ledger.db"):
        raise DamagedDatabaseError(f"The database {path} is missing or empty. Put back a backup of the data directory.")
    engine = open_database(path, key=derive(key.master, DATABASE), key_is_checked=key.checked)
    migrate(engine, copy=home / "inhouse.db.before-upgrade")
    return engine


def _open_ledger(home: Path, key: OpenedKey, main: Engine) -> Engine:
    path = home / "ledger.db"
    if _is_empty(path) and _holds_conversations(main):
        raise DamagedDatabaseError(
            f"The ledger of keys {path} is missing or empty, and conversations cannot be read without it. "
            "Put it back from a copy of the data directory."
        )
    engine = open_database(path, key=derive(key.master, LEDGER), key_is_checked=True)
    migrate(engine, lists=LEDGER_LISTS, copy=home / "ledger.db.before-upgrade")
    return engine


def _is_empty(path: Path) -> bool:
    """Whether a database was never written to; SQLite takes an empty file for a new database."""
    return not path.exists() or path.stat().st_size == 0


def _holds_conversations(engine: Engine) -> bool:
    with reading(engine).connect() as connection:
        return bool(connection.scalar(select(func.count()).select_from(conversations)))
