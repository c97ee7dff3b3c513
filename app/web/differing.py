"""Sources that differ, and answers that did (earlier ones, and to the same question), as the page shows them.

All words are untrusted and shown as plain text; what is put around them is ours.
"""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from app.again import DoubleCheck, Group, Says
from app.answering.wording import agreement
from app.answers import Conflict, ConflictSide, EarlierAnswer
from app.web.plain import place, plain

OLDER = {
    -1: "The first is from an older version of the same document.",
    1: "The second is from an older version of the same document.",
}
APART: dict[Says, str] = {"more": "More", "less": "Less", "else": "Otherwise", "same": "The same"}
_SIGNS = re.compile(r"[#*`|>_]+")


def differing_html(conflicts: Sequence[Conflict]) -> str:
    """Return the notice that sources differ, with each two of them; "" where none do."""
    where = f" in {len(conflicts)} places" if len(conflicts) > 1 else ""
    head = f"<p><strong>The sources differ{where}.</strong> Ask who answers for them which one holds.</p>"
    return f'<div class="differing">{head}{"".join(map(_two, conflicts))}</div>' if conflicts else ""


def unanswered_html(parts: Sequence[str]) -> str:
    """Return the notice that parts of the question are not answered; "" where all are."""
    named = ", ".join(f"<q>{_line(part)}</q>" for part in parts)
    return f'<div class="badge unanswered"><span>Not answered: {named}</span></div>' if parts else ""


def earlier_html(earlier: Sequence[EarlierAnswer]) -> str:
    """Return the notice that the same person was told otherwise before, or that a verified answer says otherwise."""
    return "\n\n".join(_earlier(one) for one in earlier)


def again_html(found: DoubleCheck | None) -> str:
    """Return what came of asking again, with every answer that does not say the same; "" where nobody did."""
    if found is None:
        return ""
    others = "".join(_other(group) for group in found.groups if group.says != "same")
    told = agreement(found)
    if not others:
        return f'<div class="badge {"found" if found.asked else "unfinished"}"><span>{told}</span></div>'
    head = "Asked again, the model did not always say the same."
    return f'<div class="differing before again"><p><strong>{head}</strong> {told}</p><ul>{others}</ul></div>'


def _other(group: Group) -> str:
    often = f" ({group.count} times)" if group.count > 1 else ""
    return f"<li>{APART[group.says]}: <q>{_line(group.text)}</q>{often}</li>"


def _earlier(one: EarlierAnswer) -> str:
    on = date.fromisoformat(one.on[:10])
    day = f"{on.day} {on:%b %Y}"
    if one.verified_by:
        who, whose = plain(one.verified_by), "Verified"
        head = f"<strong>A verified answer by {who}, of {day}, says otherwise.</strong> Ask them which one holds."
        since = "The source changed since." if one.sources_changed else ""
    else:
        head, whose = f"<strong>You were told otherwise on {day}.</strong>", "Then"
        since = "The source changed since." if one.sources_changed else "The sources are the same as then."
    said = f"<li>{whose}: <q>{_line(one.said)}</q></li>"
    return f'<div class="differing before"><p>{head} {since}</p><ul>{said}</ul></div>'


def _line(words: str) -> str:
    return plain(" ".join(_SIGNS.sub(" ", words).split()))


def _two(conflict: Conflict) -> str:
    sides = "".join(_side(side) for side in (conflict.one, conflict.other))
    return f"<ul>{sides}</ul>" + (f"<p>{OLDER[conflict.order]}</p>" if conflict.order else "")


def _side(side: ConflictSide) -> str:
    where = plain(place(side.title or side.document, side.page))
    href = f"#passage/{quote(side.document_id)}/{side.start}/{side.end}"
    since = date.fromisoformat(side.added)
    added = f"added {since.day} {since:%b %Y}"
    told = plain(" · ".join(part for part in (side.owner, side.dated, added) if part))
    link = f'<a class="source" href="{href}">{where}</a> <span class="page">{told}</span>'
    return f"<li><q>{_line(side.quote)}</q> {link}</li>"
