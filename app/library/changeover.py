"""Another embedder, or another way of cutting: the index is made anew while the old one goes on serving.

Knows the order of the steps; what embeds and what holds vectors is given.
"""

import shutil
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import AppError
from app.library.knowledge import Knowledge
from app.settings import write_setting
from app.store.derivation import rotation_matrix
from retrieval.crossing import Crossing
from retrieval.generations import check_embedder, complete, fill, next_of, promote, prune
from retrieval.ingest import Ingesting
from retrieval.library import Library

if TYPE_CHECKING:
    from models.embedding import Embeds
    from retrieval.index import VectorIndex

GRACE_SECONDS = 30.0
"""For whatever else but a search has begun to read in the old index."""
REST_SECONDS, PRUNE_SECONDS = 0.5, 30.0
"""How often a change that rests looks whether it may go on, and how soon it forgets what was removed meanwhile."""


class ChangingAlreadyError(AppError):
    """The index is being made anew with another embedding model already. Wait until that has ended, or cancel it."""

    status = 409


def current_index(home: Path, master: bytes, *, embedder: str, sha256: str) -> "VectorIndex":
    """Open the index of a data directory.

    Args:
        home: the data directory.
        master: the key that vectors are turned with.
        embedder: the name of the embedder that is used.
        sha256: of its file, where more than one may have this name.

    Raises:
        EmbedderChangedError: it was made with another embedder than the settings name.
    """
    directory = home / "index"
    promote(directory)
    check_embedder(directory, embedder, sha256=sha256)
    return open_index(directory, master)


def open_index(directory: Path, master: bytes) -> "VectorIndex":
    """Open the index in a directory, or make an empty one."""
    from retrieval.index import VectorIndex  # noqa: PLC0415 - 0.9 s that most commands need not pay

    return VectorIndex(directory, rotation=partial(rotation_matrix, master))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOver:
    """Changes the embedder of a running product, one change at a time."""

    home: Path
    """The data directory."""
    named: str
    """The embedder at the start."""
    knowledge: Knowledge
    index: Callable[[], "VectorIndex"]
    """The index that serves."""
    open_index: Callable[[Path], "VectorIndex"]
    """A directory -> the index in it."""
    load: Callable[[str], "Embeds"]
    """The name of an embedder -> that embedder."""
    sha256: Callable[[str], str]
    """The name of an embedder -> the hash of its file; "" where only one file can have this name."""
    use: Callable[["Embeds"], None]
    """Lets everything embed with it from now on."""
    make_way: Callable[[], None]
    """Waits while somebody's answer is being read or written."""
    crossing: Crossing
    """Passed by every search."""
    once: threading.Lock = field(default_factory=threading.Lock, init=False)
    changed: list[str] = field(default_factory=list, init=False)
    """The embedders that were changed to since the start."""
    leaving: dict[Path, threading.Timer] = field(default_factory=dict, init=False)
    """Where an index was that no longer serves -> what removes it, when nobody reads in it any more."""

    @property
    def used(self) -> str:
        """The name of the embedder that is used."""
        return self.changed[-1] if self.changed else self.named

    def __call__(self, name: str, *, rests: Callable[[], bool] = lambda: False) -> Generator[Ingesting]:
        """Make the index anew with another embedder, yielding progress; at the end all use it.

        Stopped in between, it leaves everything as it was. While `rests` says so it waits between two documents,
        yielding the same progress again and again.

        Raises:
            ChangingAlreadyError: another change has not ended.
        """
        if not self.once.acquire(blocking=False):
            raise ChangingAlreadyError
        try:
            yield from self._change(name, rests)
        finally:
            self.once.release()

    def _change(self, name: str, rests: Callable[[], bool]) -> Generator[Ingesting]:
        home, former = self.home / "index", self.index().directory
        following = next_of(home, serving=former)
        if following in self.leaving:
            self.leaving.pop(following).join()
        shutil.rmtree(following, ignore_errors=True)
        with ExitStack() as undone:
            undone.callback(shutil.rmtree, following, ignore_errors=True)
            embedder = self.load(name)
            undone.callback(embedder.close)
            check_embedder(following, name, sha256=self.sha256(name))
            made = self.open_index(following)
            undone.callback(made.close)
            embed = partial(embedder.embed_documents, before_pass=self.make_way)
            library = replace(self.knowledge.library(), index=made, embed=embed)
            total = 0
            for event in fill(library, collection_ids=library.chunks.collection_ids()):
                total = event.total
                yield event
                yield from _resting(library, event, rests)
            last = Ingesting(name="", done=total, total=total, chunks=0)
            yield from _resting(library, last, rests)
            yield last  # the last moment to stop it
            with library.turn:  # nothing is learned meanwhile
                for _ in fill(library, collection_ids=library.chunks.collection_ids()):
                    pass
                left = self._switch(made, embedder, name)
            undone.pop_all()
        leaving = threading.Timer(GRACE_SECONDS, left)
        leaving.daemon = True
        leaving.start()
        self.leaving[former] = leaving

    def _switch(self, made: "VectorIndex", embedder: "Embeds", name: str) -> Callable[[], None]:
        """Let everything use a complete index and its embedder from now on; return what lets go of the old index."""
        with self.crossing.alone():  # no search has embedded its query and not yet looked for it
            complete(made.directory, of=self.home / "index")
            write_setting(self.home, "embedder", name)
            left = self.index().become(made)
            self.use(embedder)
            self.changed.append(name)
        return left


def _resting(library: Library, event: Ingesting, rests: Callable[[], bool]) -> Generator[Ingesting]:
    """Yield the same progress until the change may go on; vectors of what is removed meanwhile go too."""
    pruned = time.monotonic()
    while rests():
        yield event
        time.sleep(REST_SECONDS)
        if time.monotonic() - pruned > PRUNE_SECONDS:
            prune(library, collection_ids=library.chunks.collection_ids())
            pruned = time.monotonic()
