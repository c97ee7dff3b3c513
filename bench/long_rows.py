"""What is gained and lost where a row of a table that the embedder cannot read whole is found, or shown, as a whole.

The passages of covidqa become cells: in one table all rows are long, in the other every fifth one; the questions are
about one cell of a long row. Ways: rows cut between cells, as they are found; the same with each passage widened to
its row, as the product does up to 8,000 characters; rows that are one chunk, with the mean of the vectors of their
parts, or with that of the nearest part.
Run: `python -m bench.long_rows [--data ../shared/data] [--tokens N]` (ten minutes).
"""

import argparse
import csv
import io
import sys
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, cycle, groupby
from pathlib import Path

import numpy as np

from app.fencing import fence
from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import migrate
from bench.sets import interval, load_set, read_lines
from models.embedder import Embedder
from retrieval import neighbours
from retrieval.chunking import chunk_document
from retrieval.chunks import ChunkStore
from retrieval.documents import Block, Document, Embed, FloatMatrix, FloatVector, Passage
from retrieval.index import VectorIndex
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.readers import read_document
from retrieval.retriever import Retriever
from retrieval.sources import bytes_source

COLLECTION = "bench"
WHOLE_TOKENS = 2_000
"""A longer row is cut between cells in any case."""
PROMPT_TOKENS, PASSAGES = 600, 5
COLUMNS = ("Article", "Beginning", "Second part", "Third part", "Fourth part")
TABLES = {"all rows long": (3, 4), "every fifth row long": (1, 1, 1, 1, 4)}
"""How many passages rows hold in turn; three have some 600 tokens."""
LONG = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question about one cell."""

    text: str
    row: int
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A search whose passages are scored."""

    search: Retriever
    shown: Callable[[Sequence[Passage]], Sequence[Passage]] = lambda passages: passages


class Nearest(VectorIndex):
    """An index that knows several vectors of a chunk, of which the nearest counts."""

    parts: Mapping[str, FloatMatrix]

    def nearest(self, collection_id: str, vector: FloatVector, *, limit: int) -> list[tuple[str, float]]:
        """As in the index."""
        cosines = self.cosines(collection_id, vector, self.parts.keys())
        return sorted(cosines.items(), key=lambda one: -one[1])[:limit]

    def cosines(self, _: str, vector: FloatVector, chunk_ids: Collection[str]) -> dict[str, float]:
        """As in the index."""
        return {each: float((self.parts[each] @ vector).max()) for each in chunk_ids}


@dataclass(slots=True)
class Parts:
    """Embeds a text that is too long as the mean of its parts, and remembers their vectors."""

    embedder: Embedder
    tokens: int
    of_text: dict[str, FloatMatrix] = field(default_factory=dict)

    def __call__(self, texts: Sequence[str]) -> FloatMatrix:
        """Return a vector for each text."""
        cut = [self._cut(text) for text in texts]
        vectors = iter(self.embedder.embed_documents([part for parts in cut for part in parts]))
        self.of_text |= {text: np.stack([next(vectors) for _ in parts]) for text, parts in zip(texts, cut, strict=True)}
        means = np.stack([self.of_text[text].mean(axis=0) for text in texts])
        return np.asarray(means / np.linalg.norm(means, axis=1, keepdims=True), dtype=np.float32)

    def _cut(self, text: str) -> list[str]:
        """Return the parts the product would cut a row into, each with what it repeats."""
        if len(self.embedder.token_offsets(text)) <= self.embedder.max_tokens:
            return [text]
        (above, _, row), names = text.rpartition("\n"), " | ".join(COLUMNS)
        table = Block(kind="table", start=0, end=len(names) + 1 + len(row))
        document = Document(sha256="", name="", title=above, media_type="", text=f"{names}\n{row}", blocks=(table,))
        chunks = chunk_document(
            document, document_id="row", token_offsets=self.embedder.token_offsets, max_tokens=self.tokens
        )
        return [replace(chunk, text=chunk.text.removeprefix(names).strip()).indexed_text for chunk in chunks]


def table_of(data: Path, lengths: Sequence[int]) -> tuple[bytes, list[Question]]:
    """Return a table as CSV, and the questions about its long rows."""
    labelled = load_set(data)
    rows: list[list[str]] = []
    row_of: dict[str, int] = {}
    for _, passages in groupby(read_lines(data / "corpus.jsonl"), key=lambda item: str(item["doc_id"])):
        waiting, turns = list(passages), cycle(lengths)
        title = waiting[0]["text"].split("\n")[0][:100]
        while waiting:
            count = next(turns)
            taken, waiting = waiting[:count], waiting[count:]
            row_of |= {item["_id"]: len(rows) for item in taken}
            rows.append([title, *(" ".join(item["text"].split()) for item in taken)])
    answers = {item["_id"]: item["answers"][0] for item in read_lines(data / "queries.jsonl")}
    questions = [
        Question(text=text, row=row_of[next(iter(labelled.relevant[key]))], answer=_plain(answers[key]).strip(" ."))
        for key, text in labelled.queries.items()
    ]
    file = io.StringIO()
    csv.writer(file).writerows([COLUMNS, *rows])
    return file.getvalue().encode(), [each for each in questions if len(rows[each.row]) > LONG]


