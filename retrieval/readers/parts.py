"""Files within a file: attachments of mail, the files of a ZIP archive. What they may cost together is bounded.

Knows no format: how a part is read is given. Nothing is unpacked to disk and no name is used as a path.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

from retrieval.errors import UnreadableDocumentError
from retrieval.names import safe_name
from retrieval.readers import clock, limits
from retrieval.readers.building import TextBuilder
from retrieval.readers.content import Content

_NAMED = 5


@dataclass(slots=True)
class _Spent:
    """Shared by all levels of one file."""

    parts: int = 0
    size: int = 0


@dataclass(slots=True)
class Parts:
    """What may still be read within one file, and how deep in it we are."""

    read_part: Callable[[bytes, str, "Parts"], Content]
    """Bytes, name and the parts of that part -> its content; raises UnreadableDocumentError."""
    depth: int = 0
    spent: _Spent = field(default_factory=_Spent)

    def allow(self, size: int) -> bool:
        """Count a part of so many bytes; return whether there is room, time and depth left for it."""
        self.spent.parts += 1
        self.spent.size += size
        fits = self.spent.parts <= limits.PARTS and self.spent.size <= limits.INFLATED_BYTES
        return fits and self.depth < limits.NESTING and not clock.is_over()

    def inner(self) -> "Parts":
        """Return what may be read within a part."""
        return Parts(self.read_part, self.depth + 1, self.spent)


class PartsBuilder:
    """Write the parts of a file, each below a heading with its name, and note what could not be read."""

    def __init__(self, builder: TextBuilder, parts: Parts) -> None:
        """Write into this builder."""
        self.builder = builder
        self.warnings: list[str] = []
        self._parts = parts
        self._beyond: list[str] = []
        self._unread: list[str] = []

    def add(self, data: bytes, name: str, *, heading: str = "", level: int = 1, unknown: bool = False) -> None:
        """Read one part and write it; what it lacks becomes a warning.

        Args:
            data: its bytes.
            name: as it is called in the file.
            heading: what stands above it, by default its name.
            level: of that heading.
            unknown: it is of a kind that is not read.
        """
        shown = safe_name(name)
        if unknown:
            self._unread.append(PurePosixPath(shown).name)
        else:
            read = partial(self._parts.read_part, data, shown)
            self.add_read(read, shown, size=len(data), heading=heading, level=level)

    def add_read(
        self, read: Callable[[Parts], Content], name: str, *, size: int = 0, heading: str = "", level: int = 1
    ) -> None:
        """Write what `read` returns of a part, if there is room for so many bytes of it; the rest as for `add`."""
        short = PurePosixPath(name).name
        if not self._parts.allow(size):
            self._beyond.append(short)
            return
        try:
            content = read(self._parts.inner())
        except UnreadableDocumentError as error:
            self.warnings.append(str(error))
            return
        self.builder.add_content(heading or name, content, level=level)
        self.warnings += [f"{short}: {warning}" for warning in content.warnings]
        self.builder.notes += [f"{short}: {note}" for note in content.notes]

    def sentences(self) -> tuple[str, ...]:
        """Return the warnings, those about many parts in one sentence."""
        about = [
            (self._unread, "of a kind that is not read"),
            (self._beyond, "left out, because there are too many, too large or too deeply nested files in this one"),
        ]
        counted = [_counted(names, why) for names, why in about if names]
        return (*self.warnings[: limits.WARNINGS], *counted)


def _counted(names: list[str], why: str) -> str:
    shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    return f"1 file in it is {why}: {shown}." if len(names) == 1 else f"{len(names):,} files in it are {why}: {shown}."
