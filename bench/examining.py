"""What judging an answer's statements costs beside the answer, and what it does to the first word of another question.

The product holds the demonstration handbook. First its questions are asked and stored, every statement counted as
unsure (the worst case): the engine's CPU seconds and tokens until the answer is there, and those from then until its
examination is over. Then first words: without, while the model judges without end, without (as `bench.beside` does).
Run: `python -m bench.examining [--model starter] [--questions 6] [--rounds 5]` (five minutes on two cores).
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from app.answers import LOCAL_ACTOR, Answer, Question
from app.assemble import assemble
from app.checks import judging
from app.product import Product
from app.settings import ASSETS, Settings
from bench.beside import SOMETHING_ELSE, first_word, learn
from models.entailment import ChatEntailment

EXAMINE_SECONDS = 60.0
SOURCE = "The canteen opens at eight in the morning and closes at three. " * 4
"""As long as a window with its headings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the engine spent."""

    cpu: float
    tokens: int
    """Read, those it held already not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What one answer and its examination cost."""

    answer: Cost
    judging: Cost
    statements: int
    judged: int


def spent(product: Product) -> Cost:
    """Return what the engine's process has spent so far."""
    fields = Path(f"/proc/{product.engine().pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return Cost(cpu=cpu, tokens=product.engine().describe().counters["read_tokens"])


def ask(product: Product, question: str, collection_id: str) -> Examined:
    """Ask in a conversation of its own, and wait until the answer was examined."""
    engine = product.engine()
    list(engine.submit(engine.tokenize(SOMETHING_ELSE), max_tokens=1))
    conversation = product.history.start(LOCAL_ACTOR).conversation_id
    wanted = Question(text=question, collection_ids=(collection_id,), conversation_id=conversation)
    before = spent(product)
    *_, answer = product.assistant().ask(LOCAL_ACTOR, wanted)
    between = spent(product)
    if not isinstance(answer, Answer):
        raise TypeError(answer)
    while (one := product.examining.of(answer.answer_id)) is not None:
        one.wait(one.news)
    after = spent(product)
    claims = product.history.answer(LOCAL_ACTOR, answer.answer_id).claims
    return Examined(
        answer=Cost(cpu=between.cpu - before.cpu, tokens=between.tokens - before.tokens),
        judging=Cost(cpu=after.cpu - between.cpu, tokens=after.tokens - between.tokens),
        statements=sum(claim.verdict != "not examined" for claim in claims),
        judged=sum(claim.judged is not None for claim in claims),
    )


@contextmanager
def judging_on(product: Product) -> Iterator[list[int]]:
    """Let the model judge without end within the block; yields a list that grows with the statements judged."""
    stop, judged = threading.Event(), [0]

    def work() -> None:
        with product.serving.hold(awaited=False) as voice:
            judge = ChatEntailment(voice.chat, unwanted=stop.is_set)
            for number in itertools.count():
                if stop.is_set():
                    return
                judge(f"Part {number}. {SOURCE}", f"Number {number} opens at eight.", seconds=EXAMINE_SECONDS)
                judged[0] += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        stop.wait(1)
        yield judged
    finally:
        stop.set()
        thread.join()


def report(found: list[Examined]) -> None:
    """Print what judging costs, over all answers and of the dearest one."""
    print(f"{sum(one.judged for one in found)} of {sum(one.statements for one in found)} statements judged")
    for name in ("cpu", "tokens"):
        answers = sum(getattr(one.answer, name) for one in found)
        extra = sum(getattr(one.judging, name) for one in found)
        most = max(getattr(one.judging, name) / getattr(one.answer, name) for one in found)
        print(f"{name}: answers {answers:.1f}, judging {extra:.1f}: {extra / answers:.1%}, the dearest {most:.1%}")


def unknown(product: Product, question: str, handbook: str) -> float:
    """Return the seconds to the first word of a question of which the engine holds nothing, in memory or in a file."""
    product.engine().forget()
    return first_word(product, question, handbook)


def wait_times(product: Product, questions: list[str], handbook: str) -> tuple[list[float], list[float]]:
    """Return the seconds to the first word without and while statements are judged, question by question."""
    alone: list[float] = []
    beside: list[float] = []
    for question in questions:
        once = unknown(product, question, handbook)
        with judging_on(product):
            during = unknown(product, question, handbook)
        again = unknown(product, question, handbook)
        if once and during and again:
            alone.append((once + again) / 2)
            beside.append(during)
            print(f"{alone[-1]:6.2f} s without, {during:6.2f} s while judging", flush=True)
    return alone, beside


def main() -> int:
    """Ask, wait and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--questions", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    questions = json.loads((ASSETS / "demo" / "questions.json").read_text(encoding="utf-8"))["questions"]
    with tempfile.TemporaryDirectory() as folder, patch.object(judging, "SURE", 2.0):
        home = Path(folder)
        settings = Settings(
            home=home,
            key_source="file",
            key_file=home / "key",
            model=options.model,
            offline=True,
            examine_seconds=EXAMINE_SECONDS,
        )
        product = assemble(settings, tell=lambda _sentence: None)
        try:
            handbook = learn(product, "Handbook", ASSETS / "demo" / "handbook")
            first_word(product, questions[0], handbook)
            found = []
            for question in itertools.islice(itertools.cycle(questions), options.questions):
                found.append(ask(product, question, handbook))
                print(found[-1], flush=True)
            report(found)
            alone, beside = wait_times(product, questions[: options.rounds], handbook)
        finally:
            product.close()
    ratio = statistics.median(during / without for without, during in zip(alone, beside, strict=True))
    print(f"first word: {ratio:.2f}x while statements are judged")
    return 0


if __name__ == "__main__":
    sys.exit(main())
