"""What completing a question by the conversation before it is worth: nDCG@10 of the last turn with and without it.

Every last turn with relevance labels is searched as it was asked and as `standalone` completes it, in the product's own
stores. Printed are both and the mean difference with its 95 % bootstrap interval, and how many turns
rise and fall. Run: `python -m bench.followups [--data ../shared/data/mtrag_un]`.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from app.answering.queries import leans, standalone
from app.commands.questions import turns
from app.settings import Settings
from bench.retrieval import COLLECTION, Bench, fill
from bench.sets import RetrievalSet, interval, load_set, ndcg, read_lines
from models.embedder import Embedder
from retrieval.sources import bytes_source


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


def main() -> int:
    """Read the command line, fill the stores, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/mtrag_un"))
    folder = parser.parse_args().data
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    data = load_set(folder)
    sources = [bytes_source(f"{key}.txt", text.encode()) for key, text in data.documents.items()]
    with tempfile.TemporaryDirectory() as home:
        tokens = Settings.model_fields["chunk_tokens"].default
        compare(fill(Path(home), sources, embedder=embedder, tokens=tokens), data, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
