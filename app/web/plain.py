"""Untrusted text as Markdown and HTML that shows it and does nothing: no link, no image, no tag of its own.

Knows texts only. What a person or a document wrote is shown letter by letter (`plain`, `literal`); what a model wrote
keeps its Markdown but for what could lead elsewhere (`tamed`).
"""

import re
from collections.abc import Collection, Sequence

from app.guard.links import links
from app.web.verbatim import Code, code_in

PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
ACTING = re.compile(r"\](?=[(\[:])|:(?=//)|www(?=\.)|@", re.IGNORECASE)
"""Behind these begins what would be a link, an image, an address, or where one leads."""
JOINER = "\u2060"
"""Stands between < and what follows it in code, and in what may be none: invisible, and never the start of a tag."""


def plain(text: str) -> str:
    """Return what shows exactly this text on one line, in Markdown and in HTML alike: no character keeps a meaning."""
    return PUNCTUATION.sub(_entity, text)


def literal(text: str) -> str:
    """Return Markdown that shows exactly this text, its lines and indentation included."""
    return "\n".join(re.sub(r"^[ \t]+", _indent, plain(line)) for line in text.splitlines())


def tamed(text: str, hosts: Collection[str] = (), marks: Sequence[tuple[int, str]] = ()) -> str:
    """Return the Markdown a model wrote without its tags, links, images and addresses; these show as plain text.

    Args:
        text: what the output guard let out.
        hosts: where addresses may lead that become links of ours, which show the whole address.
        marks: Markdown of ours, and where in the text it is put, in order and outside of its code.
    """
    parts, end = [], 0
    codes = code_in(text)
    cuts = [(place, place, mark) for place, mark in marks]
    cuts += [(code.start, code.end, _tamed_code(text, code)) for code in codes]
    for start, stop, told in sorted(cuts, key=lambda cut: cut[:2]):
        parts += [_linked(text[end:start], hosts), told]
        end = stop
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
    """Escape what starts a tag, an entity, a link, an image, an address, code or an escape; an escaped bar is a bar."""
    return re.sub(r"\\\||[<&\[\\@`~]|:(?=//)|(?<=www)\.", _entity, text, flags=re.IGNORECASE)


def _tamed_code(text: str, code: Code) -> str:
    """Return code without tags and, where it may be none, without what would then act."""
    whole = text[code.start : code.end].replace("<", "<" + JOINER)
    return whole if code.sure else ACTING.sub(rf"\g<0>{JOINER}", whole)


def _indent(match: re.Match[str]) -> str:
    return "&nbsp;" * len(match[0].expandtabs(4))


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0][-1])};"
