"""Learn made-up documents in tests."""

from collections.abc import Mapping

from retrieval.ingest import Ingesting, IngestReport, ingest
from retrieval.library import Library
from retrieval.sources import bytes_source
from retrieval.words import query_stems

COLLECTION = "c1"


def learn(
    library: Library, files: Mapping[str, str | bytes], *, collection_id: str = COLLECTION, sync: bool = False
) -> IngestReport:
    """Ingest files given as name -> content; return the report."""
    sources = [
        bytes_source(name, content if isinstance(content, bytes) else content.encode())
        for name, content in files.items()
    ]
    *progress, report = ingest(sources, library=library, collection_id=collection_id, sync=sync)
    assert all(isinstance(event, Ingesting) for event in progress)
    assert isinstance(report, IngestReport)
    return report


def found_by_words(library: Library, query: str, *, collection_id: str = COLLECTION) -> list[str]:
    """Return the names of the documents that words alone find, the best first."""
    finder = library.chunks.finder
    stems = query_stems(query, finder.languages([collection_id]))
    numbers = finder.lexical(stems, collection_ids=[collection_id], limit=9).numbers
    hits = {hit.number: hit.owner.name for hit in finder.hits([], numbers)}
    return [hits[number] for number in numbers]
