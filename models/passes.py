"""How many texts an embedding model in a GGUF file computes at once. Knows tokens only as numbers."""

from collections.abc import Iterator, Sequence

PASS_TOKENS = 512
"""Computed at once: each is compared with all others of its pass, of its own text or not (MiniLM on two cores, tokens a
CPU second: 4,140 with 256, 4,420 with 512, 4,030 with 1,024)."""
PASS_TEXTS = 64


def passes(texts: Sequence[Sequence[int]]) -> Iterator[Sequence[Sequence[int]]]:
    """Cut a list of texts into the runs that one pass computes; a text longer than a pass has one for itself."""
    begin = tokens = 0
    for place, text in enumerate(texts):
        if place > begin and (place - begin == PASS_TEXTS or tokens + len(text) > PASS_TOKENS):
            yield texts[begin:place]
            begin, tokens = place, 0
        tokens += len(text)
    if texts:
        yield texts[begin:]
