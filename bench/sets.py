"""The public evaluation sets: their documents, queries and relevance labels, and what rankings of them are worth.

Knows files and numbers; no product.
"""

import gzip
import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalSet:
    """Documents, queries that have a right answer, and which documents are right for each."""

    name: str
    documents: Mapping[str, str]
    """Id -> text, the title in its first line."""
    queries: Mapping[str, str]
    relevant: Mapping[str, Mapping[str, int]]
    """Query id -> document id -> grade."""


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file, also of a packed one."""
    packed = path.with_name(path.name + ".gz")
    with gzip.open(packed, "rt", encoding="utf-8") if packed.exists() else path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def load_set(folder: Path) -> RetrievalSet:
    """Return the set in a folder of `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`."""
    relevant: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        relevant.setdefault(query, {})[document] = int(grade)
    documents = {
        item["_id"]: f"{item['title']}\n\n{item['text']}" if item["title"] else item["text"]
        for item in read_lines(folder / "corpus.jsonl")
    }
    queries = {item["_id"]: item["text"] for item in read_lines(folder / "queries.jsonl") if item["_id"] in relevant}
    return RetrievalSet(name=folder.name, documents=documents, queries=queries, relevant=relevant)


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], *, k: int = 10) -> float:
    """Return the normalised discounted cumulative gain of the first k, gain 2^grade - 1."""

    def gain(grades: Sequence[int]) -> float:
        return math.fsum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:k]))

    best = gain(sorted(relevant.values(), reverse=True))
    return gain([relevant.get(document, 0) for document in ranked]) / best if best else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, int], *, k: int = 10) -> float:
    """Return the share of the right documents that are among the first k."""
    right = {document for document, grade in relevant.items() if grade > 0}
    return len(right & set(ranked[:k])) / len(right)


def interval(values: Sequence[float], *, rounds: int = 1000) -> tuple[float, float, float]:
    """Return the mean and the ends of its 95 % bootstrap interval."""
    chance = random.Random(20261122)  # noqa: S311 (for resampling)
    means = sorted(math.fsum(chance.choices(values, k=len(values))) / len(values) for _ in range(rounds))
    return math.fsum(values) / len(values), means[int(0.025 * rounds)], means[int(0.975 * rounds)]


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a share, which says something of none and of all as well.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.
    """
    z2 = 1.959964**2
    middle = (count + z2 / 2) / (of + z2)
    half = math.sqrt(z2 * (count * (of - count) / of + z2 / 4)) / (of + z2)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def rate(flags: Sequence[bool]) -> str:
    """Return the share of those that are true with Wilson's interval, as it is printed."""
    low, high = wilson(sum(flags), len(flags))
    return f"{sum(flags) / len(flags):.3f} ({low:.3f} to {high:.3f})"


def counted(count: int, of: int) -> str:
    """Return a count with its share and Wilson's interval, as it is printed."""
    low, high = wilson(count, of)
    return f"{count} of {of}, {count / of:.3f} ({low:.3f} to {high:.3f})"
