"""A disk that fills up during ingest: a clear sentence, everything stored before intact, and the next run goes on."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from app.store.errors import DiskFullError
from retrieval.agreement import check_agreement
from retrieval.errors import StorageFullError
from retrieval.index import VectorIndex
from retrieval.library import Library
from retrieval.retriever import Retriever
from tests.fakes import HashEmbedder
from tests.retrieval.learning import COLLECTION, learn

LARGE = {f"{number}.txt": f"Document {number}. " + "Many words fill the disk here. " * 400 for number in range(40)}


def test_a_full_database_keeps_what_was_stored(library: Library, retriever: Retriever, engine: Engine) -> None:
    learn(library, {"first.txt": "The first document stays."})
    limit = _limit_pages(engine)
    with pytest.raises(DiskFullError):
        learn(library, LARGE)
    assert retriever.search("first document", collection_ids=[COLLECTION])[0].document == "first.txt"
    assert not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])
    limit()
    report = learn(library, LARGE)
    assert report.added + report.unchanged == len(LARGE)
    assert not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])


def _limit_pages(engine: Engine):  # type: ignore[no-untyped-def]  # noqa: ANN202 (returns the undoing)
    """Let the database grow by 100 pages only, on every connection; return what lifts the limit."""
    pages = "PRAGMA max_page_count = {}"
    with engine.connect() as connection:
        now = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    allowed = [now + 100]

    def begin(connection) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        connection.exec_driver_sql(pages.format(allowed[0]))

    event.listen(engine, "begin", begin)

    def lift() -> None:
        allowed[0] = 1_000_000_000

    return lift


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 3 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if not done or done.returncode:
        pytest.skip("mounting a small file system needs root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_index_keeps_what_was_stored(library: Library, small_disk: Path) -> None:
    index = VectorIndex(small_disk / "index")
    small = Library(
        chunks=library.chunks,
        index=index,
        embed=HashEmbedder().embed_documents,
        token_offsets=library.token_offsets,
        read=library.read,
        max_tokens=60,
    )
    learn(small, {"first.txt": "The first document stays."})
    filler = small_disk / "filler"
    _fill(filler)
    with pytest.raises(StorageFullError):
        learn(small, LARGE)
    retriever = Retriever(chunks=library.chunks, index=index, embed_query=HashEmbedder().embed_query)
    assert retriever.search("first document", collection_ids=[COLLECTION])[0].document == "first.txt"
    filler.unlink()
    index.close()
    again = VectorIndex(small_disk / "index")
    learn(replace(small, index=again), {"x.txt": "More."})
    assert not check_agreement(chunks=library.chunks, index=again, collection_ids=[COLLECTION])
    again.close()


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return
