"""What a search may be narrowed to: a part of the documents' names, kinds of file, and when they were added.

Knows names and types of files; no row and no index. Which collections are searched is said beside it.
"""

from dataclasses import dataclass
from datetime import date

from retrieval.errors import UnknownKindError
from retrieval.readers.formats import FORMATS
from retrieval.readers.sniffing import Kind

KINDS: dict[str, tuple[Kind, ...]] = {
    "pdf": ("pdf",),
    "text": ("docx", "odt", "rtf", "markdown", "text"),
    "slides": ("pptx",),
    "table": ("xlsx", "csv"),
    "mail": ("eml", "msg", "mbox"),
    "web": ("html",),
}
"""What people call kinds of documents -> the formats they are of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which documents are searched; an empty one lets every document through."""

    name: str = ""
    """Part of the documents' names or titles, upper and lower case alike."""
    kinds: tuple[str, ...] = ()
    """Of `KINDS`; none means any."""
    after: date | None = None
    """The first day on which they were added, in UTC."""
    before: date | None = None
    """The last day on which they were added, in UTC."""

    def __post_init__(self) -> None:
        """Refuse a kind that there is not."""
        if unknown := [kind for kind in self.kinds if kind not in KINDS]:
            raise UnknownKindError(f"There is no kind {unknown[0]!r}. The kinds are {', '.join(KINDS)}.")

    @property
    def media_types(self) -> list[str]:
        """The media types of its kinds."""
        return [FORMATS[name].media_type for kind in self.kinds for name in KINDS[kind]]


EVERYTHING = Filter()
"""Lets every document through."""


def kind_of(media_type: str) -> str:
    """Return what people call documents of a media type; "" for one that no reader reads."""
    return next((kind for kind, names in KINDS.items() for n in names if FORMATS[n].media_type == media_type), "")
