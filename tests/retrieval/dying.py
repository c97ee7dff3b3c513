"""An ingest that kills its process, a child of the test, at a given step.

Real stores, hash embedder. The steps are counted before and after everything that is written.
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.store.database import open_database
from app.store.migrate import migrate
from retrieval.chunks import ChunkStore
from retrieval.documents import Document, SuspectPlace, Suspicion
from retrieval.index import VectorIndex
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.quarantine import Quarantine
from retrieval.readers import read_document
from retrieval.screening import Screening
from retrieval.settling import release_document
from retrieval.sources import collect
from tests.fakes import HashEmbedder

KEY = b"k" * 32
COLLECTION = "c1"
WRITES = {
    ChunkStore: ("add_pending", "finish", "removed", "note_problem"),
    VectorIndex: ("put", "remove"),
    Quarantine: ("release", "judged"),
}


def open_library(home: Path) -> Library:
    """Open the stores of a directory."""
    engine = open_database(home / "inhouse.db", key=KEY)
    migrate(engine)
    embedder = HashEmbedder()
    return Library(
        chunks=ChunkStore(engine),
        index=VectorIndex(home / "index"),
        embed=embedder.embed_documents,
        token_offsets=embedder.token_offsets,
        read=read_document,
        max_tokens=60,
        screening=SCREENING,
    )


def judge(document: Document) -> Suspicion | None:
    """Find every document suspicious that says so."""
    if "POISON" not in document.text:
        return None
    place = SuspectPlace(quote="POISON", start=0, end=6, page=None, reasons=("says so",))
    return Suspicion(score=0.9, places=(place,))


SCREENING = Screening(version="1", judge=judge)


def die_at(step: int) -> Callable[[], int]:
    """Let the write number `step`, counted before and after each, kill this process; return what tells the count."""
    taken = 0

    def count() -> None:
        nonlocal taken
        taken += 1
        if taken == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(write: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            count()
            result = write(*arguments, **options)
            count()
            return result

        return call

    for owner, names in WRITES.items():
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))
    return lambda: taken


def release(arguments: Sequence[str]) -> int:
    """Release the waiting documents of HOME and die at STEP; otherwise print how many steps there are."""
    directory, step = Path(arguments[0]), int(arguments[1])
    steps = die_at(step)
    library = open_library(directory)
    for stored in library.chunks.documents(COLLECTION):
        if stored.state == "quarantined":
            release_document(stored.document_id, collection_id=COLLECTION, library=library)
    sys.stdout.write(str(steps()))
    sys.stdout.flush()
    return 0


def main(arguments: Sequence[str]) -> int:
    """Ingest the files of HOME and die at STEP; otherwise print how many steps there are."""
    directory, step = Path(arguments[0]), int(arguments[1])
    steps = die_at(step)
    list(ingest(collect([directory / "files"]), library=open_library(directory), collection_id=COLLECTION, sync=True))
    sys.stdout.write(str(steps()))
    sys.stdout.flush()
    return 0
