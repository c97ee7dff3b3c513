"""What a heading says, without the marks of Markdown. Knows no document."""

import re

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def heading_text(source: str) -> str:
    """Return what a heading says, without its marks: "## The [handbook](x) ##" gives "The handbook"."""
    line = source.strip().splitlines()[0] if source.strip() else ""
    bare = re.sub(r"^#{1,6}\s+|\s+#+\s*$", "", line)
    return re.sub(r"[*_`]{1,3}(\S.*?)[*_`]{1,3}", r"\1", _LINK.sub(r"\1", bare)).strip()
