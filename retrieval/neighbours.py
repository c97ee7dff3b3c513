"""Passages made wider: by the chunk beside them in their section, to the whole row of a table, to the whole table.

Knows chunks and their order; no query and no prompt.
"""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.documents import Chunk, Passage, Section
from retrieval.finding import Finder
from retrieval.tables import BORDER, is_framed

REACH = 24
"""Chunks on either side of a passage's best one that are looked at: more than a joined passage holds."""
GAP = 2
"""Line ends between two rows, at most."""
LONGEST_ROW = 8_000
"""Characters; what is longer stays in parts: nobody reads it at a glance, and every statement is held against it."""


class Neighbours:
    """Reads what stands beside passages.

    There is nothing where the section or the document ends, beside a verified answer, which is whole, and beside a
    passage whose document was removed or put into quarantine since it was found.
    """

    def __init__(self, finder: Finder) -> None:
        """Read with this."""
        self._finder = finder

    def whole_rows(self, passages: Sequence[Passage]) -> list[Passage]:
        """Return passages, best first, each with all of a table's row that the embedder could read in parts only.

        Passages that hold parts of one row become one.
        """
        kept: list[Passage] = []
        for passage in map(self._with_rows, passages):
            same = next((place for place, one in enumerate(kept) if passage.overlaps(one)), None)
            if same is None:
                kept.append(replace(passage, rank=len(kept) + 1))
            else:
                kept[same] = self._joined(kept[same], passage)
        return kept

    def whole_tables(self, passages: Sequence[Passage]) -> list[Passage]:
        """Return passages, best first; those between which a table was cut, which goes on in the other, become one."""
        kept: list[Passage] = []
        for passage in passages:
            place = next((n for n, one in enumerate(kept) if _goes_on(one, passage) or _goes_on(passage, one)), None)
            if place is None:
                kept.append(replace(passage, rank=len(kept) + 1))
            else:
                kept[place] = self._joined(kept[place], passage)
        return kept if len(kept) == len(passages) else self.whole_tables(kept)  # it may go on in a third

    def with_next(self, passage: Passage) -> Passage | None:
        """Return the passage with the chunk behind it; None where there is none."""
        around, within = self._around(passage)
        if not within or within[-1] + 1 == len(around):
            return None
        last, behind = around[within[-1]], around[within[-1] + 1]
        return self._reaching(passage, end=behind.end) if behind.headings == last.headings else None

    def with_previous(self, passage: Passage) -> Passage | None:
        """Return the passage with the chunk before it; None where there is none."""
        around, within = self._around(passage)
        if not within or within[0] == 0:
            return None
        before, first = around[within[0] - 1], around[within[0]]
        return self._reaching(passage, begin=before, end=passage.end) if before.headings == first.headings else None

    def _with_rows(self, passage: Passage) -> Passage:
        """Return a passage from the chunk in which its first row begins to the one in which its last row ends."""
        around, within = self._around(passage)
        if not within:
            return passage
        first, last = within[0], within[-1]
        while first and around[first].columns:  # what a later part repeats of its row
            first -= 1
        while last + 1 < len(around) and around[last + 1].columns:
            last += 1
        begin, end = around[first], around[last].end
        if (first, last) == (within[0], within[-1]) or end - begin.start > LONGEST_ROW:
            return passage
        return self._reaching(passage, begin=begin, end=end) or passage

    def _joined(self, better: Passage, other: Passage) -> Passage:
        """Return two passages that overlap, or follow one another, as the better one."""
        first = min(better, other, key=lambda one: one.start)
        begins = replace(better, start=first.start, page=first.page, columns=first.columns, sections=first.sections)
        return self._reaching(begins, end=max(better.end, other.end)) or better

    def _around(self, passage: Passage) -> tuple[Sequence[Chunk], Sequence[int]]:
        """Return the chunks around a passage, in order, and the places of those within it."""
        around = [] if passage.verified else self._finder.around(passage.chunk_id, reach=REACH)
        inside = [place for place, one in enumerate(around) if one.start < passage.end and passage.start < one.end]
        return around, inside

    def _reaching(self, passage: Passage, *, begin: Chunk | None = None, end: int) -> Passage | None:
        """Return the passage up to another place of its document, perhaps from another chunk on; None without text."""
        start = begin.start if begin else passage.start
        text = self._finder.text(passage.document_id, start, end)
        if not text:
            return None
        pages = self._finder.pages(passage.document_id, start, end) if passage.page is not None else ()
        wider = replace(passage, start=start, end=end, text=text, pages=pages)
        if begin is None or start == passage.start:
            return wider
        sections = (Section(start=start, headings=begin.headings), *passage.sections)
        return replace(wider, page=begin.page, columns=begin.columns, sections=sections)


def _goes_on(one: Passage, other: Passage) -> bool:
    """Whether a table of one passage goes on in another one, which begins where the first ends."""
    beside = one.document_id == other.document_id and one.end <= other.start <= one.end + GAP
    if not beside or other.end - one.start > LONGEST_ROW:
        return False
    last, first = one.text.rstrip().rpartition("\n")[2], other.text.lstrip().partition("\n")[0]
    named = BORDER in last and BORDER in first and last.partition(": ")[0] == first.partition(": ")[0]
    return named or (is_framed(last) and is_framed(first))
