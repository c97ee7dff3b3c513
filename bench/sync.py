"""What bringing an unchanged folder up to date costs, beside its first ingest; and one with four changes.

The first ingest of thousands of files takes the embedder hours, so its vectors are made from hashes here: what is left
is everything but the embedder. What the embedder would add is measured on some of the files and told beside it.
Run: `python -m bench.sync [--files N] [--bytes B] [--sample N]`.
"""

import argparse
import random
import sys
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import migrate
from bench.ingest import READER, Cost, measured
from models.embedder import Embedder
from retrieval.chunks import ChunkStore
from retrieval.documents import FloatMatrix
from retrieval.index import VectorIndex
from retrieval.ingest import IngestReport, Library, ingest
from retrieval.sources import collect

COLLECTION = "bench"
DIMENSION = 384
WORDS = 4_000
"""Different words in all of the files."""
SUBFOLDERS = 100


def write_files(folder: Path, *, files: int, size: int) -> None:
    """Write text files of about this many bytes, no two alike."""
    chance = random.Random(1)  # noqa: S311 - text to fill files with
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(WORDS)]
    for number in range(files):
        place = folder / f"part {number % SUBFOLDERS}"
        place.mkdir(exist_ok=True)
        text = [f"# File {number}"]
        while sum(map(len, text)) < size:
            text.append(" ".join(chance.choices(words, k=60)).capitalize() + ".")
        (place / f"file {number}.md").write_text("\n\n".join(text), encoding="utf-8")


def hashed(texts: Sequence[str]) -> FloatMatrix:
    """Return a vector for each text, made of its hash."""
    rows = [np.random.default_rng(zlib.crc32(text.encode())).normal(size=DIMENSION) for text in texts]
    matrix = np.asarray(rows, np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def sync(library: Library, folder: Path) -> IngestReport:
    """Bring the collection up to date with the folder."""
    *_, report = ingest(collect([folder]), library=library, collection_id=COLLECTION, sync=True)
    if not isinstance(report, IngestReport):
        raise TypeError
    return report


def counted(report: IngestReport) -> str:
    """Return what a sync did in words."""
    names = ("added", "updated", "unchanged", "removed", "failed")
    told = [f"{getattr(report, name)} {name}" for name in names if getattr(report, name)]
    return f"{', '.join(told)}, {report.chunks} chunks embedded"


def change(folder: Path) -> None:
    """Change a file, rename another, remove a third, add a fourth."""
    changed, renamed, removed, *_ = sorted(folder.rglob("*.md"))
    changed.write_text(changed.read_text() + "\n\nOne more sentence.")
    renamed.rename(renamed.with_name("another name.md"))
    removed.unlink()
    (folder / "new.md").write_text("# New\n\nA new file.")


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--bytes", type=int, default=3_000)
    parser.add_argument("--sample", type=int, default=128, help="chunks the real embedder embeds")
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_files(folder, files=options.files, size=options.bytes)
        engine = open_database(Path(home) / "inhouse.db", key=bytes(32))
        migrate(engine)
        chunks = ChunkStore(engine)
        library = Library(
            chunks=chunks,
            index=VectorIndex(Path(home) / "index"),
            embed=hashed,
            token_offsets=embedder.token_offsets,
            read=READER.read,
            max_tokens=Settings.model_fields["chunk_tokens"].default,
        )
        reports: list[IngestReport] = []
        first = measured(lambda: reports.append(sync(library, folder)))
        again = measured(lambda: reports.append(sync(library, folder)))
        change(folder)
        small = measured(lambda: reports.append(sync(library, folder)))
        texts = [
            part.indexed_text for one in chunks.documents(COLLECTION) for part in chunks.chunks_of(one.document_id)
        ]
        embedder.embed_documents(texts[: options.sample])
        sampled = measured(lambda: embedder.embed_documents(texts[: options.sample]))
    READER.close()
    share = reports[0].chunks / options.sample
    real = first + Cost(wall=sampled.wall * share, processor=sampled.processor * share)
    print(f"{options.files} files of {options.bytes} bytes: {counted(reports[0])}")
    print(first.line("first ingest, vectors from hashes", first))
    print(real.line("first ingest, with the embedder", first))
    print(again.line(f"again: {counted(reports[1])}", real))
    print(small.line(f"changed: {counted(reports[2])}", real))
    return 0


if __name__ == "__main__":
    sys.exit(main())
