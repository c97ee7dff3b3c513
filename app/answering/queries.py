"""A question in the middle of a conversation -> a query that can be searched alone.

Knows the words of the conversation, no model: an extra model call before each answer would cost more than the answer's
first token (docs/decisions). Only questions that lean on what was said before are added to.
"""

import re
from collections.abc import Sequence

from app.answers import Turn
from app.checks.clarity import asked_back
from app.checks.words import content_words

_LEANING = re.compile(
    r"\b(?:it|its|they|them|their|theirs|that|those|these|this|he|him|his|she|her|hers|there|then|ones?|same|such|"
    r"former|latter|another|others?|else|instead)\b"
    r"|^\W*(?:and|but|or|so|also|then|why|how so|what about|how about|what if|ok|okay)\b",
    re.IGNORECASE,
)
_JOINING = re.compile(
    r"\b(?!(?:of|in|for|to|on|about|at|with|from|by|is|are|was|were|does|do|did|can|could|will|would|should|may|might|"
    r"must|has|have|had|and|or|but|if)\b)\w+\s+that(?=\s+(?:an?|the|i|we|you|they|he|she|it|people|is|are|was|were|has|"
    r"have|had|can|could|must|should|will|would|may|might|do|does|did|need|needs|apply|applies)\b)",
    re.IGNORECASE,
)
"""A "that" that joins two clauses, as in "everything that a new employee needs", with the word before it."""
FEW_WORDS = 2
"""A question with fewer content words than this says too little to be searched alone."""
CARRIED_TURNS = 2
CARRIED_WORDS = 12
"""So many words of earlier questions are added at most, the newest first: more drown what is asked now."""


def standalone(question: str, history: Sequence[Turn]) -> str:
    """Return the question, followed by the content words of those before where it leans on them or answers one back."""
    if not history or not (leans(question) or asked_back(history[-1])):
        return question
    known = set(content_words(question))
    carried: list[str] = []
    for turn in reversed(history[-CARRIED_TURNS:]):
        for word in re.findall(r"[^\W_][\w'’-]*", turn.question):  # noqa: RUF001 (a typographic apostrophe)
            fresh = set(content_words(word)) - known
            if fresh and len(carried) < CARRIED_WORDS:
                known |= fresh
                carried.append(word)
    return f"{question} {' '.join(carried)}".strip()


def leans(question: str) -> bool:
    """Whether a question points at something said before, or says too little by itself."""
    return bool(_LEANING.search(_JOINING.sub(" ", question))) or len(set(content_words(question))) < FEW_WORDS
