"""The vector index: chunk ids and vectors in Chroma, one Chroma collection for each knowledge collection.

Knows no text and no document. Each vector is multiplied by a secret rotation first, which keeps every cosine and
defeats off-the-shelf inversion of stolen vectors; it is a hardening, not encryption. Everything here can be built
again from the database (`retrieval.agreement`).
"""

import functools
import hashlib
import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.documents import FloatMatrix, FloatVector
from retrieval.errors import IndexDamagedError, StorageFullError
from retrieval.memory import FROM_THE_KERNEL, overwrite_freed_memory, unfilled

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection as ChromaCollection

_BATCH = 1_000
"""Chroma refuses more than 5,461 rows at once."""
_ROOM_BYTES = 4 * 2**20
"""With less than this on the disk, a write that failed failed for want of room."""


class VectorIndex:
    """Nearest chunks by cosine. One process may hold a directory."""

    def __init__(self, directory: Path, *, rotation: Callable[[int], FloatMatrix] | None = None) -> None:
        """Open the index, or make an empty one.

        Args:
            directory: where Chroma keeps its files.
            rotation: d -> an orthogonal matrix, shape (d, d), always the same; None stores vectors as they are.

        Raises:
            IndexDamagedError: Chroma cannot open what is there.
        """
        import chromadb  # noqa: PLC0415 (0.9 s: only a process that searches pays for it)
        from chromadb.config import Settings  # noqa: PLC0415

        overwrite_freed_memory()  # or Chroma's files would hold what was in its memory before
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._rotation = functools.cache(rotation) if rotation else None
        self._collections: dict[str, ChromaCollection] = {}
        with _own_errors(self._directory), _no_broken_client():
            self._client = chromadb.PersistentClient(path=directory, settings=Settings(anonymized_telemetry=False))

    @property
    def directory(self) -> Path:
        """Where its files lie."""
        return self._directory

    def put(self, collection_id: str, chunk_ids: Sequence[str], vectors: FloatMatrix) -> None:
        """Store the vectors (n, d) of these chunks; a chunk that has one already gets the new one."""
        rotated = self._rotate(vectors)
        collection = self._open(collection_id, create=True)
        for start in range(0, len(chunk_ids), _BATCH):
            part = slice(start, start + _BATCH)
            with _own_errors(self._directory):
                collection.upsert(ids=list(chunk_ids[part]), embeddings=rotated[part])

    def nearest(self, collection_id: str, vector: FloatVector, *, limit: int) -> list[tuple[str, float]]:
        """Return up to `limit` chunk ids with their cosine to the unit vector, nearest first."""
        collection = self._open(collection_id)
        if collection is None or limit < 1:
            return []
        with self._while_there(collection_id), _own_errors(self._directory):
            found = collection.query(
                query_embeddings=self._rotate(vector[None, :]), n_results=limit, include=["distances"]
            )
            distances = found["distances"] or [[]]
            return [(name, 1.0 - distance) for name, distance in zip(found["ids"][0], distances[0], strict=True)]
        return []

    def cosines(self, collection_id: str, vector: FloatVector, chunk_ids: Collection[str]) -> dict[str, float]:
        """Return the cosine of each of these chunks that has a vector to the unit vector."""
        collection = self._open(collection_id)
        if collection is None or not chunk_ids:
            return {}
        with self._while_there(collection_id), _own_errors(self._directory):
            found = collection.get(ids=list(chunk_ids), include=["embeddings"])
            if not found["ids"]:
                return {}
            values = np.asarray(found["embeddings"], dtype=np.float32) @ self._rotate(vector[None, :])[0]
            return dict(zip(found["ids"], values.tolist(), strict=True))
        return {}

    def neighbours(
        self, collection_id: str, chunk_ids: Sequence[str], *, limit: int
    ) -> dict[str, list[tuple[str, float]]]:
        """Return chunk id -> up to `limit` chunk ids with their cosine to it, nearest first; itself among them."""
        collection = self._open(collection_id)
        found: dict[str, list[tuple[str, float]]] = {}
        if collection is None:
            return found
        with self._while_there(collection_id), _own_errors(self._directory):
            for start in range(0, len(chunk_ids), _BATCH):
                own = collection.get(ids=list(chunk_ids[start : start + _BATCH]), include=["embeddings"])
                if not own["ids"]:
                    continue
                near = collection.query(query_embeddings=own["embeddings"], n_results=limit, include=["distances"])
                for name, ids, distances in zip(own["ids"], near["ids"], near["distances"] or [], strict=True):
                    found[name] = [(other, 1.0 - far) for other, far in zip(ids, distances, strict=True)]
        return found

    def chunk_ids(self, collection_id: str) -> set[str]:
        """Return the ids of all chunks that have a vector."""
        collection = self._open(collection_id)
        if collection is None:
            return set()
        with _own_errors(self._directory):
            return set(collection.get(include=[])["ids"])

    def vectors(self, collection_id: str) -> Iterator[tuple[list[str], FloatMatrix]]:
        """Yield chunk ids and their vectors (n, d) as they were before the rotation, a thousand at a time."""
        collection, ids = self._open(collection_id), sorted(self.chunk_ids(collection_id))
        for start in range(0, len(ids), _BATCH):
            with _own_errors(self._directory):
                found = collection.get(ids=ids[start : start + _BATCH], include=["embeddings"])
            rotated = np.asarray(found["embeddings"], dtype=np.float32)
            if found["ids"]:
                yield found["ids"], rotated @ self._rotation(rotated.shape[1]).T if self._rotation else rotated

    def count(self, collection_id: str) -> int:
        """Return how many vectors the collection has."""
        collection = self._open(collection_id)
        if collection is None:
            return 0
        with _own_errors(self._directory):
            return int(collection.count())

    def remove(self, collection_id: str, chunk_ids: Collection[str]) -> None:
        """Forget the vectors of these chunks; unknown ids are passed over."""
        collection = self._open(collection_id)
        if collection is None:
            return
        ids = list(chunk_ids)
        for start in range(0, len(ids), _BATCH):
            with _own_errors(self._directory):
                collection.delete(ids=ids[start : start + _BATCH])

    def drop(self, collection_id: str) -> None:
        """Forget the collection with all its vectors and files; an unknown one is passed over."""
        from chromadb.errors import NotFoundError  # noqa: PLC0415 (with chromadb, above)

        self._collections.pop(collection_id, None)
        with _own_errors(self._directory):
            try:
                self._client.delete_collection(_name(collection_id))
            except NotFoundError:
                return

    def become(self, other: "VectorIndex") -> Callable[[], None]:
        """Hold from now on what another index holds; return what lets go of the former one and removes it.

        Whatever is being read in the former one meanwhile ends there.
        """
        former, directory = self._client, self._directory
        self.__dict__.update(vars(other))

        def leave() -> None:
            former.close()  # type: ignore[attr-defined]  # as below
            shutil.rmtree(directory, ignore_errors=True)

        return leave

    def close(self) -> None:
        """Let go of the directory."""
        self._collections.clear()
        self._client.close()  # type: ignore[attr-defined]  # the embedded client has it, its interface does not

    @contextmanager
    def _while_there(self, collection_id: str) -> Iterator[None]:
        """Pass over what cannot be done because the collection was dropped a moment ago."""
        from chromadb.errors import NotFoundError  # noqa: PLC0415 (with chromadb, above)

        try:
            yield
        except NotFoundError:
            self._collections.pop(collection_id, None)

    def _rotate(self, vectors: FloatMatrix) -> FloatMatrix:
        rotated = vectors if self._rotation is None else vectors @ self._rotation(vectors.shape[1])
        return np.ascontiguousarray(rotated, dtype=np.float32)

    def _open(self, collection_id: str, *, create: bool = False) -> Any:
        from chromadb.errors import NotFoundError  # noqa: PLC0415 (with chromadb, above)

        if collection_id not in self._collections:
            name = _name(collection_id)
            with _own_errors(self._directory):
                try:
                    # Without embedding_function=None Chroma downloads a model of its own.
                    opened = self._client.get_collection(name, embedding_function=None)
                    self._read(opened)
                except NotFoundError:
                    if not create:
                        return None
                    opened = self._client.create_collection(
                        name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
                    )
            self._collections[collection_id] = opened
        return self._collections[collection_id]

    def _read(self, collection: "ChromaCollection") -> None:
        """See that Chroma has read the vectors, for which it makes room up to the next power of two.

        What it makes room for would be filled and in memory: up to as much again as there is (docs/benchmarks.md).
        """
        files = [path.stat().st_size for path in self._directory.glob("*/data_level0.bin")]
        if max(files, default=0) >= FROM_THE_KERNEL:
            with unfilled():
                collection.count()


def _name(collection_id: str) -> str:
    """Return a name that Chroma accepts and that tells nothing."""
    return f"c-{hashlib.sha256(collection_id.encode()).hexdigest()[:40]}"


@contextmanager
def _no_broken_client() -> Iterator[None]:
    """See that Chroma forgets a client that could not open its directory; it would give it to the next who asks."""
    from chromadb.api.shared_system_client import SharedSystemClient  # noqa: PLC0415 (with chromadb, above)

    try:
        yield
    except BaseException:
        SharedSystemClient.clear_system_cache()
        raise


@contextmanager
def _own_errors(directory: Path) -> Iterator[None]:
    """Turn what Chroma raises for a full disk or a damaged directory into our errors; NotFoundError passes."""
    from chromadb.errors import ChromaError, NotFoundError  # noqa: PLC0415 (with chromadb, above)

    try:
        yield
    except NotFoundError:
        raise
    except (ChromaError, OSError, ValueError, RuntimeError) as error:
        # Chroma's own sentence seldom says so: a full disk shows as a failed compaction
        if "full" in str(error) or "No space" in str(error) or shutil.disk_usage(directory).free < _ROOM_BYTES:
            raise StorageFullError from error
        raise IndexDamagedError from error
