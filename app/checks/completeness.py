"""Which parts of a question an answer leaves out.

Knows the question, the statements of the answer and what they rest on. A question has parts where it asks twice ("… and
when does it open?") or names two things ("in Lisbon and in Paris"). A part is left out when nothing that sets it apart
from the others is said by the answer or by a sentence it cites: better silent than wrong. English words join parts;
question marks part them in every language that uses them.
"""

import re
from collections.abc import Iterable, Sequence

from app.checks.words import content_words

MOST_PARTS = 8
"""A question with more is a list or a quotation; its parts are not looked for."""
_ASKING = r"(?:how|what|when|where|who|whom|whose|which|why|is|are|do|does|did|can|may|must|should|will)"
_PARTED = re.compile(rf"[?？]\s+|[?？]$|(?:[,;]|(?<!\s))\s++(?:and|or)\s+(?:also\s+)?(?={_ASKING}\b)", re.IGNORECASE)  # noqa: RUF001
_FORM = re.compile(
    r"(?:please\s+)?(?:answer|reply|respond|write|give|show|put|keep|use|format|be)\b[^?？]{0,60}"  # noqa: RUF001
    r"\b(?:tables?|lists?|bullets?|points|sentences?|words?|paragraphs?|short|brief(?:ly)?|concise(?:ly)?|detail)\b"
    r"[^?？]{0,20}[.!]?",  # noqa: RUF001
    re.IGNORECASE,
)
"""How to answer, which no statement speaks of."""
_NAME = r"[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+)?"  # noqa: RUF001
_NAMES = re.compile(rf"\b({_NAME}),?\s(?:and|or)\s(?:(?:in|at|for|of|to|from)\s)?(?:the\s)?({_NAME})")


def left_out(question: str, told: Iterable[str]) -> list[str]:
    """Return the parts of a question that nothing told speaks of, in order; none for a question of one part.

    Args:
        question: as it was asked.
        told: the statements of the answer, and the sentences, titles and headings they rest on.
    """
    said = {word for text in told for word in content_words(text)}
    asked = _clauses(question)
    missing = _unsaid(asked, said)
    for match in _NAMES.finditer(question):
        missing += _unsaid([match[1], match[2]], said)
    return list(dict.fromkeys(missing))


def _unsaid(parts: Sequence[str], said: set[str]) -> list[str]:
    """Return the parts of which no telling word was said, where something was said of another part."""
    words = [set(content_words(part)) for part in parts]
    telling = [own - set().union(*words[:place], *words[place + 1 :]) for place, own in enumerate(words)]
    unsaid = [part for part, own in zip(parts, telling, strict=True) if own and not own & said]
    return unsaid if len(unsaid) < len(parts) else []


def _clauses(question: str) -> list[str]:
    """Return the questions a question consists of; one without content words belongs to none."""
    parts = [part.strip(" ,;") for part in _PARTED.split(question)]
    asked = [part for part in parts if content_words(part) and not _FORM.fullmatch(part)]
    return asked if 1 < len(asked) <= MOST_PARTS else []
