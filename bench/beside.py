"""How long a person waits for the first word while documents are being learned, over the same without.

The product holds the demonstration handbook; documents made up of its words are learned without end in the same
process, and its questions are asked in turns: without, beside, without. Each is stopped at its first word, and before
each the engine reads something else, so that none finds the other's prompt in its memory.
Run: `python -m bench.beside [--model small] [--rounds 5]` (five minutes).
"""

import argparse
import itertools
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.answers import LOCAL_ACTOR, Delta, Question
from app.assemble import assemble
from app.product import Product
from app.settings import ASSETS, Settings
from retrieval.ingest import Ingesting
from retrieval.sources import bytes_source, collect

WORDS = (ASSETS.parent / "docs" / "architecture.md").read_text(encoding="utf-8").split()
SOMETHING_ELSE = "Wolves howl at the harvest moon over the northern marshes."


def learn(product: Product, name: str, folder: Path) -> str:
    """Learn a folder into a new collection and return its id."""
    collection_id = product.collections.create(LOCAL_ACTOR, name).collection_id
    for _ in product.knowledge.learn(collect([folder]), collection_id=collection_id):
        pass
    return collection_id


@contextmanager
def learning(product: Product) -> Iterator[list[int]]:
    """Learn made-up documents without end within the block; yields a list that grows with the chunks embedded."""
    stop, embedded, chance = threading.Event(), [0], random.Random()  # noqa: S311 - made-up text
    collection_id = product.collections.create(LOCAL_ACTOR, f"Made up {time.monotonic()}").collection_id

    def work() -> None:
        while not stop.is_set():
            texts = ["\n\n".join(" ".join(chance.choices(WORDS, k=90)) + "." for _ in range(40)) for _ in range(10)]
            sources = [bytes_source(f"{chance.random()}.md", text.encode()) for text in texts]
            before = embedded[0]
            for event in product.knowledge.learn(sources, collection_id=collection_id):
                if isinstance(event, Ingesting):
                    embedded[0] = before + event.chunks

    thread = threading.Thread(target=work)
    thread.start()
    try:
        time.sleep(5)
        yield embedded
    finally:
        stop.set()
        thread.join()


def first_word(product: Product, question: str, collection_id: str) -> float:
    """Return the seconds until the first word of an answer."""
    engine = product.engine()
    list(engine.submit(engine.tokenize(SOMETHING_ELSE), max_tokens=1))
    stop, begun = threading.Event(), time.perf_counter()
    waited = 0.0
    for event in product.assistant().ask(
        LOCAL_ACTOR, Question(text=question, collection_ids=(collection_id,)), stop=stop
    ):
        if isinstance(event, Delta) and not waited:
            waited = time.perf_counter() - begun
            stop.set()
    return waited


def main() -> int:
    """Ask in turns and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    questions = json.loads((ASSETS / "demo" / "questions.json").read_text(encoding="utf-8"))["questions"]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(
            home=home, key_source="file", key_file=home / "key", model=options.model, offline=True, parallel_answers=1
        )
        product = assemble(settings, tell=lambda _sentence: None)
        handbook = learn(product, "Handbook", ASSETS / "demo" / "handbook")
        first_word(product, questions[0], handbook)
        alone: list[float] = []
        beside: list[float] = []
        for question in itertools.islice(itertools.cycle(questions), options.rounds):
            once = first_word(product, question, handbook)
            with learning(product) as embedded:
                before, started = embedded[0], time.perf_counter()
                during = first_word(product, question, handbook)
                pace = (embedded[0] - before) / (time.perf_counter() - started)
            again = first_word(product, question, handbook)
            if once and during and again:
                alone.append((once + again) / 2)
                beside.append(during)
                print(f"{alone[-1]:6.2f} s without, {during:6.2f} s beside; {pace:.0f} chunks/s embedded meanwhile")
        product.close()
    ratio = statistics.median(beside) / statistics.median(alone)
    print(
        f"first word: {statistics.median(alone):.2f} s without, {statistics.median(beside):.2f} s beside: {ratio:.2f}x"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
