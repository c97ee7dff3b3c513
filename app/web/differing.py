"""Sources that differ, as the page shows them below an answer: both sentences, whose they are and of when.

All words are untrusted and shown as plain text; what is put around them is ours.
"""

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import quote

from app.answers import Conflict, ConflictSide
from app.web.plain import place, plain

OLDER = {
    -1: "The first is from an older version of the same document.",
    1: "The second is from an older version of the same document.",
}
_SIGNS = re.compile(r"[#*`|>_]+")


def differing_html(conflicts: Sequence[Conflict]) -> str:
    """Return the notice that sources differ; "" where none do."""
    return "\n\n".join(_notice(conflict) for conflict in conflicts)


def _notice(conflict: Conflict) -> str:
    sides = "".join(_side(side) for side in (conflict.one, conflict.other))
    older = f"<p>{OLDER[conflict.order]}</p>" if conflict.order else ""
    head = "<p><strong>The sources differ.</strong> Ask who answers for them which one holds.</p>"
    return f'<div class="differing">{head}<ul>{sides}</ul>{older}</div>'


def _side(side: ConflictSide) -> str:
    where = plain(place(side.title or side.document, side.page))
    href = f"#passage/{quote(side.document_id)}/{side.start}/{side.end}"
    since = date.fromisoformat(side.added)
    added = f"added {since.day} {since:%b %Y}"
    told = plain(" · ".join(part for part in (side.owner, side.dated, added) if part))
    words = plain(" ".join(_SIGNS.sub(" ", side.quote).split()))
    return f'<li><q>{words}</q> <a class="source" href="{href}">{where}</a> <span class="page">{told}</span></li>'
