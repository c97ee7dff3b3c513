"""What a long PDF costs from its upload until it is found: reading, cutting, judging, storing.

The PDF is made of the articles of covidqa, a heading and paragraphs each, 60 lines a page. Each stage is the product's
own, in the order in which an ingest runs them; printed is the least of some rounds. Then it is uploaded, and a search
repeated until it finds it. Vectors are stand-ins: a document is found by its words before its vectors come.
Run: `python -m bench.long_pdf [--data ../shared/data] [--pages 300] [--rounds 5]` (a minute).
"""

import argparse
import io
import sys
import tempfile
import textwrap
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from app.answers import LOCAL_ACTOR
from app.assemble import assemble
from app.product import Product
from app.settings import Settings
from bench.sets import read_lines
from bench.upload import stand_in, upload
from retrieval.chunking import chunk_document
from retrieval.readers import pdf
from retrieval.sources import bytes_source

Result = TypeVar("Result")

LINES = 60
"""Of a page."""
LETTERS = 95
"""Of a line."""
FONT, LARGER = ("Helvetica", 9.0), ("Helvetica-Bold", 13.0)


def made_of(articles: Iterator[str], pages: int, *, word: str = "") -> bytes:
    """Return a PDF of so many pages, each article under its title, with a word at the end that no other PDF has."""
    held, made = io.BytesIO(), 0
    canvas = Canvas(held, pagesize=A4)
    lines = _lines(articles)
    while made < pages:
        for place in range(LINES):
            text, font = next(lines)
            canvas.setFont(*font)
            canvas.drawString(50, 790 - 12.5 * place, text)
        made += 1
        if made == pages:
            canvas.drawString(50, 20, word)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def _lines(articles: Iterator[str]) -> Iterator[tuple[str, tuple[str, float]]]:
    for article in articles:
        title, _, text = article.partition("\n")
        yield from ((line, LARGER) for line in textwrap.wrap(title, LETTERS // 2))
        for paragraph in filter(str.strip, text.split("\n")):
            yield from ((line, FONT) for line in textwrap.wrap(paragraph, LETTERS))
            yield "", FONT


class Stages:
    """The stages of an ingest with the least seconds each took."""

    def __init__(self, product: Product) -> None:
        """Learn into a collection of this product."""
        self._library = product.knowledge.library()
        self._collection_id = product.collections.create(LOCAL_ACTOR, "Long documents").collection_id
        self.least: defaultdict[str, float] = defaultdict(lambda: float("inf"))

    def go(self, data: bytes) -> None:
        """Take one file through all stages."""
        library, begun = self._library, time.perf_counter()
        document = self._timed("read in the reading process", lambda: library.read(data, name=f"{uuid4().hex}.pdf"))
        parts = self._timed(
            "cut",
            lambda: chunk_document(
                document,
                document_id=uuid4().hex,
                token_offsets=library.token_offsets,
                max_tokens=library.max_tokens,
                row_tokens=library.reads_tokens(),
            ),
        )
        screened = self._timed("judged", lambda: library.screening.examine(document, released=""))
        self._timed(
            "stored",
            lambda: library.chunks.add_pending(
                document,
                parts,
                collection_id=self._collection_id,
                size=len(data),
                recipe=library.recipe,
                screened=screened,
            ),
        )
        self.least["all of these"] = min(self.least["all of these"], time.perf_counter() - begun)
        self.least["chunks"] = len(parts)
        self.least["characters"] = len(document.text)

    def _timed(self, name: str, stage: Callable[[], Result]) -> Result:
        begun = time.perf_counter()
        result = stage()
        self.least[name] = min(self.least[name], time.perf_counter() - begun)
        return result


def main() -> int:
    """Make, take through, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    articles = [line["text"] for line in read_lines(options.data / "covidqa" / "documents.jsonl")]
    data = made_of(cycle(articles), options.pages)
    with tempfile.TemporaryDirectory() as fresh:
        settings = Settings(home=Path(fresh), key_source="file", key_file=Path(fresh) / "key", offline=True)
        product = assemble(settings, tell=lambda _sentence: None)
        stages = Stages(product)
        for _ in range(options.rounds):
            stages.go(data)
        product.knowledge.library = stand_in(product.knowledge.library)
        collection_id = product.collections.create(LOCAL_ACTOR, "Uploads").collection_id
        for number in range(options.rounds):
            word = f"only{number}here"
            sources = [bytes_source(f"{word}.pdf", made_of(cycle(articles), options.pages, word=word))]
            stages.least["found"] = min(stages.least["found"], upload(product, collection_id, word, sources).found)
        product.close()
    begun = time.process_time()
    pdf.read(data)
    stages.least["read here, of processor"] = time.process_time() - begun
    for name, figure in stages.least.items():
        print(f"{name}: {figure:,.2f}" if figure < 100 else f"{name}: {figure:,.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
