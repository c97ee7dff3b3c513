"""Ask the same question several times, also in other words, and tell whether the answers agree.

An answer the model is sure of comes again; one it made up comes differently each time. The prompts are the same but for
their last line, so the engine reads the passages once. Knows the writer and texts; no store and no page.

Sources: Manakul et al., "SelfCheckGPT", EMNLP 2023; Farquhar et al., "Detecting hallucinations in large language models
using semantic entropy", Nature 2024; Zhang et al., "SAC3", EMNLP Findings 2023 (the question in other words).
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

from app.again import DoubleCheck, Group
from app.answering.draft import Draft
from app.answering.writer import Writer
from app.answers import Actor, Answer
from app.checks.agreement import DECLINED, beside, clustered
from app.errors import AppError
from app.guard.privacy import Privacy, Rule
from app.prompts import QuestionTooLongError
from models.errors import ModelError
from retrieval.documents import Passage
from retrieval.readers.language import language_of

TIMES = 5
"""How often somebody who waits for it has the question asked."""
TIMES_UNASKED = 3
"""How often it is asked by the policy of a collection, for every answer."""
TEMPERATURE = 0.7
"""High enough that what the model is unsure of varies, low enough that it stays with the passages."""
REWORDED = (
    "A colleague would like to know this, and it matters that it is right: {question}",
    "{question} Answer from the passages alone.",
)
"""The question in other words, which mean the same whatever the question is. Words of the model's own would vary more,
but what they ask would have to be checked itself, and they would cost an answer more (decision 41)."""
LOOK_SECONDS = 0.25
"""How often it is looked whether anybody still wants to know."""


class NothingToDoubleCheckError(AppError):
    """This is no finished answer from documents, so there is nothing to double-check."""

    status = 409


class NoSecondAnswerError(AppError):
    """The model gave no second answer in time. Try again later."""

    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a question is asked again."""

    times: int = TIMES
    at_once: int = TIMES
    seconds: float = 120.0
    background: bool = False
    """Whether people who wait for an answer come first."""
    rule: Rule = "allow"
    """That on personal data."""


BUTTON = Asking()


def double_check(
    writer: Writer,
    actor: Actor,
    answer: Answer,
    passages: Sequence[Passage],
    asking: Asking = BUTTON,
    *,
    unwanted: Callable[[], bool] = lambda: False,
) -> DoubleCheck:
    """Ask an answer's question anew from the same passages; told is how the answers compare with it.

    Args:
        writer: the model.
        actor: whose turn in the queue it is.
        answer: what is double-checked.
        passages: what it was written from.
        asking: how.
        unwanted: whether nobody wants to know any more; asked several times a second, and all is ended when so.

    Raises:
        NothingToDoubleCheckError: there is no answer from passages.
        NoSecondAnswerError: none came in time, or nobody wanted to know any more.
    """
    if answer.outcome != "finished" or answer.general or not passages:
        raise NothingToDoubleCheckError
    bold = writer.at(TEMPERATURE, background=asking.background)
    stop, end = threading.Event(), time.monotonic() + asking.seconds

    def once(wording: str) -> str | None:
        draft = _draft(answer, passages, wording, seconds=end - time.monotonic(), stop=stop)
        draft.privacy = Privacy(rule=asking.rule)
        return None if draft.is_over() else _answered(bold, actor, draft)

    asked = wordings(answer, passages, times=asking.times)
    answers = _at_once(once, asked, threads=asking.at_once, stop=stop, unwanted=unwanted)
    told = [(wording, text) for wording, text in zip(asked, answers, strict=True) if text is not None]
    if unwanted() or not told:
        raise NoSecondAnswerError
    return compared(answer, [text for _, text in told], reworded=sum(bool(wording) for wording, _ in told))


def _at_once(
    ask: Callable[[str], str | None],
    asked: Sequence[str],
    *,
    threads: int,
    stop: threading.Event,
    unwanted: Callable[[], bool],
) -> list[str | None]:
    """Return what each wording was answered, in their order; `stop` is set as soon as nobody wants to know."""
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="double-check") as pool:
        answers = [pool.submit(ask, wording) for wording in asked]
        try:
            while wait(answers, timeout=LOOK_SECONDS).not_done:
                if unwanted():
                    stop.set()
        finally:
            stop.set()
    return [one.result() for one in answers]


def wordings(answer: Answer, passages: Sequence[Passage], *, times: int) -> list[str]:
    """Return how a question is asked so many times: as it was (""), and at most twice in other words.

    Those are English: a question in another language is asked as it was, or the answers would change theirs.
    """
    question = answer.query or answer.question
    language = language_of(f"{question}\n{answer.text}") or language_of("\n".join(one.text for one in passages))
    others = [frame.format(question=question) for frame in REWORDED][: times // 2 if language == "en" else 0]
    return [""] * (times - len(others)) + others


def compared(answer: Answer, texts: Sequence[str], *, reworded: int = 0) -> DoubleCheck:
    """Return how answers to the same question compare with the first one."""
    groups = tuple(
        Group(text=group[0], count=len(group), says=beside(answer.text, group[0], question=answer.question))
        for group in clustered(texts, question=answer.question)
    )
    return DoubleCheck(asked=len(texts), groups=groups, reworded=reworded)


def _draft(
    answer: Answer, passages: Sequence[Passage], wording: str, *, seconds: float, stop: threading.Event
) -> Draft:
    """Begin another answer to the same question."""
    question = answer.query or answer.question
    draft = Draft(question=question, query=answer.query, model=answer.model, seconds=seconds, stop=stop)
    draft.wording = wording
    draft.found(passages)
    return draft


def _answered(writer: Writer, actor: Actor, draft: Draft) -> str | None:
    """Return what the model writes; None where it fails, does not end in time, or has no room for other words."""
    try:
        for _ in writer.answer(actor, draft, (), may_decline=False):
            pass
    except (ModelError, QuestionTooLongError):
        return None
    if draft.outcome != "finished":
        return None
    return DECLINED if draft.declined else draft.text.strip() or None
