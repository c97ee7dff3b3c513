"""How many planted conflicts between documents ingest finds, and how often it raises a false alarm.

Real handbooks are learned as they are: every conflict found there is printed and counts as a false alarm. Then each
document of kb_policies is learned beside a copy in which one sentence says something else: another number or another
date (both documents get one where they have none), or the opposite. A copy is the whole document, or only the section
of that sentence under another title, the sentence put in another way. Last a series: twenty-four monthly minutes, of
which two state another fee for the same year. Everything goes through the product's own ingest with its own embedder.
Run: `python -m bench.conflicts ../shared/data [--copies] [--list]` (five minutes; one
with --copies, which leaves out the first part).
"""

import argparse
import random
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from app.checks.conflicts import COMPARING
from app.sentences import Sentence, split_sentences
from app.settings import Settings
from app.store.database import open_database
from app.store.migrate import migrate
from bench.sets import interval
from models.embedder import Embedder
from retrieval.chunks import ChunkStore
from retrieval.conflicts import Conflict
from retrieval.documents import FloatMatrix
from retrieval.index import VectorIndex
from retrieval.ingest import ingest
from retrieval.library import Library
from retrieval.readers import SUFFIXES, read_document
from retrieval.sources import bytes_source

SEED = 20261122
MINILM = "all-MiniLM-L6-v2"
_NUMBER = re.compile(r"(?<![\w.§#(/-])\d{1,4}(?![\w(/-]|\.\d)")
_DATE = re.compile(
    r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December) (?:\d{1,2}, )?\d{4}\b"
)
_MODAL = re.compile(r"\b(must|shall|should|will|may|can|is|are|has|have)\b(?! not)")
_NOT = re.compile(r"\b(must|shall|should|will|may|can|is|are) not\b")
_FEWEST_WORDS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A document, and a copy of it that says something else in one place."""

    name: str
    original: str
    copy: str
    wrong: str
    """The sentence of the copy that says it."""


def other_number(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """Return the sentence with a number, and with another one."""
    found = _NUMBER.search(sentence)
    if found is None:
        days = rng.randint(2, 60)
        told = [f"{sentence[:-1]} within {number} days." for number in (days, days + rng.choice((1, 5, 30)))]
        return (told[0], told[1]) if sentence.endswith(".") else None
    number = str(int(found[0]) + rng.choice((1, 2, 5, 10, 30)))
    return sentence, sentence[: found.start()] + number + sentence[found.end() :]


def other_date(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """Return the sentence with a date, and with another one."""
    found = _DATE.search(sentence)
    year = rng.randint(2001, 2025)
    if found:
        return sentence, sentence[: found.start()] + f"3 May {year}" + sentence[found.end() :]
    if not sentence.endswith("."):
        return None
    return f"{sentence[:-1]} until 31 March {year}.", f"{sentence[:-1]} until {rng.randint(1, 30)} June {year}."


def opposite(sentence: str, _rng: random.Random) -> tuple[str, str] | None:
    """Return the sentence as it is, and its opposite."""
    if found := _NOT.search(sentence):
        return sentence, sentence[: found.end() - 4] + sentence[found.end() :]
    if found := _MODAL.search(sentence):
        return sentence, f"{sentence[: found.end()]} not{sentence[found.end() :]}"
    return None


KINDS: Mapping[str, Callable[[str, random.Random], tuple[str, str] | None]] = {
    "value": other_number,
    "date": other_date,
    "negation": opposite,
}


def plant(texts: Mapping[str, str], kind: str, *, whole: bool) -> list[Planted]:
    """Return one pair for each document that has a sentence fit for it."""
    rng = random.Random(f"{SEED} {kind}")  # noqa: S311
    planted = []
    for name, text in texts.items():
        sentences = [one for one in split_sentences(text) if len(one.text.split()) >= _FEWEST_WORDS]
        fit = [one for one in sentences if not one.text.startswith(("#", "|", "`", "{", ">")) and "?" not in one.text]
        rng.shuffle(fit)
        for sentence in fit:
            if changed := KINDS[kind](sentence.text, rng):
                planted.append(_planted(name, text, sentence, changed, whole=whole))
                break
    return planted


def _planted(name: str, text: str, sentence: Sentence, changed: tuple[str, str], *, whole: bool) -> Planted:
    before, after = text[: sentence.start], text[sentence.end :]
    true, wrong = changed
    if whole:
        return Planted(name=name, original=before + true + after, copy=before + wrong + after, wrong=wrong)
    told = f"{wrong.rstrip('.')}, as the management has decided." if wrong.endswith(".") else f"Please note: {wrong}"
    nearby = [one.text for one in split_sentences(text) if one.end <= sentence.start][-1:]
    excerpt = "\n\n".join(("# Frequent questions", "Here is what people ask most often.", *nearby, told))
    return Planted(name=name, original=before + true + after, copy=excerpt, wrong=told)


def learn(library: Library, texts: Mapping[str, str | bytes], *, collection_id: str) -> list[Conflict]:
    """Learn documents and return the conflicts among them."""
    sources = [bytes_source(name, text if isinstance(text, bytes) else text.encode()) for name, text in texts.items()]
    for _ in ingest(sources, library=library, collection_id=collection_id):
        pass
    return library.chunks.conflicts.of(collection_id)


def remembering(embedder: Embedder) -> Callable[[Sequence[str]], FloatMatrix]:
    """Return an embedder that embeds a text once: most chunks of a copy are those of the original."""
    known: dict[str, FloatMatrix] = {}

    def embed(texts: Sequence[str]) -> FloatMatrix:
        new = list(dict.fromkeys(text for text in texts if text not in known))
        if new:
            known.update(zip(new, embedder.embed_documents(new), strict=True))
        return np.stack([known[text] for text in texts])

    return embed


def main() -> None:
    """Print a line for each handbook and for each kind of conflict and copy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--copies", action="store_true", help="leave out the handbooks as they are")
    parser.add_argument("--list", action="store_true", help="print what was missed, too")
    arguments = parser.parse_args()
    settings = Settings()
    embedder = Embedder.load(settings.cache / "weights" / MINILM)
    with tempfile.TemporaryDirectory() as place:
        engine = open_database(Path(place) / "inhouse.db", key=b"k" * 32)
        migrate(engine)
        library = Library(
            chunks=ChunkStore(engine),
            index=VectorIndex(Path(place) / "index"),
            embed=remembering(embedder),
            token_offsets=embedder.token_offsets,
            read=cache(read_document),
            max_tokens=settings.chunk_tokens,
            comparing=COMPARING,
        )
        for name in () if arguments.copies else ("kb_policies", "kb_18f"):
            _as_they_are(library, arguments.folder / name / "docs", name)
        paths = sorted((arguments.folder / "kb_policies" / "docs").rglob("*.md"))
        texts = {path.stem: path.read_text(encoding="utf-8") for path in paths}
        for whole in (True, False):
            for kind in KINDS:
                _with_copies(library, texts, kind, whole=whole, tell=arguments.list)
        _series(library)
        library.index.close()
        engine.dispose()


