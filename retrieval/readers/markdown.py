"""Markdown: headings, paragraphs, lists, tables and code by their lines.

The text is the decoded file but for three things: every row of a table repeats the names of its columns, comments are
left out, and a block of HTML is read as a page is. Front matter (YAML between `---` lines) is not indexed; its title is
used.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from retrieval.documents import Block, BlockKind
from retrieval.headings import heading_text
from retrieval.readers import html, metadata
from retrieval.readers.content import Content
from retrieval.readers.plain import decode
from retrieval.readers.rewriting import Rewriting
from retrieval.readers.unseen import left_out_sentence
from retrieval.tables import framed_cells, framed_row

_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?\r?\n)?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)", re.DOTALL)
_TITLE = re.compile(r"^title:[ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")
_COMMENT = re.compile(
    r"(?P<code>(?<!`)(?P<marks>`+)[^`].*?(?<!`)(?P=marks)(?!`))|<!--(?P<said>.*?)(?:-->|(?P<unended>\Z))", re.DOTALL
)
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
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
    written = Rewriting(text)
    left_out: Counter[str] = Counter()
    for run in _runs(text, body_start):
        _write(run, written, left_out)
    whole, blocks = written.whole()
    note = metadata.note(metadata.of_front_matter(matter.group()) if matter else (), text=whole[body_start:])
    title = named.group(1).strip("'\"") if named else _first_heading(whole, blocks)
    warnings = (*decoded.warnings, *filter(None, [left_out_sentence(left_out)]))
    content = replace(decoded, text=whole, warnings=warnings).content(blocks, title=title)
    return replace(content, notes=(note,)) if note else content


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Lines of the file that belong together."""

    called: str
    """What markdown-it calls them."""
    start: int
    end: int
    level: int
    rows: Sequence[Sequence[str]] = ()
    """The cells of a table within a list or a quote."""


def _write(run: _Run, written: Rewriting, left_out: Counter[str]) -> None:
    said = written.original(run.start, run.end)
    kind = _KINDS[run.called]
    if run.called == "html_block":
        content = html.fragment(said, left_out)
        written.put(run.start, run.end, content.text, content.blocks)
    elif kind == "table":
        rows = run.rows or list(_rows(said))
        names, *below = [[_cell(cell, left_out) for cell in row] for row in rows]
        lines = [framed_row([], names), *(framed_row(names, row) for row in below)]
        written.put_block("table", run.start, run.end, "\n".join(lines))
    elif kind == "code":
        written.put_block(kind, run.start, run.end, said)
    else:
        written.put_block(kind, run.start, run.end, _without_comments(said, left_out), level=run.level)


def _runs(text: str, body_start: int) -> Iterator[_Run]:
    body = text[body_start:]
    starts = [body_start, *(body_start + match.end() for match in _LINE_END.finditer(body)), len(text)]

    def run(token: Token, first: int, last: int, rows: Sequence[Sequence[str]] = ()) -> Iterator[_Run]:
        """Yield the lines from first to before last, without the white space around them."""
        start, end = (starts[min(line, len(starts) - 1)] for line in (first, last))
        end -= len(text[start:end]) - len(text[start:end].rstrip())
        start += len(text[start:end]) - len(text[start:end].lstrip(" \t\r\n"))
        if start < end:
            level = int(token.tag[1]) if token.type == "heading_open" else 0
            yield _Run(called=token.type, start=start, end=end, level=level, rows=rows)

    for tokens in _top_level(_PARSER.parse(body)):
        outer = tokens[0]
        if outer.map is None or outer.type not in _KINDS:
            continue
        at, end = outer.map
        for table in _tables(tokens[1:]):
            first, last = table[0].map or (at, at)
            yield from run(outer, at, first)
            yield from run(table[0], first, last, list(_cells_of(table)))
            at = last
        yield from run(outer, at, end)


def _top_level(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each outermost block."""
    block: list[Token] = []
    for token in tokens:
        if token.level == 0 and token.nesting >= 0 and block:
            yield block
            block = []
        block.append(token)
    if block:
        yield block


def _tables(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each table within a block."""
    table: list[Token] = []
    for token in tokens:
        if table or token.type == "table_open":
            table.append(token)
        if table and token.type == "table_close":
            yield table
            table = []


def _cells_of(table: Sequence[Token]) -> Iterator[list[str]]:
    row: list[str] = []
    for token in table:
        if token.type == "inline":
            row.append(token.content.strip().replace("|", "\\|"))
        elif token.type == "tr_close":
            yield row
            row = []


def _rows(said: str) -> Iterator[list[str]]:
    """Yield the cells of each line of a table, also those that are more than it has columns; the second is a rule."""
    for number, line in enumerate(said.splitlines()):
        if number != 1:
            yield [line[start:end] for start, end in framed_cells(line)]


def _cell(said: str, left_out: Counter[str]) -> str:
    return " ".join(_BREAK.sub(" ", _without_comments(said, left_out)).split())


def _without_comments(said: str, left_out: Counter[str]) -> str:
    """Return a text without what stands in comments; those within code are none."""
    if "<!--" not in said:
        return said

    def put(found: re.Match[str]) -> str:
        if found["code"] or found["unended"] is not None:
            return found[0]
        left_out["comments"] += html.is_remark(found["said"])
        return ""

    return _COMMENT.sub(put, said)


def _first_heading(text: str, blocks: Sequence[Block]) -> str:
    for block in blocks:
        if block.kind == "heading":
            return heading_text(text[block.start : block.end])
    return ""
