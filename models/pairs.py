"""A query and a text as the tokens that a reranking model in a GGUF file reads together.

Knows no weights. Marker tokens come from the file alone: how a query or a text spells one is text.

Sources: the tokenizers' templates for pairs of BERT and XLM-RoBERTa; the template "rerank" that llama.cpp's converter
writes for Qwen3's rerankers.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from tokenizers import Tokenizer

from models.errors import NotRerankerError
from models.vocabulary import encoded

PairTokens = Callable[[str, str], list[int]]
"""A query, a text -> tokens, no more than the model reads."""
MARKER = re.compile(r"(<[^<>\s]+>)")
"""What may be a marker token in a maker's template, if the vocabulary holds it: "<|im_end|>", "<think>"."""
QUERY, TEXT = "{query}", "{document}"
SLACK = 8
"""Tokens: where pieces meet, words are cut otherwise than in the pieces alone."""


def side_by_side(
    tokenizer: Tokenizer, *, begin: Sequence[int], between: Sequence[int], end: Sequence[int], most: int
) -> PairTokens:
    """Return what writes one behind the other, with markers around; the longer one is cut where both do not fit."""
    room = most - len(begin) - len(between) - len(end)

    def pair(query: str, text: str) -> list[int]:
        first, second = encoded(tokenizer, query).ids, encoded(tokenizer, text).ids
        first = first[: max(room // 2, room - len(second))]
        return [*begin, *first, *between, *second[: room - len(first)], *end]

    return pair


def in_template(tokenizer: Tokenizer, template: str, *, most: int, name: str) -> PairTokens:
    """Return what writes both into a maker's template, which stays whole; the query has at most half of the rest.

    Raises:
        NotRerankerError: the template does not hold the query once and behind it the text once.
    """
    before, query_there, rest = template.partition(QUERY)
    between, text_there, after = rest.partition(TEXT)
    if not (query_there and text_there) or QUERY in between + after or TEXT in before + after:
        raise NotRerankerError(
            f"The file of the model {name} does not say how a query and a text stand in its template. Take another one."
        )
    head_ends = max((marker.end() for marker, _ in _markers(tokenizer, before)), default=0)
    head, opening = _spelled(tokenizer, before[:head_ends]), before[head_ends:]
    tail_at = next((marker.start() for marker, _ in _markers(tokenizer, after)), len(after))
    closing, tail = after[:tail_at], _spelled(tokenizer, after[tail_at:])
    room = most - len(head) - len(tail) - len(encoded(tokenizer, opening + between + closing)) - SLACK
    if room < SLACK:
        raise NotRerankerError(f"The model {name} reads too few tokens for its own template. Take another one.")

    def pair(query: str, text: str) -> list[int]:
        query = _cut(tokenizer, query, max(room // 2, room - len(encoded(tokenizer, text))))
        text = _cut(tokenizer, text, room - len(encoded(tokenizer, query)))
        return [*head, *encoded(tokenizer, opening + query + between + text + closing).ids, *tail]

    return pair


def _markers(tokenizer: Tokenizer, template: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield where markers stand in a template, with their tokens."""
    for found in MARKER.finditer(template):
        if (number := tokenizer.token_to_id(found[0])) is not None:
            yield found, number


def _spelled(tokenizer: Tokenizer, template: str) -> list[int]:
    """Return the tokens of a part of a template, in which the spelling of a marker is that marker."""
    tokens: list[int] = []
    at = 0
    for marker, number in _markers(tokenizer, template):
        tokens += [*encoded(tokenizer, template[at : marker.start()]).ids, number]
        at = marker.end()
    return tokens + encoded(tokenizer, template[at:]).ids


def _cut(tokenizer: Tokenizer, text: str, most: int) -> str:
    """Return as much of a text, from its beginning, as so many tokens hold."""
    offsets = encoded(tokenizer, text).offsets
    return text if len(offsets) <= most else text[: offsets[most - 1][1]] if most > 0 else ""
