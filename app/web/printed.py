"""What a printed conversation shows beside the page: for every answer, in words, what it rests on.

On the screen that is one click away, and hidden (assets/product/inhouse.css). Knows values only, no store.
"""

from collections.abc import Sequence

from app.answers import Citation
from app.store.history import StoredTurn
from app.web.plain import place, plain
from app.web.present import in_one_line, snippet
from retrieval.headings import section_in_words


def printed_markdown(turns: Sequence[StoredTurn]) -> str:
    """Return the quotes of all answers, below the questions they belong to; "" where none cites anything."""
    told = [
        f'<p class="of">{snippet(turn.question)}</p>{"".join(map(_quoted, turn.answer.citations))}'
        for turn in turns
        if turn.answer and turn.answer.citations
    ]
    return f'<div class="printed"><h2>Sources</h2>{"".join(told)}</div>' if told else ""


def _quoted(citation: Citation) -> str:
    """Return a citation: its number, where it stands, and its words."""
    where = place(citation.title or citation.document, citation.page)
    section = section_in_words(citation.headings) if citation.page is None else ""
    told = f"[{citation.n}] {where}" + (f". Section: {section}" if section else "")
    return (
        f'<div class="quoted"><p>{plain(told)}</p><blockquote>{plain(in_one_line(citation.quote))}</blockquote></div>'
    )
