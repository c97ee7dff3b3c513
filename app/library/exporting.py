"""A collection as a ZIP file: the originals as they were loaded, and a manifest that says what each is.

Made piece by piece as it is sent, in memory. Knows no door; whoever exports checks first who may read the collection.
"""

import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any, cast

from app.answers import Collection
from app.errors import explain
from app.store.errors import DamagedDatabaseError, NotFoundError
from app.store.originals import Originals
from app.store.sink import Sink
from app.store.versions import Versions
from retrieval.chunks import ChunkStore
from retrieval.documents import StoredDocument

FOLDER = "documents/"
MANIFEST = "manifest.json"
EARLIEST = 1980
"""No ZIP file knows an earlier year."""


def export(collection: Collection, *, chunks: ChunkStore, originals: Originals, versions: Versions) -> Iterator[bytes]:
    """Yield the bytes of the ZIP file: each original below `documents/`, and last `manifest.json`.

    An original that is missing or damaged is named in the manifest; the others are exported all the same.
    """
    sink = Sink()
    told = []
    with zipfile.ZipFile(cast("IO[bytes]", sink), "w", zipfile.ZIP_STORED) as package:
        for stored in chunks.documents(collection.collection_id):
            entry = describe(stored, versions)
            try:
                package.writestr(_info(FOLDER + stored.name, stored.added), originals.read(stored.sha256))
            except (NotFoundError, DamagedDatabaseError) as error:
                entry |= {"file": None, "missing": explain(error)}
            told.append(entry)
            yield sink.taken()
        problems = [{"name": one.name, "sentence": one.sentence} for one in chunks.problems(collection.collection_id)]
        manifest = {"collection": shape(collection), "documents": told, "problems": problems}
        manifest["exported"] = datetime.now(UTC).isoformat()
        written = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
        package.writestr(_info(MANIFEST, datetime.now(UTC)), written)
    yield sink.taken()


def shape(collection: Collection) -> dict[str, Any]:
    """Return what is said of a collection besides its documents."""
    return {
        "name": collection.name,
        "description": collection.description,
        "owner": collection.owner,
        "review_on": collection.review_on.isoformat() if collection.review_on else None,
        "on_unsupported": collection.on_unsupported,
        "double_check": collection.double_check,
    }


def describe(stored: StoredDocument, versions: Versions) -> dict[str, Any]:
    """Return what the manifest says of a document."""
    earlier = [one for one in versions.of(stored.collection_id, stored.name) if one.replaced is not None]
    return {
        "file": FOLDER + stored.name,
        "name": stored.name,
        "title": stored.title,
        "media_type": stored.media_type,
        "sha256": stored.sha256,
        "bytes": stored.bytes,
        "added": stored.added.isoformat(),
        "state": stored.state,
        "warnings": list(stored.warnings),
        "earlier": [
            {"sha256": one.sha256, "added": _moment(one.added), "replaced": _moment(one.replaced)} for one in earlier
        ],
    }


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _info(name: str, moment: datetime) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (max(moment.year, EARLIEST), *moment.timetuple()[1:6]))
    info.external_attr = 0o600 << 16
    return info
