"""How soon an upload can be found in a collection that holds ten thousand documents already.

The collection is filled through the product with made-up documents; their vectors are stand-ins made from hashes, for
the embedder would take an hour. What is uploaded then is embedded by the real embedder: a new document, a new version
of one, a long one, and a hundred at once. For each a search for a word that only it holds is repeated until it finds
it. The embedder is loaded before, as a server does at its start.
Run: `python -m bench.upload [--documents 10000] [--rounds 5] [--home FOLDER]` (ten minutes; with a folder that is kept
half a minute the next time).
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from app.answers import LOCAL_ACTOR
from app.assemble import assemble
from app.product import Product
from app.settings import Settings
from bench.growth import WORDS, document
from bench.sync import hashed
from retrieval.documents import StoredDocument
from retrieval.library import Library
from retrieval.sources import Source, bytes_source

COLLECTION = "Ten thousand documents"
LOOKING_EVERY = 0.1
"""Seconds between two searches while something is learned."""
LONG = 150
"""Paragraphs of the long document, each two or three chunks."""
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """Seconds from the upload on."""

    found: float
    """Until the first search that found it."""
    told: float
    """Until the report."""
    processor: float
    """Of this process until it was found, the searches among them."""


def stand_in(library: Callable[[], Library]) -> Callable[[], Library]:
    """Return what learning needs, with vectors made from hashes."""
    return lambda: replace(library(), embed=hashed)


def fill(product: Product, documents: int) -> str:
    """See that the collection holds so many documents; return its id."""
    known = [one for one in product.collections.list(LOCAL_ACTOR) if one.name == COLLECTION]
    collection_id = (known or [product.collections.create(LOCAL_ACTOR, COLLECTION)])[0].collection_id
    held = len(product.chunks.documents(collection_id))
    if held < documents:
        sources = [Source(name=f"{n}.md", read=partial(document, n)) for n in range(documents)]
        real = product.knowledge.library
        product.knowledge.library = stand_in(real)
        for _ in product.knowledge.learn(sources, collection_id=collection_id):
            pass
        product.knowledge.library = real
    return collection_id


def made_up(word: str, paragraphs: int) -> bytes:
    """Return a document that holds a word nobody else has."""
    parts = [f"# About {word}", *(" ".join(random.choices(WORDS, k=90)) + "." for _ in range(paragraphs))]  # noqa: S311
    return "\n\n".join(parts).encode()


def upload(product: Product, collection_id: str, word: str, sources: Sequence[Source]) -> Waited:
    """Learn the sources, searching for the word meanwhile."""
    started, processor, found = time.perf_counter(), time.process_time(), [0.0, 0.0]
    search = product.retriever().search

    def look() -> None:
        while not any(word in one.title + one.text for one in search(word, collection_ids=[collection_id], k=3)):
            time.sleep(LOOKING_EVERY)
        found[:] = time.perf_counter() - started, time.process_time() - processor

    looking = threading.Thread(target=look)
    looking.start()
    for _ in product.knowledge.learn(sources, collection_id=collection_id):
        pass
    told = time.perf_counter() - started
    looking.join()
    return Waited(found=found[0], told=told, processor=found[1])


def cases(existing: Sequence[StoredDocument]) -> dict[str, Callable[[str], list[Source]]]:
    """Return what is uploaded: for a word, sources of which the first holds it."""

    def several(word: str) -> list[Source]:
        first = bytes_source(f"{word} 000.md", made_up(word, 3))
        return [first, *(bytes_source(f"{word} {n:03}.md", made_up("others", 3)) for n in range(1, AT_ONCE))]

    return {
        "a new document of 3 paragraphs": lambda word: [bytes_source(f"{word}.md", made_up(word, 3))],
        "a new version of a document": lambda word: [bytes_source(random.choice(existing).name, made_up(word, 3))],  # noqa: S311
        f"a new document of {LONG} paragraphs": lambda word: [bytes_source(f"{word}.md", made_up(word, LONG))],
        f"the first of {AT_ONCE} documents": several,
    }


def main() -> int:
    """Fill, upload, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--home", type=Path, default=None, help="a data directory that is kept, and used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        home = options.home or Path(fresh)
        settings = Settings(home=home, key_source="file", key_file=home / "key", offline=True)
        product = assemble(settings, tell=lambda _sentence: None)
        collection_id = fill(product, options.documents)
        existing = [one for one in product.chunks.documents(collection_id) if one.name[0].isdigit()]
        print(f"{len(existing):,} documents, {product.index().count(collection_id):,} chunks", flush=True)
        product.embedder().embed_documents(["The first pass is slower."] * 64)
        for name, sources in cases(existing).items():
            words = ["q" + "".join(random.choices("bcdfghjklmnp", k=8)) for _ in range(options.rounds + 1)]  # noqa: S311
            waits = [upload(product, collection_id, word, sources(word)) for word in words][1:]
            found, told, used = (
                statistics.median(getattr(each, field) for each in waits) for field in Waited.__slots__
            )
            longest = max(each.found for each in waits)
            print(
                f"{name}: found after {found:.2f} s (longest {longest:.2f}) and {used:.2f} s of processor, "
                f"told after {told:.2f} s",
                flush=True,
            )
        product.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
