"""What a document says differently from others of its collection, found when it comes.

Each of its chunks is held against the nearest chunks of other documents, which the vectors tell; who says whether two
chunks differ is given (`Library.comparing`). Knows chunks and vectors, and nothing of what they mean. Costs two
milliseconds a chunk, beside some thirty for embedding it.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from retrieval.conflicts import Difference
from retrieval.documents import Chunk
from retrieval.library import Library
from retrieval.series import Member, of_one_time, series_of

log = logging.getLogger(__name__)

NEIGHBOURS = 24
"""Nearest chunks asked for; many are of the document itself."""
NEAR = 0.3
"""Cosine from which two chunks may speak of the same thing: one sentence of each may, whatever else they hold."""
MOST_FOUND = 100
"""Noted of a document when it comes: a list of prices may differ from another in every line."""
_SPACES = re.compile(r"\s+")

Found = tuple[str, Difference, str, str]
"""The id of the other document, the difference, the words here and there."""


def uncompared(library: Library, *, collection_id: str) -> list[str]:
    """Return the indexed documents that nobody has compared yet: all, after an update that compares otherwise."""
    version = library.comparing.version
    return library.chunks.conflicts.waiting(collection_id, version=version) if version else []


def compare(library: Library, document_ids: Iterable[str], *, collection_id: str) -> None:
    """Note what these indexed documents say differently from others of the collection."""
    version = library.comparing.version
    for document_id in document_ids if version else ():
        series = _Series(library, collection_id, document_id)
        found = list(islice(_differences(library, collection_id, document_id, series), MOST_FOUND))
        library.chunks.conflicts.note(document_id, found, version=version)
        series.forget_noted()


def _differences(library: Library, collection_id: str, document_id: str, series: "_Series") -> Iterator[Found]:
    """Yield what a document says differently; what the other document says as well, elsewhere, is none.

    Nor is what documents of a series say, each of its own time.
    """
    own = {chunk.chunk_id: chunk for chunk in library.chunks.chunks_of(document_id)}
    near = library.index.neighbours(collection_id, list(own), limit=NEIGHBOURS)
    wanted = {other for others in near.values() for other, cosine in others if cosine >= NEAR} - own.keys()
    others = {chunk.chunk_id: chunk for chunk in library.chunks.conflicts.chunks(wanted)}
    texts = _Texts(library)
    judge = _Judge(library)
    seen: set[tuple[int, str]] = set()
    for chunk_id, nearest in near.items():
        for other in _of(nearest, others):
            for difference in judge.differences(own[chunk_id], other):
                key = (difference.start, other.document_id)
                quote = texts.words(document_id, difference.start, difference.end)
                other_quote = texts.words(other.document_id, difference.other_start, difference.other_end)
                if series.are_apart(other.document_id, quote, other_quote):
                    continue
                if key in seen or texts.says(other.document_id, quote) or texts.says(document_id, other_quote):
                    continue
                seen.add(key)
                yield other.document_id, difference, quote, other_quote


def _of(nearest: Sequence[tuple[str, float]], others: dict[str, Chunk]) -> Iterator[Chunk]:
    """Yield those chunks that are of other documents, the nearest first."""
    for chunk_id, cosine in nearest:
        if cosine >= NEAR and chunk_id in others:
            yield others[chunk_id]


class _Series:
    """The series a document is in, looked for when something of it differs from another document."""

    def __init__(self, library: Library, collection_id: str, document_id: str) -> None:
        self._library, self._collection_id, self._document_id = library, collection_id, document_id

    @cached_property
    def _own(self) -> Member | None:
        return self._library.chunks.conflicts.member(self._document_id)

    @cached_property
    def _all(self) -> Mapping[str, str]:
        """The documents of the series, each with its time; none where there is no series."""
        if self._own is None or not self._own.kinds:
            return {}
        others = self._library.chunks.conflicts.members(self._collection_id, self._own.kinds)
        return series_of(self._own, others)

    def are_apart(self, other_id: str, quote: str, other_quote: str) -> bool:
        """Whether another document is of this series and of another time, and the two sentences name no common one."""
        times = self._all
        here, there = times.get(self._document_id), times.get(other_id)
        return bool(here and there) and here != there and not of_one_time(quote, other_quote)

    def forget_noted(self) -> None:
        """Forget what documents of the series were noted to say differently before they were known to be one."""
        if "_all" in self.__dict__ and self._all:
            conflicts = self._library.chunks.conflicts
            for one in conflicts.among(self._all):
                times = self._all[one.one.document_id], self._all[one.other.document_id]
                if times[0] != times[1] and not of_one_time(one.one.quote, one.other.quote):
                    conflicts.forget(one)


class _Judge:
    """Who says whether two chunks differ, with a door before: its fault on two texts must not keep others from coming.

    It would come again with every ingest, for the document would wait to be compared for ever.
    """

    def __init__(self, library: Library) -> None:
        self._judge = library.comparing.judge()
        self._told: set[str] = set()

    def differences(self, one: Chunk, other: Chunk) -> Sequence[Difference]:
        """Return what two chunks state differently; nothing where that cannot be told, and then say so once."""
        try:
            return list(self._judge(one, other))
        except Exception as error:  # noqa: BLE001 - its text may hold words of the documents, so only its kind is named
            kind = type(error).__name__
            if kind not in self._told:
                log.warning("two chunks could not be compared: %s", kind)
                self._told.add(kind)
            return ()


class _Texts:
    """The texts of documents, each read once, and whether one says something."""

    def __init__(self, library: Library) -> None:
        self._read = library.chunks.conflicts.text
        self._texts: dict[str, str] = {}
        self._plain: dict[str, str] = {}

    def words(self, document_id: str, start: int, end: int) -> str:
        if document_id not in self._texts:
            self._texts[document_id] = self._read(document_id)
        return self._texts[document_id][start:end]

    def says(self, document_id: str, words: str) -> bool:
        if document_id not in self._plain:
            self._plain[document_id] = _plain(self._texts[document_id])
        return _plain(words) in self._plain[document_id]


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip().lower()