def filled(home: Path, data: bytes, *, embedder: Embedder, embed: Embed, tokens: int, row_tokens: int) -> Library:
    """Return a library that holds the table."""
    home.mkdir()
    engine = open_database(home / "inhouse.db", key=bytes(32))
    migrate(engine)
    library = Library(
        chunks=ChunkStore(engine),
        index=VectorIndex(home / "index"),
        embed=embed,
        token_offsets=embedder.token_offsets,
        read=read_document,
        max_tokens=tokens,
        reads_tokens=lambda: row_tokens,
    )
    list(ingest([bytes_source("table.csv", data)], library=library, collection_id=COLLECTION))
    return library


def ways(
    home: Path, data: bytes, *, embedder: Embedder, tokens: int, begins: Sequence[int], text: str
) -> Iterator[tuple[str, Way]]:
    """Yield each way with its name."""

    def search(library: Library) -> Retriever:
        return Retriever(chunks=library.chunks, index=library.index, embed_query=embedder.embed_query)

    embed = embedder.embed_documents
    cut = search(
        filled(home / "cut", data, embedder=embedder, embed=embed, tokens=tokens, row_tokens=embedder.max_tokens)
    )
    yield "cut between cells", Way(search=cut)
    for most in (1_600, 4_000, len(text)):
        yield (
            f"shown whole up to {most:,}",
            Way(search=cut, shown=lambda found, most=most: widened(found, begins, text, most)),
        )
    parts = Parts(embedder, tokens)
    whole = filled(home / "whole", data, embedder=embedder, embed=parts, tokens=tokens, row_tokens=WHOLE_TOKENS)
    yield "one chunk, mean", Way(search=search(whole))
    chunks = whole.chunks.chunks_of(whole.chunks.documents(COLLECTION)[0].document_id)
    whole.index.__class__ = Nearest
    whole.index.parts = {chunk.chunk_id: parts.of_text[chunk.indexed_text] for chunk in chunks}  # type: ignore[attr-defined]
    yield "one chunk, nearest part", Way(search=search(whole))


def widened(passages: Sequence[Passage], begins: Sequence[int], text: str, most: int) -> list[Passage]:
    """Return the passages, each with all of its rows where these are not too long, and each place once."""
    kept: list[Passage] = []
    for passage in passages:
        start = begins[bisect_right(begins, passage.start) - 1]
        end = begins[bisect_right(begins, passage.end - 1)] - 1
        if end - start <= most:
            passage = replace(passage, start=start, end=end, text=text[start:end], columns="")  # noqa: PLW2901
        if not any(one.start <= passage.start and passage.end <= one.end for one in kept):
            kept.append(replace(passage, rank=len(kept) + 1))
    return kept


def score(
    way: Way, questions: Sequence[Question], begins: Sequence[int], embedder: Embedder
) -> tuple[list[float], list[float]]:
    """Return one through the rank of the right row for each question, and whether the prompt holds the answer."""
    ranks: list[float] = []
    told: list[float] = []
    for question in questions:
        passages = way.shown(way.search.search(question.text, collection_ids=[COLLECTION], k=10))
        start, end = begins[question.row + 1], begins[question.row + 2]
        ranks.append(next((1 / one.rank for one in passages if one.start < end - 1 and start < one.end), 0.0))
        prompt = fence(passages[:PASSAGES], question.text, tokens=PROMPT_TOKENS, count_tokens=embedder.count_tokens)
        told.append(float(question.answer.lower() in _plain(prompt).lower()))
    return ranks, told


def _plain(text: str) -> str:
    return " ".join(text.split())


def measure(name: str, *, data: Path, embedder: Embedder, tokens: int) -> None:
    """Print a line for each way, with its difference to the first."""
    table, questions = table_of(data, TABLES[name])
    text = read_document(table, name="table.csv").text
    begins = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    print(f"{name}: {len(questions)} questions")
    first: tuple[list[float], list[float]] | None = None
    with tempfile.TemporaryDirectory() as home:
        for way_name, way in ways(Path(home), table, embedder=embedder, tokens=tokens, begins=begins, text=text):
            scores = score(way, questions, begins, embedder)
            first = first or scores
            shown = [("{:.3f} ({:.3f} to {:.3f})".format(*interval(each))) for each in scores]
            apart = [
                "{:+.3f} ({:+.3f} to {:+.3f})".format(
                    *interval([one - other for one, other in zip(each, base, strict=True)])
                )
                for each, base in zip(scores, first, strict=True)
            ]
            print(f"{way_name:26} rank {shown[0]}, {apart[0]}; answer in the prompt {shown[1]}, {apart[1]}", flush=True)


def main() -> int:
    """Read the command line and measure both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--tokens", type=int, default=Settings.model_fields["chunk_tokens"].default)
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    neighbours.LONGEST_ROW = 0  # a search makes no row whole
    for name in TABLES:
        measure(name, data=options.data / "covidqa", embedder=embedder, tokens=options.tokens)
    return 0


if __name__ == "__main__":
    sys.exit(main())
