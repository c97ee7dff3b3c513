"""How often a cited place supports its statement, and what the places nearest to statements not found are worth.

Statements of answers whose support people judged; a statement counts as its answer was labelled. Run:
`python -m bench.cited [--data ../shared/data] [SET...]`, where SET is expertqa_claims, mtrag_faithfulness or
scifact_claims.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from app.checks.evaluation import labelled
from app.citations import attach
from bench.sets import read_lines
from retrieval.documents import Passage

KINDS = ("cited", "nearest", "neither")
SETS = ("expertqa_claims", "mtrag_faithfulness", "scifact_claims")


def passage(text: str, rank: int) -> Passage:
    """Return a text as a passage of a document of its own."""
    name = f"passage-{rank}"
    return Passage(
        rank=rank,
        score=1.0,
        dense=1.0,
        collection_id=name,
        document_id=name,
        document=name,
        title="",
        page=None,
        chunk_id=name,
        start=0,
        end=len(text),
        headings=(),
        text=text,
    )


def run(folder: Path) -> None:
    """Print one line of the table."""
    counts: Counter[tuple[str, bool]] = Counter()
    for one in labelled(list(read_lines(folder / "items.jsonl"))):
        if one.supported is None:
            continue
        passages = [passage(text, rank) for rank, text in enumerate(one.item["passages"], start=1)]
        _, claims = attach(one.item["answer"], passages, question=one.item["question"])
        for claim in claims:
            if claim.verdict != "not examined":
                kind = "cited" if claim.citations else "nearest" if claim.nearest else "neither"
                counts[kind, one.supported] += 1
    told = (f"{kind} {counts[kind, True]} of {counts[kind, True] + counts[kind, False]}" for kind in KINDS)
    print(f"{folder.name:20} statements that are supported: {', '.join(told)}")


def main() -> int:
    """Read the command line and measure each set named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    for name in options.sets:
        run(options.data / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
