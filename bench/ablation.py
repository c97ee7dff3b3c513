"""What each part of a search is worth: quality and milliseconds of processor with one part taken away at a time.

Each set is ingested once, and once more for each part of the index, and searched by the product's Retriever, whole and
without a part, in turn; the query's vector is made once for all, so that the milliseconds are those of the search
alone. Quality is nDCG@10 of the documents of ten passages for the sets with relevance labels, and two made of others:

- `versions`: wikiqa, each passage beside an older version of itself with a tenth of its sentences changed, which is no
  right answer;
- `kb_18f`: the share of the questions whose answer's words stand in the first five passages of a right document;
- `chroma_chunking`: how much of the excerpts that answer a question the first five passages hold, in characters;
- `verified`: its questions in other words, each with a verified answer: the share whose answer comes first.

Printed are the mean and the difference to the product, each with its 95 % bootstrap interval, and the median of the
milliseconds and of their difference. What completing a follow-up question is worth is measured by `bench.followups`;
what leaving out function words of other languages is worth is in docs/benchmarks.md.
At the end the differences of all queries of the sets with relevance labels are taken together, each query counting the
same, whichever set it is from.
Run: `python -m bench.ablation [--data ../shared/data] [--queries 300] [SET...] [--leave-out WORD...] [--only WORD...]`
(a minute for 1,000 chunks; less without the parts whose names hold a word, "headings" for instance, which embeds all
again; or with no other parts than those whose names hold one).
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from app.settings import Settings
from bench.answers import contains
from bench.parts import PARTS, Part
from bench.relatives import edited
from bench.retrieval import COLLECTION, Bench, fill
from bench.sets import RetrievalSet, interval, load_set, ndcg, read_lines
from bench.verified import OTHER_WORDS
from models.embedder import Embedder
from retrieval.documents import FloatMatrix, FloatVector, Passage, Verified
from retrieval.retriever import Retriever
from retrieval.sources import Source, bytes_source, collect

EDITED = 0.1
"""Share of the sentences by which an older version differs."""
LABELLED = ("mtrag_un", "wikiqa", "covidqa", "scifact")
SETS = (*LABELLED, "kb_18f", "chroma_chunking", "versions", "verified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is learned, what is asked, and what the passages found for it are worth, 0..1."""

    name: str
    sources: Sequence[Source]
    queries: Mapping[str, str]
    worth: Callable[[str, Sequence[Passage]], float]
    k: int = 10
    verified: Mapping[tuple[str, str], Verified]


def trial_of(name: str, data: Path) -> Trial:
    """Return the trial of a set."""
    if name in {"kb_18f", "verified"}:
        return _handbook(data / "kb_18f") if name == "kb_18f" else _verified(data / "kb_18f")
    if name == "chroma_chunking":
        return _excerpts(data / name)
    known = load_set(data / ("wikiqa" if name == "versions" else name))
    if name == "versions":
        return _versions(known)
    sources = [bytes_source(f"{key}.txt", text.encode()) for key, text in known.documents.items()]
    return Trial(name=name, sources=sources, queries=known.queries, worth=partial(_gain, known), verified={})


def _gain(known: RetrievalSet, query_id: str, passages: Sequence[Passage]) -> float:
    ranked = list(dict.fromkeys(passage.document.removesuffix(".txt") for passage in passages))
    return ndcg(ranked, known.relevant[query_id])


def _versions(known: RetrievalSet) -> Trial:
    """Return a trial in which the right documents have an older version each, learned after them."""
    chance = random.Random(20261123)  # noqa: S311 - for edits
    newer = [bytes_source(f"passage {key} v2.txt", text.encode()) for key, text in known.documents.items()]
    older = [
        bytes_source(f"passage {key} v1.txt", edited(text, EDITED, chance).encode())
        for key, text in known.documents.items()
    ]
    relevant = {
        query_id: {f"passage {key} v2": grade for key, grade in grades.items()}
        for query_id, grades in known.relevant.items()
    }
    both = RetrievalSet(name="versions", documents={}, queries=known.queries, relevant=relevant)
    return Trial(
        name="versions", sources=[*newer, *older], queries=known.queries, worth=partial(_gain, both), verified={}
    )


