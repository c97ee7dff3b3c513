"""A passage with the chunk right behind it, or right before it, of the same section.

Knows chunks and their order; no query, and not how long a passage may become.
"""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.documents import Chunk, Passage, Section
from retrieval.finding import Finder

REACH = 24
"""Chunks on either side of a passage's best one that are looked at: more than a joined passage holds."""


class Neighbours:
    """Reads what stands beside passages.

    There is nothing where the section or the document ends, beside a verified answer, which is whole, and beside a
    passage whose document was removed a moment ago.
    """

    def __init__(self, finder: Finder) -> None:
        """Read with this."""
        self._finder = finder

    def with_next(self, passage: Passage) -> Passage | None:
        """Return the passage with the chunk behind it; None where there is none."""
        around, within = self._around(passage)
        if not within or within[-1] + 1 == len(around):
            return None
        last, behind = around[within[-1]], around[within[-1] + 1]
        return self._spanning(passage, passage.start, behind.end) if behind.headings == last.headings else None

    def with_previous(self, passage: Passage) -> Passage | None:
        """Return the passage with the chunk before it; None where there is none."""
        around, within = self._around(passage)
        if not within or within[0] == 0:
            return None
        before, first = around[within[0] - 1], around[within[0]]
        wider = self._spanning(passage, before.start, passage.end) if before.headings == first.headings else None
        if wider is None:
            return None
        sections = (Section(start=before.start, headings=before.headings), *passage.sections)
        return replace(wider, page=before.page, columns=before.columns, sections=sections)

    def _around(self, passage: Passage) -> tuple[Sequence[Chunk], Sequence[int]]:
        """Return the chunks around a passage, in order, and the places of those within it."""
        around = [] if passage.verified else self._finder.around(passage.chunk_id, reach=REACH)
        inside = [place for place, one in enumerate(around) if one.start < passage.end and passage.start < one.end]
        return around, inside

    def _spanning(self, passage: Passage, start: int, end: int) -> Passage | None:
        """Return the passage from one place of its document to another."""
        text = self._finder.text(passage.document_id, start, end)
        pages = self._finder.pages(passage.document_id, start, end) if passage.page is not None else ()
        return replace(passage, start=start, end=end, text=text, pages=pages) if text else None
