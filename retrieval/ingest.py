"""Documents into the two stores: read, chunk, embed, put; and out of them again.

Knows no user and no page. Each document is stored as pending with its chunks, then its vectors, then it becomes
indexed; every step can be repeated, so an ingest that was killed anywhere goes on where it stopped. Chunks of many
documents are embedded together, because the embedder is quickest with many texts of like length.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from uuid import uuid4

from retrieval.chunking import chunk_document
from retrieval.comparing import compare, uncompared
from retrieval.documents import Chunk, Document
from retrieval.errors import UnreadableDocumentError
from retrieval.library import Library
from retrieval.memory import give_back_freed_memory
from retrieval.settling import BATCH_CHUNKS, FIRST_CHUNKS, finish, forget_vectors, resume, screen_again
from retrieval.sources import Source
from retrieval.verified import with_question


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingesting:
    """How far an ingest is: `done` of `total` files looked at, `name` the next; "" while another ingest is running."""

    name: str
    done: int
    total: int
    chunks: int
    """Embedded so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did. Every file is in exactly one of the first counts."""

    added: int = 0
    unchanged: int = 0
    updated: int = 0
    removed: int = 0
    quarantined: int = 0
    failed: int = 0
    chunks: int = 0
    """Embedded by this ingest."""
    seconds: float = 0.0
    problems: tuple[tuple[str, str], ...] = ()
    """Name of a file and the sentence that says why it could not be learned."""


NAME_TAKEN = "A verified answer has this name. Give the file another one, or remove the answer first."
IngestEvent = Ingesting | IngestReport
KeepOriginal = Callable[[str, bytes], None]
"""Called with SHA-256 and bytes of each file that is learned, before anything of it is stored.

