"""Another embedder, or another way of cutting: the index is made anew while the old one goes on serving.

Knows the order of the steps; what embeds and what holds vectors is given.
"""

import shutil
import threading
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
from retrieval.generations import check_embedder, complete, fill, next_of, promote
from retrieval.ingest import Ingesting

if TYPE_CHECKING:
    from models.embedding import Embeds
    from retrieval.index import VectorIndex

GRACE_SECONDS = 30.0
"""For searches that have begun in the old index."""


class ChangedAlreadyError(AppError):
    """The index was changed over since the last start. Start Inhouse anew before it is changed over again."""

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
    """Changes the embedder of a running product, once."""

    home: Path
    """The data directory."""
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
    once: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __call__(self, name: str) -> Generator[Ingesting]:
        """Make the index anew with another embedder, yielding progress; at the end all use it.

        Stopped in between, it leaves everything as it was.

        Raises:
            ChangedAlreadyError: it was done or is being done in this process.
        """
        if not self.once.acquire(blocking=False):
            raise ChangedAlreadyError
        following = next_of(self.home / "index")
        shutil.rmtree(following, ignore_errors=True)
        with ExitStack() as undone:
            undone.callback(self.once.release)
            undone.callback(shutil.rmtree, following, ignore_errors=True)
            embedder = self.load(name)
            undone.callback(embedder.close)
            check_embedder(following, name, sha256=self.sha256(name))
            made = self.open_index(following)
            undone.callback(made.close)
            embed = partial(embedder.embed_documents, before_pass=self.make_way)
            library = replace(self.knowledge.library(), index=made, embed=embed)
            yield from fill(library, collection_ids=library.chunks.collection_ids())
            with library.turn:  # nothing is learned meanwhile
                for _ in fill(library, collection_ids=library.chunks.collection_ids()):
                    pass
                complete(following)
                write_setting(self.home, "embedder", name)
                left = self.index().become(made)
                self.use(embedder)
            undone.pop_all()
        leaving = threading.Timer(GRACE_SECONDS, left)
        leaving.daemon = True
        leaving.start()
