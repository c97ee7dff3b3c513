"""What search and answers are worth on a set of questions whose right documents are known.

Knows the files of a set and numbers; no product and no door. Every figure has its 95 % bootstrap interval over items.
"""

import gzip
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.errors import AppError
from retrieval.sources import Source, bytes_source, collect

ROUNDS = 1000
BEST = 10
"""So many passages a search is measured on."""


class NoSetError(AppError):
    """The folder holds no set: "docs" with "questions.jsonl", or "corpus.jsonl", "queries.jsonl" and "qrels.tsv"."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question of a set and what is known about it."""

    text: str
    history: tuple[Mapping[str, str], ...]
    grades: Mapping[str, int]
    """Document -> how right it is; empty where none is known."""
    keys: tuple[str, ...]
    """One of them stands in a right answer; empty where none is known."""
    answerable: bool | None
    """None where it is neither known nor meant to be judged."""


def sources_of(folder: Path) -> list[Source]:
    """Return the documents of a set.

    Raises:
        NoSetError: it has none.
    """
    if (folder / "docs").is_dir():
        return collect([folder / "docs"])
    return [_source(row) for row in _rows(folder, "corpus.jsonl")]


def questions_of(folder: Path) -> list[Asked]:
    """Return the questions of a set.

    Raises:
        NoSetError: it has none.
    """
    grades = _grades(folder)
    name = "questions.jsonl" if (folder / "docs").is_dir() else "queries.jsonl"
    return [_asked(row, grades.get(str(row["_id"]), {})) for row in _rows(folder, name)]


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    plain, packed = folder / name, folder / f"{name}.gz"
    if not plain.is_file() and not packed.is_file():
        raise NoSetError
    with plain.open(encoding="utf-8-sig") if plain.is_file() else gzip.open(packed, "rt", encoding="utf-8") as file:
        try:
            rows = [json.loads(line) for line in file if line.strip()]
        except ValueError as error:
            raise NoSetError(f"{name} of {folder} is not JSON lines.") from error
    if not all(isinstance(row, dict) and {"_id", "text"} <= row.keys() for row in rows):
        raise NoSetError(f'A line of {name} in {folder} has no "_id" and "text".')
    yield from rows


def _source(row: Mapping[str, Any]) -> Source:
    text = f"{row['title']}\n\n{row['text']}" if row.get("title") else row["text"]
    return bytes_source(f"{row['_id']}.txt", text.encode("utf-8", "replace"))


def _grades(folder: Path) -> dict[str, dict[str, int]]:
    labels = folder / "qrels.tsv"
    grades: dict[str, dict[str, int]] = {}
    for line in labels.read_text(encoding="utf-8-sig").splitlines() if labels.is_file() else ():
        try:
            query, document, *_, grade = line.split("\t")
        except ValueError as error:
            if line.strip():
                raise NoSetError(f"A line of {labels} is not query, document and grade with tabs between.") from error
            continue
        if grade.strip().isdecimal():
            grades.setdefault(query, {})[f"{document}.txt"] = int(grade)
    return grades


def _asked(row: Mapping[str, Any], grades: Mapping[str, int]) -> Asked:
    named = {name: 1 for name in [row.get("doc"), *row.get("also_in", ())] if name}
    judged = {"ANSWERABLE": True, "UNANSWERABLE": False}.get(row.get("answerability", ""))
    return Asked(
        text=row["text"],
        history=tuple(row.get("history") or ()),
        grades=grades or named,
        keys=tuple(row.get("answer_keys") or row.get("answers") or ()),
        answerable=row.get("answerable", judged if judged is not None else (True if grades else None)),
    )


def gain(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return nDCG@10 of documents, best first, each named once; the gain of a grade is 2^grade - 1."""

    def summed(found: Sequence[int]) -> float:
        return math.fsum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(found[:BEST]))

    return summed([grades.get(name, 0) for name in ranked]) / summed(sorted(grades.values(), reverse=True))


def recall(ranked: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return the share of the right documents among the first ten."""
    right = {name for name, grade in grades.items() if grade > 0}
    return len(right & set(ranked[:BEST])) / len(right)


def has_key(text: str, keys: Sequence[str]) -> bool:
    """Whether one of the keys stands in a text as a word or words, whatever the case."""
    return any(re.search(rf"(?<!\w){re.escape(key.lower())}(?!\w)", text.lower()) for key in keys)


def figures(found: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    """Return the mean of each list with the ends of its 95 % bootstrap interval; what has no items is left out."""
    told = {}
    for name, values in found.items():
        if values:
            drawn = np.random.default_rng(20261123).integers(0, len(values), (ROUNDS, len(values)))
            low, high = np.percentile(np.array(values, float)[drawn].mean(axis=1), [2.5, 97.5])
            shown = (("value", float(np.mean(values))), ("low", low), ("high", high))
            told[name] = {end: round(float(value), 4) for end, value in shown}
    return told
