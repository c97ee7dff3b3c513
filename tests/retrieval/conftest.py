"""The two real stores in a temporary directory, with the hash embedder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.store.database import open_database
from app.store.migrate import migrate
from retrieval.chunks import ChunkStore
from retrieval.index import VectorIndex
from retrieval.library import Library
from retrieval.readers import read_document
from retrieval.retriever import Retriever
from tests.fakes import HashEmbedder

KEY = b"k" * 32


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_database(tmp_path / "inhouse.db", key=KEY)
    migrate(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def chunks(engine: Engine) -> ChunkStore:
    return ChunkStore(engine)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[VectorIndex]:
    opened = VectorIndex(tmp_path / "index")
    yield opened
    opened.close()


@pytest.fixture
def library(chunks: ChunkStore, index: VectorIndex) -> Library:
    embedder = HashEmbedder()
    return Library(
        chunks=chunks,
        index=index,
        embed=embedder.embed_documents,
        token_offsets=embedder.token_offsets,
        read=read_document,
        max_tokens=60,
    )


@pytest.fixture
def retriever(chunks: ChunkStore, index: VectorIndex) -> Retriever:
    return Retriever(chunks=chunks, index=index, embed_query=HashEmbedder().embed_query)