Of each that is known already, too: what was kept of it may have been lost.
"""


def ingest(  # noqa: PLR0913 - what an ingest may be told
    sources: Sequence[Source],
    *,
    library: Library,
    collection_id: str,
    sync: bool = False,
    within: str = "",
    answers: Callable[[], Collection[str]] = tuple,
    keep_original: KeepOriginal | None = None,
) -> Generator[IngestEvent]:
    """Learn the files; yields progress and, last, one IngestReport. Unchanged files cost only their hash.

    Args:
        sources: the files.
        library: the stores and the embedder.
        collection_id: where they belong.
        sync: also remove the documents of the collection that are not among the sources.
        within: only those whose names begin so.
        answers: tells the names of verified answers, asked anew whenever others had the turn: no file takes the place
            of one, and no missing file removes one.
        keep_original: keeps the file itself.

    When anything fails (a full disk, say), what was stored before stays, and the same ingest goes on from there.
    """
    waiting, turn = Ingesting(name="", done=0, total=len(sources), chunks=0), library.turn
    approved = not library.gives_way and any(source.question for source in sources)  # somebody waits for it
    names = {source.name for source in sources}
    run = _Run(library, collection_id, keep_original, answers)
    with ExitStack() as holding:
        yield from turn.taken(holding, waiting=waiting, first=approved)
        run.begin()
        run.look(names if sync else None, within)
        for place, source in enumerate(sources):
            yield Ingesting(name=source.name, done=place, total=len(sources), chunks=run.embedded)
            run.learn(source)
            if turn.calls(background=library.gives_way):
                run.flush()
                yield from turn.passed_on(holding, waiting=waiting)
                run.look(names if sync else None, within)
        run.flush()
        library.chunks.relatives.compare(collection_id)
        if sync:
            run.remove_all_but(names, within)
        for name in run.compare_earlier():
            yield Ingesting(name=name, done=len(sources), total=len(sources), chunks=run.embedded)
            if turn.wanted:  # thousands may be left to compare
                yield from turn.passed_on(holding, waiting=waiting)
    if run.embedded:
        give_back_freed_memory()
    yield run.report()


@dataclass(slots=True)
class _Run:
    """One ingest: what waits for its vectors, and the counts for the report."""

    library: Library
    collection_id: str
    keep_original: KeepOriginal | None
    told_answers: Callable[[], Collection[str]]
    started: float = field(default_factory=time.monotonic)
    embedded: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    answers: frozenset[str] = field(init=False)
    known: dict[str, set[str]] = field(init=False)
    released: dict[str, str] = field(init=False)
    names: set[str] = field(init=False)
    troubled: set[str] = field(init=False)
    left: dict[tuple[str, str], str] = field(default_factory=dict)
    """SHA-256 and ending -> name of documents whose file is gone."""
    waiting: list[Chunk] = field(default_factory=list)
    batch: int = FIRST_CHUNKS
    """Chunks that are embedded together."""

    def begin(self) -> None:
        """Bring what an earlier ingest left half done to its end."""
        resume(self.library, collection_id=self.collection_id)
        screen_again(self.library, collection_id=self.collection_id)

    def look(self, expected: set[str] | None, within: str) -> None:
        """Look at what is there; where the names of all files are known, also at what has no file any more."""
        self.answers = frozenset(self.told_answers())
        self.names = {head.name for head in self.library.chunks.heads(self.collection_id)}
        self.troubled = {problem.name for problem in self.library.chunks.problems(self.collection_id)}
        self.known = self.library.chunks.current(self.collection_id, recipe=self.library.recipe)
        self.released = self.library.quarantine.released(self.collection_id)
        self.left.clear()
        if expected is not None:
            self.expect(expected, within)

    def learn(self, source: Source) -> None:
        """Read one file and store it as pending, unless its bytes are known under this name."""
        try:
            if source.name in self.answers and not source.question:
                raise UnreadableDocumentError(NAME_TAKEN)  # noqa: TRY301 - one more file that cannot be learned
            data = source.read()
            digest = hashlib.sha256(data).hexdigest()
            if self.is_known(source, digest):
                self.keep(digest, data)
                return
            document = self.library.read(data, name=source.name)
        except UnreadableDocumentError as error:
            self.fail(source.name, str(error))
            return
        self.store(document, data, source.question)
        if len(self.waiting) >= self.batch:
            self.flush()
            self.batch = min(2 * self.batch, BATCH_CHUNKS)

    def is_known(self, source: Source, digest: str) -> bool:
        """Whether these bytes are here, under this name or another; then nothing is read."""
        if digest in self.known.get(source.name, ()):
            self.pass_over(source.name, digest)
            return True
        return not source.question and (self.was_renamed(source.name, digest) or self.is_here(source.name, digest))

    def keep(self, digest: str, data: bytes) -> None:
        if self.keep_original is not None:
            self.keep_original(digest, data)

    def expect(self, names: set[str], within: str) -> None:
        """Note which documents have no file of their name any more: a new file of the same bytes is the same one."""
        for name in self.known.keys() - names - self.answers:
            if name.startswith(within):
                self.left |= {(digest, PurePosixPath(name).suffix.lower()): name for digest in self.known[name]}

    def was_renamed(self, name: str, digest: str) -> bool:
        """Whether a file is one that had another name; then its document takes the new one, chunks and vectors stay."""
        if name in self.names or (earlier := self.left.pop((digest, PurePosixPath(name).suffix.lower()), None)) is None:
            return False
        self.library.chunks.rename(self.collection_id, earlier, name)
        self.count("updated")
        if name in self.troubled:
            self.library.chunks.clear_problem(self.collection_id, name)
        return True

    def is_here(self, name: str, digest: str) -> bool:
        """Whether the collection holds these bytes under another name; then only the name is stored."""
        recipe = self.library.recipe
        if not self.library.chunks.add_same(self.collection_id, name, sha256=digest, recipe=recipe):
            return False
        self.count("updated" if name in self.names else "added")
        return True

    def pass_over(self, name: str, digest: str) -> None:
        self.count("unchanged")
        if len(self.known[name]) > 1:  # another version of it waits, and the file has changed back
            self.library.quarantine.drop(self.collection_id, name, but=digest)
        if name in self.troubled:
            self.library.chunks.clear_problem(self.collection_id, name)

    def store(self, document: Document, data: bytes, question: str) -> None:
        library = self.library
        parts = chunk_document(
            document,
            document_id=uuid4().hex,
            token_offsets=library.token_offsets,
            max_tokens=library.max_tokens,
            row_tokens=library.reads_tokens(),
        )
        if question:
            parts = with_question(parts, document, question)
        self.keep(document.sha256, data)
        screened = library.screening.examine(document, released=self.released.get(document.sha256, ""))
        library.chunks.add_pending(
            document,
            parts,
            collection_id=self.collection_id,
            size=len(data),
            recipe=library.recipe,
            screened=screened,
        )
        if screened.waits:
            self.count("quarantined")
            return
        self.waiting += parts
        self.count("updated" if document.name in self.names else "added")

    def flush(self) -> None:
        """Embed what waits, put the vectors, and make its documents indexed."""
        learned = dict.fromkeys(chunk.document_id for chunk in self.waiting)
        finish(self.library, self.collection_id, self.waiting)
        forget_vectors(self.collection_id, chunks=self.library.chunks, index=self.library.index)
        self.embedded += len(self.waiting)
        self.waiting.clear()
        compare(self.library, learned, collection_id=self.collection_id)

    def compare_earlier(self) -> Iterator[str]:
        """Compare one after the other the documents that nobody has compared; yields the name of each before."""
        library = self.library
        waiting = set(uncompared(library, collection_id=self.collection_id))
        for head in library.chunks.heads(self.collection_id) if waiting else ():
            if head.document_id in waiting:
                yield head.name
                compare(library, [head.document_id], collection_id=self.collection_id)

    def fail(self, name: str, sentence: str) -> None:
        self.count("failed")
        self.problems.append((name, sentence))
        self.library.chunks.note_problem(self.collection_id, name, sentence)

    def remove_all_but(self, names: set[str], within: str) -> None:
        kept = names.union(self.told_answers())
        for stored in self.library.chunks.heads(self.collection_id):
            if stored.name not in kept and stored.name.startswith(within):
                self.library.chunks.remove_document(stored.document_id)
                self.count("removed")
        for name in self.troubled - names:
            if name.startswith(within):
                self.library.chunks.clear_problem(self.collection_id, name)
        forget_vectors(self.collection_id, chunks=self.library.chunks, index=self.library.index)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def report(self) -> IngestReport:
        seconds = time.monotonic() - self.started
        return IngestReport(chunks=self.embedded, seconds=seconds, problems=tuple(self.problems), **self.counts)
