"""HTML: the readable text of a page with its headings, lists, tables and code.

Scripts, menus, forms' controls and hidden parts are left out.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile

from lxml import etree, html

from retrieval.readers import limits
from retrieval.readers.building import TextBuilder
from retrieval.readers.cells import Cell, grid
from retrieval.readers.content import Content
from retrieval.readers.metadata import of_page
from retrieval.readers.plain import decode

_UNREAD_NAMES = """script style noscript template head nav iframe object embed svg math canvas audio video button select
    input textarea dialog menu"""
_UNREAD = frozenset(_UNREAD_NAMES.split())

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCK_NAMES = """p div section article main header footer aside ul ol li dl dt dd table tr td th thead tbody tfoot
    caption pre blockquote figure figcaption address details summary fieldset form hr body html center"""
_BLOCKS = frozenset(_BLOCK_NAMES.split()) | _HEADINGS.keys()
_CHARSET = re.compile(rb"""<meta[^>]+charset=["']?([\w-]+)""", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_WORDS = 3
"""A comment of fewer words is a mark of whatever made the page."""
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0*\.?0+(?![.\d])|text-indent\s*:\s*-\d{3}",
    re.IGNORECASE,
)
_WHITE_STYLE = re.compile(
    r"(?<![\w-])color\s*:\s*(?:#fff(?:fff)?\b|white\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)", re.IGNORECASE
)
_BACKGROUND = re.compile(r"background", re.IGNORECASE)


def read(data: bytes) -> Content:
    """Return the readable text of the page and its blocks."""
    declared = _CHARSET.search(data[:4096])
    decoded = decode(data, declared=declared.group(1).decode("ascii", "replace") if declared else "")
    root = _parsed(decoded.text.lstrip("\ufeff"))
    if root is None:
        return Content(text="", blocks=())
    builder = _written(root, _main_part(root))
    title = " ".join((root.findtext(".//title") or "").split())
    builder.note_properties(of_page(root))
    return builder.content(title=title, warnings=decoded.warnings, encoding=decoded.encoding)


def fragment(said: str, left_out: Counter[str]) -> Content:
    """Return the readable text of a piece of a page; what is not shown of it is counted."""
    root = _parsed(said)
    if root is None:  # nothing but a comment, perhaps
        left_out["comments"] += sum(is_remark(comment) for comment in _COMMENT.findall(said))
        return Content(text="", blocks=())
    builder = _written(root, root)
    left_out.update(builder.left_out)
    return Content(text=builder.text, blocks=tuple(builder.blocks))


def is_remark(comment: str) -> bool:
    """Whether a comment says something to somebody."""
    return len(comment.split()) >= _WORDS


