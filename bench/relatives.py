"""How well near-duplicates and older versions are told: real handbooks, and copies of them with planted edits.

Precision: pairs of different documents of kb_18f and kb_policies that are called alike. Recall: each document against
a copy in which so many of its sentences were dropped or had a word replaced; names are taken to tell versions.
Run: `python -m bench.relatives ../shared/data` (ten seconds).
"""

import argparse
import random
import time
from pathlib import Path

import numpy as np

from app.sentences import split_sentences
from bench.sets import rate
from retrieval.editions import edition_of
from retrieval.errors import UnreadableDocumentError
from retrieval.likeness import likenesses, sketch_of
from retrieval.readers import read_document
from retrieval.relatives import ALIKE, VERSION

EDITS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
LEAST_WORDS = 100


def texts(folder: Path) -> dict[str, str]:
    """Return name -> text of the documents of a folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                found[path.relative_to(folder).as_posix()] = read_document(path.read_bytes(), name=path.name).text
            except UnreadableDocumentError:
                continue
    return found


def edited(text: str, share: float, rng: random.Random) -> str:
    """Return a text in which so many sentences are gone or have another word."""
    kept = []
    for sentence in split_sentences(text):
        words = sentence.text.split()
        if rng.random() < share:
            if rng.random() < 0.5:
                continue
            words[rng.randrange(len(words))] = "changed"
        kept.append(" ".join(words))
    return "\n".join(kept)


def main() -> None:
    """Print a line for each folder and for each share of edits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    rng = random.Random(20261122)  # noqa: S311
    folder = parser.parse_args().folder
    everything: dict[str, str] = {}
    for name in ("kb_18f", "kb_policies"):
        found = texts(folder / name / "docs")
        everything |= {f"{name}/{path}": text for path, text in found.items()}
    names = list(everything)
    started = time.process_time()
    sketches = np.stack([sketch_of(text) for text in everything.values()])
    seconds = time.process_time() - started
    characters = sum(map(len, everything.values()))
    print(f"{len(names)} documents, {seconds / characters * 1e6:.2f} microseconds of CPU a character")
    pairs = [
        (likeness, names[place], names[other])
        for place, sketch in enumerate(sketches)
        for other, likeness in enumerate(likenesses(sketch, sketches[:place]))
    ]
    alike = [pair for pair in pairs if pair[0] >= ALIKE]
    versions = [pair for pair in pairs if pair[0] >= VERSION and _ordered(pair[1], pair[2])]
    print(f"pairs {len(pairs)}: called alike {len(alike)}, called versions {len(versions)}; the likest:")
    print(*sorted(pairs, reverse=True)[:3], sep="\n")
    long = [(name, text) for name, text in everything.items() if len(text.split()) >= LEAST_WORDS]
    for share in EDITS:
        found_by = [likenesses(sketch_of(edited(text, share, rng)), sketch_of(text)[None, :])[0] for _, text in long]
        near, newer = [each >= ALIKE for each in found_by], [each >= VERSION for each in found_by]
        print(f"{share:.0%} of sentences edited: alike {rate(near)}, version {rate(newer)}")


def _ordered(one: str, other: str) -> bool:
    first, second = edition_of(one), edition_of(other)
    return first.is_older_than(second) or second.is_older_than(first)


if __name__ == "__main__":
    main()
