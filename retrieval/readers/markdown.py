"""Markdown: headings, paragraphs, lists, tables and code by their lines. The text is the decoded file, unchanged.

Front matter (YAML between `---` lines) is not indexed; its title is used.
"""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from retrieval.documents import Block, BlockKind
from retrieval.headings import heading_text
from retrieval.readers.content import Content
from retrieval.readers.plain import decode

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?\r?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")
_KINDS: dict[str, BlockKind] = {
    "heading_open": "heading",
    "paragraph_open": "paragraph",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "fence": "code",
    "code_block": "code",
    "html_block": "paragraph",
    "blockquote_open": "paragraph",
}
_PARSER = MarkdownIt("commonmark").enable("table")
_PARSER.core.ruler.enableOnly(["normalize", "block"])


def read(data: bytes) -> Content:
    """Return the text of the file and its blocks."""
    decoded = decode(data)
    text = decoded.text
    matter = _FRONT_MATTER.match(text)
    body_start = matter.end() if matter else len(text) - len(text.lstrip("\ufeff"))
    named = _TITLE.search(matter.group()) if matter else None
    blocks = tuple(_blocks(text, body_start))
    title = named.group(1).strip("'\"") if named else _first_heading(text, blocks)
    return decoded.content(blocks, title=title)


def _blocks(text: str, body_start: int) -> Iterator[Block]:
    body = text[body_start:]
    starts = [body_start, *(body_start + match.end() for match in _LINE_END.finditer(body)), len(text)]
    for token in _top_level(_PARSER.parse(body)):
        if token.map is None or token.type not in _KINDS:
            continue
        start, end = (starts[min(line, len(starts) - 1)] for line in token.map)
        end -= len(text[start:end]) - len(text[start:end].rstrip())
        start += len(text[start:end]) - len(text[start:end].lstrip(" \t\r\n"))
        if start < end:
            level = int(token.tag[1]) if token.type == "heading_open" else 0
            yield Block(kind=_KINDS[token.type], start=start, end=end, level=level)


def _top_level(tokens: Sequence[Token]) -> Iterator[Token]:
    return (token for token in tokens if token.level == 0 and token.nesting >= 0)


def _first_heading(text: str, blocks: Sequence[Block]) -> str:
    for block in blocks:
        if block.kind == "heading":
            return heading_text(text[block.start : block.end])
    return ""
