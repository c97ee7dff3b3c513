"""Ask the same question several times at once, and tell whether the answers agree.

An answer the model is sure of comes again; one it made up comes differently each time. The prompts are the same, so the
engine reads the passages once and decodes all answers together. Knows the writer and texts; no store and no page.

Sources: Manakul et al., "SelfCheckGPT", EMNLP 2023; Farquhar et al., "Detecting hallucinations in large language models
using semantic entropy", Nature 2024.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from app.answering.draft import Draft
from app.answering.writer import Writer
from app.answers import Actor, Answer
from app.checks.conflicts import Words, differences
from app.checks.polarity import denial, reversal, tendency
from app.checks.values import missing, values_of
from app.checks.words import content_words
from app.errors import AppError
from app.guard.privacy import Privacy, Rule
from models.errors import ModelError
from retrieval.documents import Passage

TIMES = 5
TEMPERATURE = 0.7
"""High enough that what the model is unsure of varies, low enough that it stays with the passages."""
DECLINED = "The documents do not answer this question."
"""Stands for a refusal, in whatever words: it agrees with no answer."""
LIKE = 0.5
"""Share of the content words of the shorter of two answers that the other has, from which they may say the same."""


class NothingToDoubleCheckError(AppError):
    """This is no finished answer from documents, so there is nothing to double-check."""

    status = 409


class NoSecondAnswerError(AppError):
    """The model gave no second answer in time. Try again later."""

    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Answers that say the same."""

    text: str
    """The first of them."""
    count: int
    same: bool
    """Whether they say what the answer says that is checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleCheck:
    """What came of asking again."""

    asked: int
    agree: int
    """How many said the same as the answer."""
    groups: tuple[Group, ...]
    """The largest first."""


def double_check(  # noqa: PLR0913 - each says something else
    writer: Writer,
    actor: Actor,
    answer: Answer,
    passages: Sequence[Passage],
    *,
    times: int = TIMES,
    seconds: float = 120.0,
    rule: Rule = "allow",
) -> DoubleCheck:
    """Ask an answer's question anew, so many times at once, from the same passages; `rule` is that on personal data.

    Raises:
        NothingToDoubleCheckError: there is no answer from passages.
        NoSecondAnswerError: none came in time.
    """
    if answer.outcome != "finished" or answer.general or not passages:
        raise NothingToDoubleCheckError
    bold = writer.at(TEMPERATURE)

    def once(_number: int) -> str | None:
        question = answer.query or answer.question
        draft = Draft(question=question, query=answer.query, model=writer.name, seconds=seconds)
        draft.privacy = Privacy(rule=rule)
        draft.found(passages)
        try:
            for _ in bold.answer(actor, draft, (), may_decline=False):
                pass
        except ModelError:
            return None
        if draft.outcome != "finished":
            return None
        return DECLINED if draft.declined else draft.text.strip() or None

    with ThreadPoolExecutor(max_workers=times, thread_name_prefix="double-check") as pool:
        texts = [text for text in pool.map(once, range(times)) if text is not None]
    if not texts:
        raise NoSecondAnswerError
    groups = [
        Group(text=group[0], count=len(group), same=say_the_same(answer.text, group[0])) for group in clustered(texts)
    ]
    return DoubleCheck(asked=len(texts), agree=sum(one.count for one in groups if one.same), groups=tuple(groups))


def clustered(texts: Sequence[str]) -> list[list[str]]:
    """Return the texts in groups that say the same, the largest first; each goes with the first it agrees with."""
    groups: list[list[str]] = []
    for text in texts:
        group = next((one for one in groups if say_the_same(one[0], text)), None)
        if group is None:
            groups.append([text])
        else:
            group.append(text)
    return sorted(groups, key=len, reverse=True)


def say_the_same(one: str, other: str) -> bool:
    """Whether two answers give the same values, deny the same things and speak of the same."""
    if DECLINED in {one, other}:
        return one == other
    ours, theirs = values_of(one), values_of(other)
    if missing(ours, theirs) and missing(theirs, ours):
        return False
    if any(True for _ in differences(Words(one), Words(other))) or _opposed(one, other):
        return False
    words, others = set(content_words(one)), set(content_words(other))
    fewer = min(len(words), len(others))
    return bool(fewer and len(words & others) >= LIKE * fewer) or " ".join(one.split()) == " ".join(other.split())


def _opposed(one: str, other: str) -> bool:
    """Whether one answer denies what the other says, or turns it round: "optional" for "required"."""
    ours, theirs = tendency(one), tendency(other)
    denied = bool(denial(ours, theirs) or denial(theirs, ours))
    turned = bool(reversal(ours, theirs) and reversal(theirs, ours))
    return denied != turned  # "prohibited" and "not allowed" are both
