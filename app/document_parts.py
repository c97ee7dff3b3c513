"""The parts of a product that hold documents and find them again, each made from those it needs.

Knows no person, no question and no chat model; `app.assembly` says for what an ingest makes way.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from app import voices
from app.checks.conflicts import COMPARING
from app.guard.injection import SCREENING
from app.library.changeover import ChangeOver, current_index, open_index
from app.library.knowledge import Knowledge
from app.library.watching import Watching
from app.product import Once
from app.settings import Settings
from app.store.keys import OpenedKey
from app.store.opening import Store
from retrieval.chunks import ChunkStore
from retrieval.crossing import Crossing
from retrieval.library import Library
from retrieval.readers.isolated import Reader
from retrieval.turn import Turn

if TYPE_CHECKING:
    from models.embedding import Embeds
    from retrieval.index import VectorIndex
    from retrieval.retriever import Retriever


@dataclass(frozen=True, kw_only=True)
class DocumentParts:
    """Makes each of them once; what has to be closed is closed with `opened`, the last made first."""

    settings: Settings
    key: OpenedKey
    store: Store
    opened: ExitStack
    make_way: Callable[[], None]
    """Waits while somebody's answer is being read or written."""
    erasing: Callable[[], AbstractContextManager[None]]
    """Within it something is erased that the engine may hold."""

    @cached_property
    def chunks(self) -> ChunkStore:
        """Documents and their chunks in the database."""
        return ChunkStore(self.store.engine)

    @cached_property
    def embedder(self) -> Once["Embeds"]:
        """The embedding model, until it is changed for another."""
        embedder = Once(lambda: voices.load_embedder(self.settings))
        self.opened.callback(_close_built, embedder)
        return embedder

    @cached_property
    def index(self) -> Once["VectorIndex"]:
        """The vectors of the chunks."""
        settings = self.settings
        index = Once(
            lambda: current_index(
                settings.home,
                self.key.master,
                embedder=settings.embedder,
                sha256=voices.sha256_of_embedder(settings, settings.embedder),
            )
        )
        self.opened.callback(_close_built, index)
        return index

    @cached_property
    def knowledge(self) -> Knowledge:
        """What is done with documents: learn, list, remove."""
        store = self.store
        library = self._libraries()
        return Knowledge(
            chunks=self.chunks,
            originals=store.originals,
            versions=store.versions,
            verified=store.verified,
            library=lambda: library(self.index()),
            exists=store.collections.exists,
            erasing=self.erasing,
        )

    def _libraries(self) -> "Callable[[VectorIndex], Library]":
        """Return what learning needs over an index; the embedder is loaded with the first text it must embed.

        All of them share one turn, so that one ingest runs at a time, and make way for people who wait for answers.
        """
        read, turn, embedder = self.reader().read, Turn(), self.embedder
        return lambda index: Library(
            index=index,
            chunks=self.chunks,
            embed=lambda texts: embedder().embed_documents(texts, before_pass=self.make_way),
            token_offsets=lambda text: embedder().token_offsets(text),
            read=read,
            max_tokens=self.settings.chunk_tokens,
            reads_tokens=lambda: embedder().max_tokens,
            screening=SCREENING,
            comparing=COMPARING,
            turn=turn,
        )

    def reader(self) -> Reader:
        """Return a process of its own that reads or draws documents."""
        reader = Reader()
        self.opened.callback(reader.close)
        return reader

    def change_over(self) -> ChangeOver:
        """Return what makes the index anew with another embedder."""
        settings = self.settings
        return ChangeOver(
            home=settings.home,
            named=settings.embedder,
            knowledge=self.knowledge,
            index=self.index,
            open_index=lambda directory: open_index(directory, self.key.master),
            load=lambda name: voices.load_embedder(settings.model_copy(update={"embedder": name})),
            sha256=partial(voices.sha256_of_embedder, settings),
            use=self._use_embedder,
            make_way=self.make_way,
            crossing=self._crossing,
        )

    def _use_embedder(self, embedder: "Embeds") -> None:
        """Let everything embed with another embedder, and the one before give back its memory."""
        before = self.embedder
        former = before() if before.ready else None
        before.replace(embedder)
        if former is not None:
            former.close()

    @cached_property
    def _crossing(self) -> Crossing:
        return Crossing()

    def watching(self) -> Watching:
        """Return what keeps watched folders in step."""
        return Watching(
            watches=self.store.watches,
            knowledge=self.knowledge,
            names=lambda collection_id: [head.name for head in self.chunks.heads(collection_id)],
            home=self.settings.home,
        )

    @cached_property
    def retriever(self) -> Once["Retriever"]:
        """The search."""
        return Once(self._build_retriever)

    def _build_retriever(self) -> "Retriever":
        from retrieval.retriever import Retriever

        embedder = self.embedder
        embedder()
        if (rerank := voices.load_reranker(self.settings)) is not None:
            self.opened.callback(rerank.close)
        return Retriever(
            chunks=self.chunks,
            index=self.index(),
            embed_query=lambda text: embedder().embed_query(text),
            rerank=rerank,
            are_verified=self.store.verified.among,
            crossing=self._crossing,
        )


def _close_built(part: Once[Any]) -> None:
    if part.ready:
        part().close()
