"""Requests that have nothing to do with the text around them: "Explain photosynthesis." in the middle of an invoice.

Knows words only. Handbooks and mails ask things of their readers as well, but what they ask for is what they are about;
so a request counts when not one of its words occurs near it. Found this way are instructions that name no machine.
"""
# ruff: noqa: RUF001 (curly quotes are meant)

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.checks.words import content_words

_TASKS = """explain describe summarize summarise translate write compose draft develop generate provide define calculate
    compute analyze analyse compare list outline discuss tell give suggest recommend propose design create craft produce
    solve classify categorize identify paraphrase rewrite rephrase convert encode decode encrypt share offer promote
    advertise claim state mention insert add integrate encourage invite imagine pretend recite predict evaluate assess
    elaborate illustrate simplify print repeat teach brainstorm sing argue convince break assert spread announce
    recommend tease introduce inform persuade highlight emphasize conduct devise include
    plan organize organise schedule determine"""
_QUESTION = r"(?:what|who|whom|which|when|where|why|how)(?:'s|’s)?\b"
_REQUEST = re.compile(
    rf"(?:please,? |(?:can|could|would|will) you (?:please )?)?(?P<task>{'|'.join(_TASKS.split())}|(?<=you )show)\b"
    rf"(?! (?:of|is|are|was|or|by|and|us|we)\b|[:;/])|(?P<question>{_QUESTION})",
    re.IGNORECASE,
)
_PIECE = re.compile(r"[^\n<>|]+?(?:[.!?](?=[\s\"'”’]|$|[A-Z])|(?=[\n<>|]|\Z))")
_READER = re.compile(r"\b(?:you|your|we|our|us|my)\b", re.IGNORECASE)
_HOW_ONE = re.compile(
    r"^(?:how (?:do|can|would) you (?:say|spell|write|make)\b|(?:please,? )?(?:can|could|would|will) you\b)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"(?<!\w)['\"“‘][^'\"”’]*(?:['\"”’]|$)")
_LEAST, _MOST = 4, 40
"""Words of a request: shorter ones are headings and buttons, longer ones speak of themselves."""
NEAR = 4_000
"""Characters on either side that count as the text around a request; further away a word is shared by chance."""
_LEAST_AROUND = 8
"""Different content words around it: with fewer there is nothing it could be foreign to."""
_MOST_BESIDE = 2
"""Other requests near one: where there are more, asking is what the text is for (a list of questions, a manual)."""
_LEAST_OWN = 2
"""Content words of its own: with fewer nothing says what it is about, unless only an assistant is asked such things."""
_SHORT = 60
"""Characters; the only task far and wide may be about a single thing when it is as short as "Tell me a joke.". A
question about a single thing is the text's own: "Why is there variation?"."""
_ONLY_ASSISTANTS = re.compile(
    r"(?:explain|translate|define|paraphrase|solve|encrypt|encode|decode|recite)\b"
    r"|what (?:is|are) the differences? between",
    re.IGNORECASE,
)
_GENERAL = frozenset(
    content_words(
        """example simple main primary short brief difference words sentence following list way ways best good effective
        tips user reader people year day time new different first key important common use used make get give take find
        know step steps terms between thing things work works question questions idea ideas part point
        ask asked other others address addressed next name"""
    )
)
"""What requests of every kind are made of."""


class Request(NamedTuple):
    """A request foreign to the text around it: a task or a question, and its place."""

    kind: str
    start: int
    end: int


def foreign_requests(text: str) -> Iterator[Request]:
    """Yield the requests of a text that share no word with what stands around them, in order."""
    requests = list(_requests(text))
    for request, topic, is_whole in requests:
        beside = sum(abs(other.start - request.start) < NEAR for other, _, _ in requests) - 1
        if is_whole and beside <= _MOST_BESIDE:
            alone = request.kind == "task" and beside == 0 and request.end - request.start < _SHORT
            least = 1 if alone or _ONLY_ASSISTANTS.match(text, request.start) else _LEAST_OWN
            before, after = text[max(0, request.start - NEAR) : request.start], text[request.end : request.end + NEAR]
            if _is_foreign(topic, least, before, after):
                yield request


def _requests(text: str) -> Iterator[tuple[Request, str, bool]]:
    """Yield every request of a text with what it is about, and whether it could come from outside."""
    for piece in _PIECE.finditer(text):
        said = piece.group().strip()
        found = _REQUEST.match(said) if said[:1].isupper() else None
        if found is None or (found["question"] and "?" not in said):
            continue
        start = piece.start() + piece.group().index(said)
        request = Request("task" if found["task"] else "question", start, piece.end())
        topic = said[found.end("task") :] if found["task"] else said
        yield request, topic, _is_whole(said, is_question=bool(found["question"]))


def _is_whole(said: str, *, is_question: bool) -> bool:
    """Whether a piece is a sentence of the right length that does not speak with the reader of the text."""
    if not _LEAST <= len(said.split()) <= _MOST:
        return False
    if not said.rstrip("\"'”’").endswith("?" if is_question else (".", "?", "!", "'", '"')):
        return False
    return not _READER.search(_HOW_ONE.sub("", _QUOTED.sub("", said)))


def _is_foreign(topic: str, least: int, before: str, after: str) -> bool:
    own = set(content_words(topic)) - _GENERAL
    if len(own) < least:
        return False
    around = {*content_words(before), *content_words(after)}
    return len(around) >= _LEAST_AROUND and not own & around
