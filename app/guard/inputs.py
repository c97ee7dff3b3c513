"""What may come in as a question: something to answer, of a bearable length, without invisible characters.

Knows characters only, not what is asked.
"""

import unicodedata

from app.errors import AppError

_INVISIBLE = frozenset("\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\ufeff") | {
    chr(code)
    for first, last in ((0x202A, 0x202E), (0x2061, 0x206F), (0xFFF9, 0xFFFB))
    for code in range(first, last + 1)
}
"""Marks that turn the direction of text or hide in it. Joiners (U+200C, U+200D) stay: scripts and emoji need them."""
_TAGS = range(0xE0000, 0xE0080)
"""Tag characters: invisible copies of ASCII, known from smuggled instructions."""


class EmptyQuestionError(AppError):
    """The question is empty. Type what you would like to know."""

    status = 422


class LongQuestionError(AppError):
    """The question is too long. Ask in fewer words."""

    status = 413


def clean_question(text: str, *, longest: int) -> str:
    """Return the question without control, bidirectional and hidden characters, trimmed.

    Args:
        text: as it came.
        longest: in characters; counted before anything is removed, so that cleaning costs little.

    Raises:
        LongQuestionError: naming both lengths.
        EmptyQuestionError: when nothing remains.
    """
    if len(text) > longest:
        raise LongQuestionError(
            f"The question has {len(text):,} characters; at most {longest:,} can be read. Ask in fewer words."
        )
    cleaned = unicodedata.normalize("NFC", "".join(filter(_is_visible, text))).strip()
    if not cleaned:
        raise EmptyQuestionError
    return cleaned


def _is_visible(character: str) -> bool:
    """Whether a character may stand in a question; line ends and tabs may."""
    if character in "\n\t":
        return True
    return (
        unicodedata.category(character) not in {"Cc", "Cs", "Co"}
        and character not in _INVISIBLE
        and ord(character) not in _TAGS
    )
