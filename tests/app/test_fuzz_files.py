"""Files people bring, made at random or broken at random: each is a sentence, never a fault, and opens nothing.

Sealed exports, backups, recovery keys and receipts. A few hundred in every run of the tests, thousands in
`make test-long`.
"""

import io
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.answers import LOCAL_ACTOR
from app.custody.backing_up import KIND, members
from app.errors import AppError
from app.store import container, exports, keycard, keys
from app.store.container import MAGIC, SealedReader, SealedWriter
from app.store.errors import FalseReceiptError
from tests.served import Doors, open_doors

FEW, MANY = 100, 2500
QUICK = 2**4
"""Of scrypt: the files are broken, not guessed."""
PASSPHRASE = "a zeppelin over the bay"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """One of each kind of file, and the product they come to."""

    doors: Doors
    export: bytes
    passphrase: str
    recovery: bytes
    receipt: dict[str, Any]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brought]:
    cheap = [patch.object(module, "SCRYPT_N", QUICK) for module in (container, exports)]
    folder = tmp_path_factory.mktemp("brought")
    with open_doors(folder / "home") as doors, cheap[0], cheap[1]:
        product = doors.product
        made = product.exports.seal(LOCAL_ACTOR, "local", folder / "export", [b"what is kept " * 50])
        card = keycard.new_card(keys.RECOVERY_FILE)
        with patch.object(keycard, "SCRYPT_N", QUICK):
            recovery = keycard.seal_key(card, bytes(32), PASSPHRASE)
        yield Brought(
            doors=doors,
            export=(folder / "export").read_bytes(),
            passphrase=product.exports.passphrase(LOCAL_ACTOR, made.export_id),
            recovery=json.dumps(asdict(recovery)).encode(),
            receipt=product.erasure.erase(LOCAL_ACTOR, "somebody"),
        )


@st.composite
def broken(draw: st.DrawFn, whole: bytes) -> bytes:
    """Return a file with bytes changed, taken out, put in, or cut off."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        match draw(st.sampled_from(["change", "remove", "insert", "cut"])):
            case "change" if content:
                content[place] = draw(st.integers(0, 255))
            case "remove":
                del content[place : place + draw(st.integers(1, 60))]
            case "insert":
                content[place:place] = draw(st.binary(max_size=40))
            case _:
                del content[place:]
    return bytes(content)


@st.composite
def sealed(draw: st.DrawFn, whole: bytes) -> bytes:
    """Return a sealed file with another header of JSON, or one that is broken anywhere."""
    if draw(st.booleans()):
        return draw(broken(whole))
    length = int.from_bytes(whole[len(MAGIC) : len(MAGIC) + 4], "big")
    header = json.loads(whole[len(MAGIC) + 4 : len(MAGIC) + 4 + length])
    name = draw(st.sampled_from([*header, "locks", "locks"]))
    lock = dict(header["locks"][0])
    lock[draw(st.sampled_from([*lock]))] = draw(JSON)
    header[name] = [lock] if name == "locks" and draw(st.booleans()) else draw(JSON)
    written = json.dumps(header).encode()
    return MAGIC + len(written).to_bytes(4, "big") + written + whole[len(MAGIC) + 4 + length :]


def check_export(brought: Brought, content: bytes) -> None:
    headers = {"inhouse-passphrase": brought.passphrase}
    answer = brought.doors.browser().post("/api/me/exports/open", content=content, headers=headers)
    assert answer.status_code in {403, 422} or content == brought.export, (answer.status_code, answer.text)
    assert "Traceback" not in answer.text


def check_recovery(content: bytes) -> None:
    with suppress(AppError):
        keys.read_recovery_file(content, PASSPHRASE)


def check_receipt(brought: Brought, receipt: dict[str, Any]) -> None:
    if receipt != brought.receipt:
        with pytest.raises(FalseReceiptError):
            brought.doors.product.erasure.signer.verify(receipt)


def check_backup(content: bytes) -> None:
    """See what a backup is taken for that was sealed with the right key and holds something else."""
    whole = io.BytesIO()
    writer = SealedWriter(whole, {"kind": KIND}, key=bytes(32))
    writer.write(content)
    writer.close()
    whole.seek(0)
    reader = SealedReader(whole, kind=KIND)
    assert reader.unlock(key=bytes(32))
    with suppress(AppError):
        for _, stream in members(reader):
            stream.read()


def a_tar() -> bytes:
    import tarfile  # noqa: PLC0415

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as package:
        for name, content in (("about.json", b"{}"), ("inhouse.db", b"x" * 900), ("manifest.json", b"{}")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            package.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def checked(brought: Brought, data: st.DataObject, kind: str) -> None:
    match kind:
        case "export":
            check_export(brought, data.draw(sealed(brought.export)))
        case "recovery":
            told = json.loads(brought.recovery)
            told[data.draw(st.sampled_from([*told]))] = data.draw(JSON)
            check_recovery(data.draw(broken(brought.recovery) | st.just(json.dumps(told).encode())))
        case "receipt":
            told = dict(brought.receipt)
            told[data.draw(st.sampled_from([*told]))] = data.draw(JSON)
            check_receipt(brought, data.draw(st.dictionaries(st.text(max_size=9), JSON, max_size=4) | st.just(told)))
        case _:
            check_backup(data.draw(broken(a_tar()) | st.binary(max_size=2000)))


KINDS = ["export", "recovery", "receipt", "backup"]


def cases(count: int) -> settings:
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", KINDS)
@cases(FEW)
@given(data=st.data())
def test_a_file_that_is_broken_is_a_sentence(brought: Brought, kind: str, data: st.DataObject) -> None:
    checked(brought, data, kind)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
@cases(MANY)
@given(data=st.data())
def test_many_files(brought: Brought, kind: str, data: st.DataObject) -> None:
    checked(brought, data, kind)


def test_files_as_they_were_written_open(brought: Brought, tmp_path: Path) -> None:
    answer = brought.doors.browser().post(
        "/api/me/exports/open", content=brought.export, headers={"inhouse-passphrase": brought.passphrase}
    )
    assert answer.content == b"what is kept " * 50
    assert keys.read_recovery_file(brought.recovery, PASSPHRASE)[1].startswith("INHOUSE-")
    brought.doors.product.erasure.signer.verify(brought.receipt)
