"""What a heading says, without the marks of Markdown, and which headings lead to a place. Knows no document."""

import re
from collections.abc import Sequence

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def heading_text(source: str) -> str:
    """Return what a heading says, without its marks: "## The [handbook](x) ##" gives "The handbook"."""
    line = source.strip().splitlines()[0] if source.strip() else ""
    bare = re.sub(r"^#{1,6}\s+|\s+#+\s*$", "", line)
    return re.sub(r"[*_`]{1,3}(\S.*?)[*_`]{1,3}", r"\1", _LINK.sub(r"\1", bare)).strip()


def within_document(headings: Sequence[str], title: str) -> tuple[str, ...]:
    """Return a heading path, outermost first, without the document's title where that leads it."""
    leads = bool(headings) and headings[0].casefold() == title.casefold()
    return tuple(headings[1:] if leads else headings)


def section_in_words(headings: Sequence[str]) -> str:
    """Return how a section is called: its heading and the one above, "Leave > Parental leave"; "" for none."""
    return " > ".join(headings[-2:])
