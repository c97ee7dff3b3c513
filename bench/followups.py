"""What completing a question by the conversation before it is worth: nDCG@10 of the last turn with and without it.

Every last turn with relevance labels is searched as it was asked and as `standalone` completes it, in the product's own
stores. Printed are both and the mean difference with its 95 % bootstrap interval, and how many turns
rise and fall. With `--model small` a sample of the turns that lean on what was said before is also searched as that
model rewrites them, by itself and beside the question as it was asked, and the seconds of a rewriting are printed.
Run: `python -m bench.followups [--data ../shared/data/mtrag_un] [--model small --items 40]`.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from langchain_core.messages import HumanMessage, SystemMessage

from app.answering.queries import leans, standalone
from app.answers import Turn
from app.commands.questions import turns
from app.settings import Settings
from bench.retrieval import COLLECTION, Bench, fill
from bench.sets import RetrievalSet, interval, load_set, ndcg, read_lines
from models.chat import LocalChat
from models.embedder import Embedder
from models.loading import start_here
from models.plan import Wish
from models.weights import find
from retrieval.sources import bytes_source

CONTEXT_TOKENS = 2048
TURNS = 2
"""So many of the conversation are shown for a rewriting, as many as give words to the product's query."""
LONGEST_ANSWER = 400
"""Characters of an earlier answer that are shown."""
REWRITE = """\
Rewrite the last question of the conversation so that it can be understood without the conversation. Keep its meaning, \
replace words like "it" or "they" by what they stand for, and write nothing but the question."""


def gain(bench: Bench, data: RetrievalSet, query_id: str, text: str) -> float:
    """Return the nDCG@10 of a search for a text."""
    passages = bench.retriever.search(text, collection_ids=[COLLECTION], k=10)
    ranked = list(dict.fromkeys(passage.document.removesuffix(".txt") for passage in passages))
    return ndcg(ranked, data.relevant[query_id])


def compare(bench: Bench, data: RetrievalSet, folder: Path) -> None:
    """Print both figures and the difference."""
    alone: list[float] = []
    completed: list[float] = []
    leaning = 0
    for row in read_lines(folder / "queries.jsonl"):
        if row["_id"] not in data.relevant:
            continue
        history = turns(row.get("history") or ())
        query = standalone(row["text"], history)
        leaning += bool(history) and leans(row["text"])
        alone.append(gain(bench, data, row["_id"], row["text"]))
        completed.append(gain(bench, data, row["_id"], query) if query != row["text"] else alone[-1])
    changes = [after - before for after, before in zip(completed, alone, strict=True)]
    for name, values in {"last turn alone": alone, "completed": completed, "difference": changes}.items():
        mean, low, high = interval(values)
        print(f"{name:16} {mean:+.4f} ({low:+.3f} to {high:+.3f})")
    rise, fall = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    print(f"{len(alone)} turns, {leaning} lean on what was said before: {rise} rise, {fall} fall")


def rewritten(chat: LocalChat, question: str, history: Sequence[Turn]) -> str:
    """Return a question as the model rewrites it."""
    said = [f"User: {turn.question}\nAssistant: {turn.answer[:LONGEST_ANSWER]}" for turn in history[-TURNS:]]
    told = "\n".join([*said, f"User: {question}", "", "The last question, rewritten:"])
    return chat.invoke([SystemMessage(REWRITE), HumanMessage(told)]).text.strip().split("\n")[0] or question


def compare_model(bench: Bench, data: RetrievalSet, folder: Path, *, model: str, items: int) -> None:
    """Print what a sample of leaning turns is worth as asked, completed by words and rewritten by a model."""
    engine = start_here(find(model, directory=Settings().weights), Wish(context_tokens=CONTEXT_TOKENS, slots=1))
    chat = LocalChat(engine=engine, max_tokens=64, temperature=0.0)
    rows = [row for row in read_lines(folder / "queries.jsonl") if row["_id"] in data.relevant and row.get("history")]
    rows = [row for row in rows if leans(row["text"])]
    gains: dict[str, list[float]] = {"as asked": [], "words": [], "model": [], "asked and model": []}
    took: list[float] = []
    for row in random.Random(20261123).sample(rows, min(items, len(rows))):  # noqa: S311 - a sample
        history = turns(row["history"])
        begun = time.perf_counter()
        query = rewritten(chat, row["text"], history)
        took.append(time.perf_counter() - begun)
        texts = (row["text"], standalone(row["text"], history), query, f"{row['text']} {query}")
        for name, text in zip(gains, texts, strict=True):
            gains[name].append(gain(bench, data, row["_id"], text))
        print(f"{row['text']!r} -> {query!r}", flush=True)
    engine.close()
    for name, values in gains.items():
        mean, low, high = interval(values)
        change = interval([one - words for one, words in zip(values, gains["words"], strict=True)])
        print(
            f"{name:16} {mean:.3f} ({low:.3f} to {high:.3f})", "to words {:+.3f} ({:+.3f} to {:+.3f})".format(*change)
        )
    print(f"{model}: {len(took)} turns, a rewriting takes {statistics.median(took):.1f} s")


def main() -> int:
    """Read the command line, fill the stores, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/mtrag_un"))
    parser.add_argument("--model", default="", help="also rewrite a sample with this model")
    parser.add_argument("--items", type=int, default=40)
    options = parser.parse_args()
    folder = options.data
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    data = load_set(folder)
    sources = [bytes_source(f"{key}.txt", text.encode()) for key, text in data.documents.items()]
    with tempfile.TemporaryDirectory() as home:
        tokens = Settings.model_fields["chunk_tokens"].default
        bench = fill(Path(home), sources, embedder=embedder, tokens=tokens)
        compare(bench, data, folder)
        if options.model:
            compare_model(bench, data, folder, model=options.model, items=options.items)
    return 0


if __name__ == "__main__":
    sys.exit(main())
