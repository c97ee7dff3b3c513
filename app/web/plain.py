"""Untrusted text as Markdown and HTML that shows it and does nothing: no link, no image, no tag of its own.

Knows texts only. What a person or a document wrote is shown letter by letter (`plain`, `literal`); what a model wrote
keeps its Markdown but for what could lead elsewhere (`tamed`).
"""

import re
from collections.abc import Collection

from app.guard.links import links

PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
JOINER = "\u2060"
"""Stands between < and what follows it in code: invisible, and never the start of a tag."""


def plain(text: str) -> str:
    """Return what shows exactly this text on one line, in Markdown and in HTML alike: no character keeps a meaning."""
    return PUNCTUATION.sub(_entity, text)


def literal(text: str) -> str:
    """Return Markdown that shows exactly this text, its lines and indentation included."""
    return "\n".join(re.sub(r"^[ \t]+", _indent, plain(line)) for line in text.splitlines())


def tamed(text: str, hosts: Collection[str] = ()) -> str:
    """Return the Markdown a model wrote without its tags, links, images and addresses; these show as plain text.

    Args:
        text: what the output guard let out.
        hosts: where addresses may lead that become links of ours, which show the whole address.
    """
    parts, end = [], 0
    for code in CODE.finditer(text):
        parts += [_linked(text[end : code.start()], hosts), code[0].replace("<", "<" + JOINER)]
        end = code.end()
    return "".join([*parts, _linked(text[end:], hosts)])


def place(title: str, page: int | None) -> str:
    """Return where something stands, as plain text: its document and its page."""
    return f"{title}, page {page}" if page is not None else title


def _linked(text: str, hosts: Collection[str]) -> str:
    """Return prose without anything that acts, but for addresses that may be links."""
    parts, end = [], 0
    for start, stop in links(text, hosts):
        address = text[start:stop]
        href = address.replace("&", "&amp;")
        anchor = f'<a class="outside" href="{href}" target="_blank" rel="noopener noreferrer">{plain(address)}</a>'
        parts += [_tamed_prose(text[end:start]), anchor]
        end = stop
    return "".join([*parts, _tamed_prose(text[end:])])


def _tamed_prose(text: str) -> str:
    """Escape what starts a tag, an entity, a link, an image, an address or an escape."""
    return re.sub(r"[<&\[\\@]|:(?=//)|(?<=www)\.", _entity, text, flags=re.IGNORECASE)


def _indent(match: re.Match[str]) -> str:
    return "&nbsp;" * len(match[0].expandtabs(4))


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
