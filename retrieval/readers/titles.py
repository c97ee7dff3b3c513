"""Which title a document gets: what it shows itself as, not what is written where nobody looks."""

import re

from retrieval.readers.building import TextBuilder

_LOOKED_AT = 50_000
"""Characters of the beginning in which the words of a title must be."""


def first_heading(builder: TextBuilder) -> str:
    """Return the heading the document begins with, "" where it begins with something else."""
    block = builder.blocks[0] if builder.blocks else None
    return builder.text[block.start : block.end].replace("\n", " ") if block and block.level == 1 else ""


def shown_title(title: str, text: str) -> str:
    """Return a title that a file gives itself where its words are also in its text: nobody sees another one."""
    words = re.findall(r"\w+", title.casefold())
    shown = set(re.findall(r"\w+", text[:_LOOKED_AT].casefold()))
    return title if words and sum(word in shown for word in words) * 2 >= len(words) else ""
