"""An ingest is killed with SIGKILL at every write; afterwards nothing is lost and the stores agree."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from retrieval.agreement import check_agreement
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.retriever import Retriever
from retrieval.sources import collect
from tests.children import Child
from tests.fakes import HashEmbedder
from tests.retrieval import dying
from tests.retrieval.dying import COLLECTION, open_library

LAST_STEP = 20
"""As many writes, counted before and after each. What lies between two writes is the same for both."""

LAST_STEP_OF_RELEASE = 6

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a directory with one document learned, then changed, one removed, one added and one bad file."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "changed.md").write_text("# Old\n\nThe old limit is 90 euros.")
    (files / "removed.md").write_text("# Gone\n\nThis rule was abolished.")
    library = open_library(tmp_path)
    learn(library, tmp_path)
    close(library)
    (files / "removed.md").unlink()
    (files / "changed.md").write_text("# New\n\nThe new limit is 120 euros.")
    (files / "added.txt").write_text("Parking is free. " * 60)
    (files / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    (files / "odd.md").write_text("# Odd\n\nPOISON for whoever reads it.")
    return tmp_path


def learn(library: Library, home: Path) -> None:
    list(ingest(collect([home / "files"]), library=library, collection_id=COLLECTION, sync=True))


def close(library: Library) -> None:
    library.index.close()
    library.chunks._engine.dispose()


def die(home: Path, step: int) -> subprocess.CompletedProcess[str]:
    """Learn the files in a child process that kills itself at a step."""
    return Child(dying.main, [str(home), str(step)], environment=os.environ).finish()


@pytest.mark.parametrize("step", range(1, LAST_STEP, 2))
def test_a_killed_ingest_loses_nothing_and_goes_on(home: Path, step: int) -> None:
    child = die(home, step)
    assert child.returncode in {-signal.SIGKILL, 0}
    library = open_library(home)
    try:
        check_searchable(library)
        learn(library, home)
        stored = library.chunks.documents(COLLECTION)
        assert [(each.name, each.state) for each in stored] == [
            ("added.txt", "indexed"),
            ("changed.md", "indexed"),
            ("odd.md", "quarantined"),
        ]
        assert [problem.name for problem in library.chunks.problems(COLLECTION)] == ["bad.pdf"]
        assert library.chunks.removals(COLLECTION) == []
        assert library.index.chunk_ids(COLLECTION) == library.chunks.chunk_ids(COLLECTION)
    finally:
        close(library)


def check_searchable(library: Library) -> None:
    """The document is found in its old or its new version, never both and never neither; the stores agree."""
    assert not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])
    search = Retriever(chunks=library.chunks, index=library.index, embed_query=HashEmbedder().embed_query).search
    limits = [p.text for p in search("limit euros", collection_ids=[COLLECTION]) if p.document == "changed.md"]
    assert len(limits) == 1
    assert ("90" in limits[0]) != ("120" in limits[0])


@pytest.mark.parametrize("step", range(1, LAST_STEP_OF_RELEASE, 2))
def test_a_killed_release_waits_or_goes_on(home: Path, step: int) -> None:
    library = open_library(home)
    learn(library, home)
    close(library)
    child = Child(dying.release, [str(home), str(step)], environment=os.environ).finish()
    assert child.returncode == -signal.SIGKILL
    library = open_library(home)
    try:
        assert not check_agreement(chunks=library.chunks, index=library.index, collection_ids=[COLLECTION])
        learn(library, home)
        states = {each.name: (each.state, each.released is not None) for each in library.chunks.documents(COLLECTION)}
        assert states["odd.md"] in {("quarantined", False), ("indexed", True)}
        assert library.index.chunk_ids(COLLECTION) == library.chunks.chunk_ids(COLLECTION)
    finally:
        close(library)


def test_no_step_is_left_out(home: Path) -> None:
    child = die(home, 1000)
    assert child.returncode == 0, child.stderr
    assert int(child.stdout) == LAST_STEP
    released = Child(dying.release, [str(home), "1000"], environment=os.environ).finish()
    assert int(released.stdout) == LAST_STEP_OF_RELEASE