def _handbook(folder: Path) -> Trial:
    asked = {item["_id"]: item for item in read_lines(folder / "questions.jsonl") if item["answerable"]}

    def worth(query_id: str, passages: Sequence[Passage]) -> float:
        item = asked[query_id]
        right = {item["doc"], *item["also_in"]}
        told = [passage.text for passage in passages if passage.document in right]
        return float(any(contains(text, key) for text in told for key in item["answer_keys"]))

    queries = {key: item["text"] for key, item in asked.items()}
    return Trial(name="kb_18f", sources=collect([folder / "docs"]), queries=queries, worth=worth, k=5, verified={})


def _excerpts(folder: Path) -> Trial:
    asked = {item["_id"]: item for item in read_lines(folder / "queries.jsonl")}

    def worth(query_id: str, passages: Sequence[Passage]) -> float:
        item = asked[query_id]
        wanted = {place for each in item["references"] for place in range(each["start_index"], each["end_index"])}
        right = [passage for passage in passages if passage.document == f"{item['corpus']}.md"]
        shown = {place for passage in right for place in range(passage.start, passage.end)}
        return len(wanted & shown) / len(wanted)

    queries = {key: item["text"] for key, item in asked.items()}
    sources = collect([folder / "corpora"])
    return Trial(name="chroma_chunking", sources=sources, queries=queries, worth=worth, k=5, verified={})


def _verified(folder: Path) -> Trial:
    asked = {item["_id"]: item for item in read_lines(folder / "questions.jsonl") if item["answerable"]}
    answers = [
        Source(
            name=f"answers/{key}.txt",
            read=partial(f"{item['text']}\n\n{item['evidence']}".encode),
            question=item["text"],
        )
        for key, item in asked.items()
    ]
    known = Verified(owner="bench", until=date.max.isoformat())
    return Trial(
        name="verified",
        sources=[*collect([folder / "docs"]), *answers],
        queries={key: OTHER_WORDS[key[-2:]] for key in asked},
        worth=lambda query_id, passages: float(passages[0].document == f"answers/{query_id}.txt"),
        k=5,
        verified={(COLLECTION, answer.name): known for answer in answers},
    )


def filled(trial: Trial, homes: Path, parts: Sequence[Part], *, embedder: Embedder) -> dict[str, Bench]:
    """Return the name of each part -> the library that is searched for it; equal texts are embedded once."""
    known: dict[str, FloatVector] = {}
    embed = embedder.embed_documents

    def remembered(texts: Sequence[str]) -> FloatMatrix:
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(fresh, embed(fresh), strict=True))
        return np.stack([known[text] for text in texts])

    tokens = Settings.model_fields["chunk_tokens"].default
    found: dict[str, Bench] = {}
    with patch.object(embedder, "embed_documents", remembered):
        for number, part in enumerate(parts):
            if number and part.indexing is None:
                found[part.name] = found["product"]
                continue
            home = homes / str(number)
            home.mkdir()
            with part.indexed():
                found[part.name] = fill(home, trial.sources, embedder=embedder, tokens=tokens)
    return found


def searchers(trial: Trial, libraries: Mapping[str, Bench], vectors: Mapping[str, FloatVector]) -> dict[str, Retriever]:
    """Return the name of each part -> the product's search over its library; the vectors of queries are known."""
    return {
        name: Retriever(
            chunks=bench.library.chunks,
            index=bench.library.index,
            embed_query=lambda text: vectors[text],
            are_verified=lambda places: {place: trial.verified[place] for place in places if place in trial.verified},
        )
        for name, bench in libraries.items()
    }