def _parsed(text: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(no_network=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(_DECLARATION.sub("", text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _written(root: html.HtmlElement, part: html.HtmlElement) -> TextBuilder:
    """Return what a part of a page shows, with what is left out of the whole page."""
    builder = TextBuilder()
    builder.left_out["comments"] = sum(is_remark(comment.text or "") for comment in root.iter(etree.Comment))
    _Walk(builder).element(part, depth=0)
    return builder


def _main_part(root: html.HtmlElement) -> html.HtmlElement:
    """Return `<main>` or the only `<article>` where it holds the headings, else the whole page."""
    for path in (".//main", ".//article"):
        found = root.findall(path)
        if len(found) == 1 and len(found[0].text_content()) > len(root.text_content()) / 2:
            return found[0]
    return root


class _Walk:
    """One pass over the elements: inline text gathers until a block begins or ends."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._inline: list[str] = []

    def element(self, element: html.HtmlElement, *, depth: int) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _UNREAD or not tag or depth > limits.DEPTH or self._leaves_out(element):
            return
        if tag not in _BLOCKS:
            self._children(element, depth)
        elif tag in {"table", "pre", "ul", "ol"} or tag in _HEADINGS:
            self._flush()
            self._whole(element, tag, depth)
        else:
            self._flush()
            self._children(element, depth)
            self._flush()

    def _leaves_out(self, element: html.HtmlElement) -> bool:
        """Whether an element is not shown; noted where it holds words."""
        hidden = _hidden(element)
        if hidden and any(text.strip() for text in element.itertext(tag=etree.Element)):
            self._builder.left_out[hidden] += 1
        return bool(hidden)

    def _children(self, element: html.HtmlElement, depth: int) -> None:
        self._inline.append("\n" if element.tag == "br" else _flat(element.text))
        for child in element:
            self.element(child, depth=depth + 1)
            self._inline.append(_flat(child.tail))

    def _flush(self) -> None:
        self._builder.add("paragraph", "".join(self._inline))
        self._inline.clear()

    def _whole(self, element: html.HtmlElement, tag: str, depth: int) -> None:
        if tag in _HEADINGS:
            self._builder.add("heading", " ".join(self._inner(element).split()), level=_HEADINGS[tag])
        elif tag == "pre":
            self._builder.add("code", element.text_content())
        elif tag == "table":
            self._table(element, depth)
        else:
            self._builder.add("list", "\n".join(self._items(element, indent="", depth=0)))

    def _table(self, element: html.HtmlElement, depth: int) -> None:
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
        for caption in element.findall("caption"):
            self._builder.add("paragraph", self._inner(caption))
        if element.find(".//table") is not None:  # a layout table: its cells are blocks
            for cell in (cell for row in rows for cell in row.iterchildren("td", "th")):
                self._children(cell, depth + 1)
                self._flush()
            return
        heads = sum(1 for _ in takewhile(_is_head, rows))
        self._builder.add_table(list(grid(self._cells(row) for row in rows)), heads=heads % len(rows) if rows else 0)

    def _cells(self, row: html.HtmlElement) -> list[Cell]:
        head = _is_head(row)
        cells = row.iterchildren("td", "th")
        return [Cell(self._inner(cell), _number(cell, "colspan"), _number(cell, "rowspan"), head) for cell in cells]

    def _items(self, element: html.HtmlElement, *, indent: str, depth: int) -> Iterator[str]:
        for number, item in enumerate(element.iterchildren("li"), start=1):
            mark = f"{number}." if element.tag == "ol" else "-"
            text = " ".join(self._inner(item, without=("ul", "ol")).split())
            if text:
                yield f"{indent}{mark} {text}"
            if depth < limits.DEPTH:
                for inner in item.iterchildren("ul", "ol"):
                    yield from self._items(inner, indent=indent, depth=depth + 1)

    def _inner(self, element: html.HtmlElement, *, without: tuple[str, ...] = ()) -> str:
        """Return the visible text inside an element, with blocks and line breaks as spaces."""
        parts: list[str] = []

        def gather(node: html.HtmlElement, depth: int) -> None:
            parts.append(_flat(node.text))
            for child in node:
                tag = child.tag if isinstance(child.tag, str) else ""
                if tag and tag not in {*_UNREAD, *without} and depth < limits.DEPTH and not self._leaves_out(child):
                    space = " " if tag in _BLOCKS or tag == "br" else ""
                    parts.append(space)
                    gather(child, depth + 1)
                    parts.append(space)
                parts.append(_flat(child.tail))

        gather(element, 0)
        return "".join(parts)


def _is_head(row: html.HtmlElement) -> bool:
    """Whether a row names the columns: it stands in the head of its table, or all its cells are names."""
    cells = list(row.iterchildren("td", "th"))
    return row.getparent().tag == "thead" or (bool(cells) and all(cell.tag == "th" for cell in cells))


def _number(cell: html.HtmlElement, name: str) -> int:
    """Return over how many columns or rows a cell reaches."""
    given = cell.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 4 and int(given) else 1  # noqa: PLR2004 (9,999)


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""


def _hidden(element: html.HtmlElement) -> str:
    """Return how an element is hidden, "" for one that is shown. Only its own style is looked at."""
    style = element.get("style") or ""
    if "hidden" in element.attrib or element.get("aria-hidden") == "true" or _HIDDEN_STYLE.search(style):
        return "hidden parts"
    if _WHITE_STYLE.search(style) and not any(
        _BACKGROUND.search(each.get("style") or "") or each.get("bgcolor")
        for each in (element, *element.iterancestors())
    ):
        return "white text"
    return ""
