"""A text of which some runs are written otherwise, and where its blocks lie then. Knows no format."""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.documents import Block, BlockKind


class Rewriting:
    """The text so far: what nobody puts otherwise stays as it is, character by character."""

    def __init__(self, text: str) -> None:
        """Begin before the first character of the original."""
        self._text = text
        self._at = 0
        self._parts: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []

    def original(self, start: int, end: int) -> str:
        """Return a run of the original."""
        return self._text[start:end]

    def put(self, start: int, end: int, words: str, blocks: Sequence[Block]) -> None:
        """Write these words, with their blocks, in place of the original's `[start, end)`; runs come in order."""
        self._write(self._text[self._at : start])
        self._blocks += [replace(one, start=one.start + self._length, end=one.end + self._length) for one in blocks]
        self._write(words)
        self._at = end

    def put_block(self, kind: BlockKind, start: int, end: int, words: str, *, level: int = 0) -> None:
        """Write one block in place of a run of the original; words that are only white space are none."""
        tidy = words.strip(" \t\r\n") if words != self._text[start:end] else words
        blocks = [Block(kind=kind, start=0, end=len(tidy), level=level)] if tidy.strip() else []
        self.put(start, end, tidy, blocks)

    def whole(self) -> tuple[str, tuple[Block, ...]]:
        """Return the whole text and its blocks, in order."""
        self._write(self._text[self._at :])
        self._at = len(self._text)
        return "".join(self._parts), tuple(self._blocks)

    def _write(self, words: str) -> None:
        self._parts.append(words)
        self._length += len(words)
