"""A copy of people's keys in a sealed file: what a backup needs beside it on another machine.

Ordinary backups do not contain these keys. There should be one copy, the newest: an erasure writes it anew where it can
reach it, without the erased person. Knows no conversation.
"""

import io
import json
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select

from app.store.container import SealedReader, SealedWriter
from app.store.derivation import BACKUPS, USER_KEYS, derive
from app.store.erased import Tombstone
from app.store.errors import FileExistsAlreadyError, ForeignFileError, StoreError, WrongKeyError
from app.store.files import fault_of, write_privately
from app.store.ledger import ENGINE, place_of_key
from app.store.schema import erasures, key_copies, user_keys
from app.store.sealing import seal, unseal

KIND = "a copy of people's keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedKeys:
    """The keys of people and who was erased."""

    keys: dict[str, tuple[bytes, float]]
    """User id -> data key and when it was made."""
    tombs: tuple[Tombstone, ...]


def write_keys(path: Path, *, ledger: Engine, master: bytes, installation: str) -> None:
    """Write the copy to a path, where it takes the place of an earlier one of the same installation.

    Raises:
        FileExistsAlreadyError: something else is there.
        DiskFullError: there is no room; what was there stays.
    """
    check_place(path, installation=installation)
    with ledger.begin() as connection:
        connection.execute(delete(key_copies).where(key_copies.c.path == str(path)))
        connection.execute(insert(key_copies).values(path=str(path), written=time.time()))
    write_privately(path, _sealed(_content(ledger, master), master, installation), chosen=True)


def check_place(path: Path, *, installation: str) -> None:
    """See that a copy may be written to a path: nothing is there, or an earlier copy of the same installation.

    Raises:
        FileExistsAlreadyError: something else is there.
    """
    if path.exists() and not _is_ours(path, installation):
        raise FileExistsAlreadyError(f"There is another file at {path}; it is not replaced. Choose another place.")


def read_keys(path: Path, *, master: bytes) -> CopiedKeys:
    """Return what a copy holds.

    Raises:
        ForeignFileError: it is no such file.
        WrongKeyError: it was sealed with another master key.
        DamagedFileError: it was changed or cut off.
    """
    try:
        reader = SealedReader(io.BytesIO(path.read_bytes()), kind=KIND)
    except OSError as error:
        raise ForeignFileError(f"{path} cannot be read: {error.strerror}. Nothing was changed.") from error
    if not reader.unlock(key=derive(master, BACKUPS)):
        raise WrongKeyError(f"{path} was written under another master key than the backup. Nothing was changed.")
    told = json.loads(reader.read())
    return CopiedKeys(
        keys={one["user_id"]: (bytes.fromhex(one["key"]), one["created"]) for one in told["keys"]},
        tombs=tuple(Tombstone(**one) for one in told["erased"]),
    )


def merge_keys(ledger: Engine, copied: CopiedKeys, *, master: bytes) -> None:
    """Bring a ledger up to date with a copy: who was erased anywhere stays erased, nobody's newer key is replaced."""
    wrap = derive(master, USER_KEYS)
    with ledger.begin() as connection:
        known = {(row.user_id, row.erased) for row in connection.execute(select(erasures)).all()}
        for tomb in copied.tombs:
            if (tomb.user_id, tomb.erased) not in known:
                connection.execute(insert(erasures).values(_as_row(tomb)))
        last: dict[str, float] = {}
        for row in connection.execute(select(erasures)).all():
            last[row.user_id] = max(row.erased, last.get(row.user_id, 0.0))
        have = set(connection.scalars(select(user_keys.c.user_id)))
        for user_id, (key, created) in copied.keys.items():
            if user_id not in have and created > last.get(user_id, 0.0):
                wrapped = seal(wrap, key, place=place_of_key(user_id))
                connection.execute(insert(user_keys).values(user_id=user_id, wrapped_key=wrapped, created=created))


def renew_copies(*, ledger: Engine, master: bytes, installation: str) -> tuple[list[str], list[str]]:
    """Write every known copy anew; return the paths of those that were, and of those out of reach."""
    with ledger.connect() as connection:
        paths = list(connection.scalars(select(key_copies.c.path).order_by(key_copies.c.path)))
    renewed, beyond = [], []
    for path in paths:
        try:
            if not Path(path).exists():
                raise ForeignFileError
            write_keys(Path(path), ledger=ledger, master=master, installation=installation)
            renewed.append(path)
        except (StoreError, OSError):
            beyond.append(path)
    return renewed, beyond


def _content(ledger: Engine, master: bytes) -> bytes:
    unwrap = derive(master, USER_KEYS)
    with ledger.connect() as connection:
        rows = connection.execute(select(user_keys).where(user_keys.c.user_id != ENGINE)).all()
        tombs = connection.execute(select(erasures.c.user_id, erasures.c.erased)).all()
    keys = [
        {
            "user_id": row.user_id,
            "key": unseal(unwrap, row.wrapped_key, place=place_of_key(row.user_id)).hex(),
            "created": row.created,
        }
        for row in rows
    ]
    return json.dumps({"keys": keys, "erased": [{"user_id": t.user_id, "erased": t.erased} for t in tombs]}).encode()


def _sealed(content: bytes, master: bytes, installation: str) -> bytes:
    stream = io.BytesIO()
    writer = SealedWriter(stream, {"kind": KIND, "installation": installation}, key=derive(master, BACKUPS))
    writer.write(content)
    writer.close()
    return stream.getvalue()


def _is_ours(path: Path, installation: str) -> bool:
    try:
        with path.open("rb") as stream:
            return bool(SealedReader(stream, kind=KIND).header.get("installation") == installation)
    except StoreError:
        return False
    except OSError as error:
        raise fault_of(error, path) from error


def _as_row(tomb: Tombstone) -> dict[str, object]:
    return {
        "erasure_id": f"{tomb.user_id} {tomb.erased}",
        "user_id": tomb.user_id,
        "erased": tomb.erased,
        "by": "a restored copy of keys",
        "returns": False,
        "counted": "{}",
        "done": tomb.erased,
    }