def measure(
    trial: Trial, libraries: Mapping[str, Bench], parts: Sequence[Part], *, embedder: Embedder, most: int
) -> dict[str, list[float]]:
    """Ask a sample of the queries in every way, one after the other, and print a line for each part.

    Returns the name of each part -> how much each query finds more without it.
    """
    queries = list(trial.queries.items())
    if len(queries) > most:
        queries = random.Random(20261123).sample(queries, most)  # noqa: S311 - a sample
    vectors = {text: embedder.embed_query(text) for _, text in queries}
    searches = searchers(trial, libraries, vectors)
    worth: dict[str, list[float]] = {part.name: [] for part in parts}
    took: dict[str, list[float]] = {part.name: [] for part in parts}
    for name, search in searches.items():  # what the first search of all opens is not measured
        with next(part for part in parts if part.name == name).taken(search):
            search.search(queries[0][1], collection_ids=[COLLECTION])
    for number, (query_id, text) in enumerate(queries):
        first = number % len(parts)  # who asks first finds less in memory, so each does in turn
        for part in (*parts[first:], *parts[:first]):
            search = searches[part.name]
            with part.taken(search):
                begun = time.process_time()
                passages = search.search(text, collection_ids=[COLLECTION], k=trial.k)
                took[part.name].append((time.process_time() - begun) * 1000)
            worth[part.name].append(trial.worth(query_id, passages))
    print(f"{trial.name}, {len(queries)} queries: mean; difference to the product; milliseconds, difference")
    for part in parts:
        print_line(part, worth, took)
    sys.stdout.flush()
    return {name: _more(of_part, worth["product"]) for name, of_part in worth.items()}


def print_line(part: Part, worth: Mapping[str, Sequence[float]], took: Mapping[str, Sequence[float]]) -> None:
    """Print what a part is worth and what it costs."""
    mean, low, high = interval(worth[part.name])
    differences = [_more(of[part.name], of["product"]) for of in (worth, took)]
    gain = "{:+.3f} ({:+.3f} to {:+.3f})".format(*interval(differences[0]))
    # medians: what the process does besides falls on one search and takes as long as fifty
    milliseconds, cost = statistics.median(took[part.name]), statistics.median(differences[1])
    print(f"  {part.name:40} {mean:.3f} ({low:.3f} to {high:.3f})  {gain}  {milliseconds:5.1f} ms  {cost:+5.1f}")


def chosen(*, leave_out: Sequence[str], only: Sequence[str]) -> list[Part]:
    """Return the product and the parts whose names hold one word of those and none of these."""
    named = [part for part in PARTS[1:] if any(word in part.name for word in only)]
    return [PARTS[0], *(part for part in named if not any(word in part.name for word in leave_out))]


def _more(values: Sequence[float], than: Sequence[float]) -> list[float]:
    return [one - whole for one, whole in zip(values, than, strict=True)]


def print_together(found: Sequence[Mapping[str, Sequence[float]]]) -> None:
    """Print what each part is worth to all queries of several sets."""
    for name in found[0]:
        differences = [each for of_set in found for each in of_set[name]]
        gain = "{:+.4f} ({:+.4f} to {:+.4f})".format(*interval(differences))
        rise, fall = sum(each > 0 for each in differences), sum(each < 0 for each in differences)
        print(f"all {len(differences)} queries: {name:40} {gain}; {rise} rise, {fall} fall")


def main() -> int:
    """Read the command line, measure each set named, and those with labels together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--leave-out", nargs="*", default=(), metavar="WORD")
    parser.add_argument("--only", nargs="*", default=("",), metavar="WORD")
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    parts = chosen(leave_out=options.leave_out, only=options.only)
    labelled: list[dict[str, list[float]]] = []
    for name in options.sets:
        trial = trial_of(name, options.data)
        with tempfile.TemporaryDirectory() as homes:
            libraries = filled(trial, Path(homes), parts, embedder=embedder)
            found = measure(trial, libraries, parts, embedder=embedder, most=options.queries)
        if name in LABELLED:
            labelled.append(found)
    if len(labelled) > 1:
        print_together(labelled)
    return 0


if __name__ == "__main__":
    sys.exit(main())
