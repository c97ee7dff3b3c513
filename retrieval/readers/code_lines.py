"""Lines of a program among the paragraphs of a document, kept as they stand.

Knows lines, and names of styles and typefaces; no format. Tidying white space would take the indents away, and with
them what a program means. Whole letters are typed in Courier too: only short lines of which one is indented are a
program, all else stays paragraphs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from retrieval.readers.building import TextBuilder

LONGEST_LINE = 120
"""Characters; a longer line is a paragraph of prose."""
_STYLE = re.compile(
    r"(?:html )?preformatted(?: text)?|source ?(?:code|text)|code(?: ?block)?|listing|verbatim|macro text|plain text",
    re.IGNORECASE,
)
_TYPEFACE = re.compile(
    r"consolas|courier|menlo|monaco|cascadia|inconsolata|lucida ?console|\bmono(?:space)?\b|\bcode\b|typewriter"
    r"|(?-i:Mono(?![a-z]))|nimbusmon|code ?pro|fira ?code|\b(?:cm|lm|sf|ec)[a-z]{0,3}tt[a-z]{0,2}\d",
    re.IGNORECASE,
)
"""Of names in one word too ("DejaVuSansMono", "NimbusMonL"), as PDF has them, and those of TeX ("CMSLTT10")."""
LONGEST_NAME = 128
"""Characters of a typeface's name that are looked at: it is asked about for every piece of text."""


def names_code(style: str) -> bool:
    """Whether a style of this name is meant for programs."""
    return bool(_STYLE.fullmatch(style.replace("_20_", " ").strip()))


def is_fixed(typeface: str) -> bool:
    """Whether all letters of a typeface of this name are equally wide."""
    return bool(_TYPEFACE.search(typeface, 0, LONGEST_NAME))


def is_program(lines: Sequence[str]) -> bool:
    """Whether lines in a typeface for programs are one: all short, and one of them indented."""
    indented = any(line[:1].isspace() and line.strip() for line in lines)
    return indented and max(map(len, lines)) <= LONGEST_LINE


def parted(lines: Iterable[tuple[str, bool]]) -> Iterator[tuple[bool, list[str]]]:
    """Yield whether a run of lines is a program, and the run; empty lines go on with a program.

    Args:
        lines: each, perhaps of several lines itself, and whether it is set like a program.
    """
    marked: list[tuple[bool, str]] = []
    inside = False
    for text, fixed in lines:
        inside = fixed if text.strip() else inside
        marked.append((inside, text))
    prose: list[str] = []
    for fixed, run in groupby(marked, key=itemgetter(0)):
        texts = [text for _, text in run]
        if not (fixed and is_program("\n".join(texts).split("\n"))):
            prose += texts
            continue
        if prose:
            yield False, prose
        prose = []
        yield True, texts
    if prose:
        yield False, prose


class CodeLines:
    """Paragraphs that may be lines of one program, until another one ends it."""

    def __init__(self, builder: TextBuilder) -> None:
        """Write to this builder."""
        self._builder = builder
        self._lines: list[str] = []

    def goes_on(self, text: str, *, fixed: bool) -> bool:
        """Take a paragraph if it is set like a program, or is an empty line of one; else end it and return False."""
        if not (fixed and text.strip()) and not (self._lines and not text.strip()):
            self.end()
            return False
        self._lines.append(text)
        return True

    def end(self) -> None:
        """Write what was taken, as one block of code or as the paragraphs they are."""
        lines = "\n".join(self._lines).split("\n")
        if is_program(lines):
            self._builder.add("code", "\n".join(lines).rstrip())
        else:
            for text in self._lines:
                self._builder.add("paragraph", text)
        self._lines.clear()
