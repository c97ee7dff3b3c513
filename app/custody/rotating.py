"""Another master key for everything: a copy of all that derives from it, made beside the old, takes its place at once.

Killed before that moment, the old key is in force everywhere; after it, the new one (`app.store.staging`). What has
keys of its own stays as it is: originals, and what the engine saved.
"""

import secrets
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from app.answering.states import STATES_FOLDER, EngineStates
from app.errors import AppError
from app.library.changeover import open_index
from app.store import staging
from app.store.copied_keys import renew_copies
from app.store.copies import OLD_COPIES
from app.store.derivation import KEY_BYTES
from app.store.keycard import following, load_card, save_card
from app.store.keys import OpenedKey
from app.store.opening import Store, open_store
from app.store.places import Place
from app.store.recovery import recovery_key
from app.store.rotation import copy_databases, rekey_databases
from retrieval.chunks import ChunkStore
from retrieval.generations import check_embedder, embedder_of, followers_of, promote

INDEX = "index"


class NotRotatedError(AppError):
    """The key was not rotated, and the old one is in force everywhere."""

    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotating:
    """How far a rotation is."""

    text: str
    done: int = 0
    total: int = 0


def rotate(home: Path, key: OpenedKey, place: Place, *, show: Callable[[str], None]) -> Generator[Rotating]:
    """Give a data directory another master key, yielding progress; what cannot be done leaves the old one in force.

    Args:
        home: the data directory, which the caller owns; none of its files is open.
        key: the one in force.
        place: where it is kept, and where the new one will be.
        show: shows the new recovery key; what it raises ends everything, before anything has changed.

    Raises:
        NotRotatedError: the directory does not know its key for sure.
        KeyFileError: the place cannot take another key.
        DiskFullError: there is no room for a second copy of the databases and the index.
        IndexDamagedError: the index cannot be read.
    """
    card, master = load_card(home), secrets.token_bytes(KEY_BYTES)
    if card is None or not key.checked:
        raise NotRotatedError("`key.json` is missing or does not know its key. Run `inhouse keys restore` first.")
    fresh, forgetting = following(card, master), EngineStates(home / STATES_FOLDER).forgotten
    removed = (*OLD_COPIES, *(one.name for one in followers_of(Path(INDEX))))
    plan = staging.Plan(purpose="rotation", key=place.handover(fresh), remove=removed)
    promote(home / INDEX)
    files = staging.prepare(home, plan)
    with ExitStack() as undone:
        undone.callback(staging.settle, home)
        save_card(files, place.stage(master, fresh))
        with closing(open_store(home, key, erasing=forgetting)) as store:
            yield Rotating(text="Copying the databases")
            copy_databases(store, files)
            yield from _turn(home / INDEX, files / INDEX, store, old=key.master, new=master)
        yield Rotating(text="Encrypting the databases with the new key")
        rekey_databases(files, old=key.master, new=master)
        show(recovery_key(master))
        yield Rotating(text="Putting the new key into force")
        staging.decide(home)
        undone.pop_all()
    with closing(open_store(home, OpenedKey(master=master, checked=True), erasing=forgetting)) as store:
        renew_copies(ledger=store.ledger_engine, master=master, installation=card.installation)


def _turn(source: Path, target: Path, store: Store, *, old: bytes, new: bytes) -> Iterator[Rotating]:
    """Copy every vector into a new index, turned by the new key's rotation; see that none is missing."""
    if not source.is_dir():
        return
    collection_ids = ChunkStore(store.engine).collection_ids()
    if made_with := embedder_of(source):
        check_embedder(target, made_with)
    with closing(open_index(source, old)) as before, closing(open_index(target, new)) as after:
        total, done = sum(map(before.count, collection_ids)), 0
        for collection_id in collection_ids:
            for chunk_ids, vectors in before.vectors(collection_id):
                yield Rotating(text="Turning the vectors", done=done, total=total)
                after.put(collection_id, chunk_ids, vectors)
                done += len(chunk_ids)
        if done != total or sum(map(after.count, collection_ids)) != total:
            raise NotRotatedError(
                f"The index holds {total} vectors, but {done} could be read. Run `inhouse doctor --rebuild-index`, "
                "then try again. The old key is in force everywhere."
            )
