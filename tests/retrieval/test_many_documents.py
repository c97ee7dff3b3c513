"""What learning one file costs must not grow with the texts of those that are here already."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import sqlalchemy as sa

from retrieval.conflicts import Comparing
from retrieval.documents import FloatMatrix
from retrieval.ingest import Ingesting, ingest
from retrieval.library import Library
from retrieval.retriever import Retriever
from retrieval.settling import BATCH_CHUNKS, FIRST_CHUNKS
from retrieval.sources import bytes_source
from tests.retrieval.learning import COLLECTION, learn

FEW = {f"{number}.md": f"# Rule {number}\n\nThe allowance of rule {number} is {number} euros." for number in range(5)}
KEYS = ("document_id=?", "sha256=?", "name=?", "sqlite_autoindex", "documents_unsketched")
"""What a plan says that goes straight to the documents that are asked for."""


@contextmanager
def noted(engine: sa.Engine) -> Iterator[list[tuple[str, Sequence[object]]]]:
    """Note the statements that are asked within the block."""
    asked: list[tuple[str, Sequence[object]]] = []

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Sequence[object], *_rest: object
    ) -> None:
        asked.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def plans(engine: sa.Engine, asked: Sequence[tuple[str, Sequence[object]]]) -> Iterator[str]:
    """Yield how SQLite goes through documents for each of the statements."""
    with engine.connect() as connection:
        for statement, parameters in asked:
            if "documents" in statement and not statement.startswith("INSERT INTO documents"):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", tuple(parameters))
                own = "" not in parameters  # not those that are nobody's copy, which nearly all documents are
                yield from (
                    row[-1] for row in plan if " documents " in row[-1] and not (own and "same_as=?" in row[-1])
                )


def test_learning_reads_no_text_of_other_documents(library: Library, engine: sa.Engine) -> None:
    library = replace(library, comparing=Comparing(version="1", judge=lambda: lambda _one, _other: ()))
    learn(library, FEW)
    with noted(engine) as asked:
        learn(
            library,
            {"0.md": FEW["0.md"], "1.md": "# Rule 1\n\nIt is another one now.", "new.md": "# A new rule\n\nYes."},
        )
    found = list(plans(engine, asked))
    assert len(found) > 5
    assert [plan for plan in found if "COVERING" not in plan and not any(key in plan for key in KEYS)] == []


def test_the_first_document_is_found_before_the_second_is_read(library: Library, retriever: Retriever) -> None:
    texts = [f"# Rule {number}\n\nOnly this one is about word{number}." for number in range(2 * FIRST_CHUNKS)]
    sources = [bytes_source(f"{number:03}.md", text.encode()) for number, text in enumerate(texts)]
    done = next(
        event.done
        for event in ingest(sources, library=library, collection_id=COLLECTION)
        if isinstance(event, Ingesting) and retriever.search("word0", collection_ids=[COLLECTION])
    )
    assert done == 1


def test_batches_grow_to_what_embeds_quickest(library: Library) -> None:
    sizes: list[int] = []

    def counting(texts: Sequence[str]) -> FloatMatrix:
        sizes.append(len(texts))
        return library.embed(texts)

    parts = "\n\n".join(f"## Part {n}\n\nIt says {n}." for n in range(8))
    learn(replace(library, embed=counting), {f"{n}.md": f"# Rule {n}\n\n{parts}" for n in range(100)})
    assert sizes[:2] == [FIRST_CHUNKS, 2 * FIRST_CHUNKS]
    assert max(sizes) == BATCH_CHUNKS
