"""The passages of a prompt: numbered, named, fenced as data, and cut to their sentences nearest to the question.

Knows texts and token counts; no message and no model.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from app.checks.words import content_words, rarest, rarity
from app.sentences import Sentence, split_sentences
from retrieval.documents import Passage
from retrieval.sentences import sentence_spans

CountTokens = Callable[[str], int]
"""A text -> its length in the chat model's tokens."""
LONGEST = 400
"""Characters of a piece of what is too long for any prompt and has no sentences: a row of a table, a program."""

_CLOSING = "\n</passage>\n"
_CONTROL = re.compile(
    r"<(?=\||/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn)\b)|\[(?=/?INST\b)|<(?=</?SYS)", re.IGNORECASE
)
_FENCE = re.compile(r"<(?=\s*/?\s*(?:passages?|question)\b)", re.IGNORECASE)
"""What could be taken for the begin or end of a passage; it gets a sign that only looks like it."""


def fence(passages: Sequence[Passage], question: str, *, tokens: int, count_tokens: CountTokens) -> str:
    """Return the passages numbered, named and fenced as data, best first, within so many tokens.

    Passages that do not all fit are cut: half of the tokens are the best one's, on kb_18f the right one for 24 of 26
    questions.
    """
    fenced = ""
    takes = sum(fenced_tokens(number, passage, count_tokens) for number, passage in enumerate(passages, start=1))
    for number, passage in enumerate(passages, start=1):
        opening = _opening(number, passage)
        left = tokens - count_tokens(fenced + opening + _CLOSING)
        cut = max(left // (len(passages) - number + 1), tokens // 2 if number == 1 else 0)
        share = left if takes <= tokens else cut
        text = excerpt(defused(passage.text), question, tokens=share, whole=tokens // 2, count_tokens=count_tokens)
        candidate = fenced + opening + text + _CLOSING
        if text and count_tokens(candidate) <= tokens:
            fenced = candidate
    return fenced


def fenced_tokens(number: int, passage: Passage, count_tokens: CountTokens) -> int:
    """Return how many tokens a passage takes whole, with its fence."""
    return count_tokens(_opening(number, passage) + defused(passage.text).strip() + _CLOSING)


def excerpt(text: str, question: str, *, tokens: int, whole: int, count_tokens: CountTokens) -> str:
    """Return the text, or those of its sentences that share most with the question, in order, within so many tokens.

    A sentence of more than `whole` tokens, such as a long row of a table, is cut between words and kept in parts.
    """
    if count_tokens(text) <= tokens:
        return text.strip()
    sentences = [piece for one in split_sentences(text) for piece in _pieces(text, one, whole, count_tokens)]
    words = [set(content_words(sentence.text)) for sentence in sentences]
    weights, most = rarity(words), rarest(len(words))
    asked = set(content_words(question))
    worth = [sum(weights.get(word, most) for word in found & asked) for found in words]
    nearby = [
        own + 0.5 * max(worth[max(index - 1, 0) : index] + worth[index + 1 : index + 2], default=0.0)
        for index, own in enumerate(worth)
    ]
    chosen: list[int] = []
    for index in sorted(range(len(sentences)), key=lambda index: (-nearby[index], index)):
        trial = sorted([*chosen, index])
        if count_tokens(_joined(text, trial, sentences)) <= tokens:
            chosen = trial
    return _joined(text, chosen, sentences)


def defused(text: str) -> str:
    """Return the text without anything a chat template would take for its own marks, or for the end of a passage."""
    return _CONTROL.sub(lambda mark: mark.group() + " ", _FENCE.sub("\u2039", text))


def _opening(number: int, passage: Passage) -> str:
    """Return the first lines of a fenced passage: number, where it stands, the columns of the table it goes on with."""
    name = " > ".join(dict.fromkeys(part for part in (passage.title, *passage.headings) if part))
    columns = f"{defused(passage.columns)}\n" if passage.columns else ""
    return f'<passage {number}: "{defused(name)}">\n{columns}'


def _joined(text: str, chosen: Sequence[int], sentences: Sequence[Sentence]) -> str:
    """Return the chosen sentences as they stand in the text, with an ellipsis where some between were left out."""
    parts: list[str] = []
    for position, index in enumerate(chosen):
        follows = position > 0 and chosen[position - 1] == index - 1
        begin = sentences[index - 1].end if follows else sentences[index].start
        gap = "" if follows or not parts else " … "
        parts.append(gap + text[begin : sentences[index].end])
    return "".join(parts)


def _pieces(text: str, sentence: Sentence, whole: int, count_tokens: CountTokens) -> Iterator[Sentence]:
    """Yield a sentence of at most so many tokens as it is, a longer one cut where sentences within it end, or words."""
    if count_tokens(sentence.text) <= whole:
        yield sentence
        return
    for start, end in sentence_spans(text, sentence.start, sentence.end):
        while end - start > LONGEST:
            most = start + LONGEST
            cut = max(text.rfind(" ", start + 1, most), text.rfind("\n", start + 1, most))
            cut = cut if cut > 0 else most
            yield Sentence(text=text[start:cut], start=start, end=cut)
            start = cut  # noqa: PLW2901
        yield Sentence(text=text[start:end], start=start, end=end)
