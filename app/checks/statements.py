"""Which sentences of an answer state something that could stand in a document.

Knows English courtesies and hedges; questions, headings and what has no content word are none in any language.
"""

import re

from app.checks.values import values_of
from app.checks.words import content_words

_ASKS = re.compile(r"[?？]\W*$")  # noqa: RUF001 (the full-width question mark)
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*:?$")
_COURTESY = re.compile(
    r"(?:hello|hi|hey|dear|good (?:morning|day|afternoon|evening)|welcome|thanks?|thank you|you'?re welcome|sure|"
    r"certainly|of course|absolutely|great question|i hope|hope (?:this|that)|feel free|let me know|"
    r"please (?:let me know|feel free|do not hesitate)|if you (?:have|need) (?:any|more|further)|is there anything|"
    r"happy to|glad to|i'?d be (?:happy|glad)|i'?m (?:happy|glad|here) to|here(?:'s| is| are)|in summary:?$|"
    r"to summarize:?$|best regards|kind regards)\b",
    re.IGNORECASE,
)
_MOST_COURTEOUS = 16
"""Words; a longer sentence that begins so goes on to state something."""
_HEDGE = re.compile(
    r"(?:(?:i'?m|i am|we are|we're) (?:very )?(?:sorry|afraid|not (?:sure|certain|aware|able))|sorry|"
    r"unfortunately, i|i apologi[sz]e|"
    r"(?:i|we) (?:do not|don'?t|cannot|can'?t|could not|couldn'?t|did not|didn'?t|am unable|have no|was unable)"
    r" (?:know|have|find|see|say|tell|answer|provide|any|to)|"
    r"(?:it|this|that) (?:depends|is (?:unclear|not clear|hard to say))\W*$|as an ai|"
    r"(?:the|these|this|your) (?:provided |given )?(?:passages?|documents?|sources?|texts?|contexts?|information)"
    r" (?:do|does|did)(?: not|n'?t) (?:\w+ ){0,2}"
    r"(?:say|mention|state|specify|contain|provide|include|tell|answer|address)|"
    r"there is no (?:information|mention|answer)|no (?:information|mention|answer) )",
    re.IGNORECASE,
)
"""What says only that nothing is known."""
_ANNOUNCEMENT = re.compile(
    r"(?:\w.{0,160}\b)?(?:following|as follows|these|below|steps?)\b[^.!?]{0,80}:$", re.IGNORECASE
)
"""What only says that a list comes."""
_BUT = re.compile(r"\b(?:but|however|although|though)\b|;", re.IGNORECASE)


def is_statement(sentence: str) -> bool:
    """Whether a sentence states something: it has content, does not ask, and is more than a courtesy or a hedge."""
    plain = sentence.strip().lstrip("\"'“(*_ ").replace("’", "'")  # noqa: RUF001 (a typographic apostrophe)
    if _ASKS.search(plain) or _HEADING.match(sentence.strip()):
        return False
    if _COURTESY.match(plain) and len(plain.split()) <= _MOST_COURTEOUS and not values_of(plain):
        return False
    if _ANNOUNCEMENT.fullmatch(plain.rstrip("*_ ")) and not values_of(plain):
        return False
    if _HEDGE.match(plain) and not _BUT.search(plain):
        return False
    return bool(content_words(plain) or values_of(plain))