def _as_they_are(library: Library, folder: Path, name: str) -> None:
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in SUFFIXES
    }
    started = time.process_time()
    found = learn(library, files, collection_id=name)
    seconds = time.process_time() - started
    print(f"{name} as it is: {len(files)} documents, {len(found)} conflicts, {seconds:.0f} s of CPU with embedding")
    for one in found:
        print(f"  {one.kind}: {one.one.document}: {one.one.quote!r}\n    {one.other.document}: {one.other.quote!r}")


def _series(library: Library) -> None:
    """Print what is found among monthly minutes: one conflict, of two that name the same year."""
    rng = random.Random(SEED)  # noqa: S311
    months = [date(2023 + number // 12, 1 + number % 12, 1) for number in range(24)]
    texts = {
        f"minutes-{month:%Y-%m}.md": f"# Minutes of {month:%B %Y}\n\n{rng.randint(5, 30)} members of the garden club "
        f"came to the meeting. The balance of the garden club is {rng.randint(1000, 9000)} euros.\n"
        for month in months
    }
    for name, fee in (("minutes-2024-03.md", 30), ("minutes-2024-05.md", 35)):
        texts[name] += f"\nThe fee of the garden club for 2024 is {fee} euros a year.\n"
    found = learn(library, texts, collection_id="series")
    print(f"a series of {len(texts)} minutes, one pair of one time: {len(found)} conflicts")


def _with_copies(library: Library, texts: Mapping[str, str], kind: str, *, whole: bool, tell: bool) -> None:
    planted = plant(texts, kind, whole=whole)
    files = dict(texts)
    for one in planted:
        files |= {one.name: one.original, f"copies/{one.name}": one.copy}
    named = {f"{name}.md": text for name, text in files.items()}
    found = learn(library, named, collection_id=f"{kind} {whole}")
    right = [any(_is(one, each) for each in found) for one in planted]
    others = [each for each in found if not any(_is_about(one, each) for one in planted)]
    value, low, high = interval([float(each) for each in right])
    what = "whole copies" if whole else "excerpts put otherwise"
    print(
        f"{kind} in {what}: {sum(right)} of {len(right)} = {value:.2f} ({low:.2f} to {high:.2f}), "
        f"{100 * len(others) / len(named):.1f} others found per 100 documents"
    )
    if tell:
        for one, hit in zip(planted, right, strict=True):
            if not hit:
                print(f"  missed in {one.name}: {one.wrong!r}")
        for each in others:
            print(f"  other: {each.one.document} {each.one.quote!r}\n    {each.other.document} {each.other.quote!r}")


def _is(planted: Planted, found: Conflict) -> bool:
    """Whether a conflict is between the planted sentence and its original."""
    return f"{planted.name}.md" in {found.one.document, found.other.document} and _is_about(planted, found)


def _is_about(planted: Planted, found: Conflict) -> bool:
    """Whether the planted sentence is one side, which may contradict a third document as well."""
    places = {found.one.document: found.one.quote, found.other.document: found.other.quote}
    copied = places.get(f"copies/{planted.name}.md", "")
    return bool(copied) and (copied in planted.wrong or planted.wrong in copied)


if __name__ == "__main__":
    main()
