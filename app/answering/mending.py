"""An answer whose statements are not all found: written once more with the fault named, or replaced by quotes.

Knows the draft, the writer and how an answer is cited; no store and no search.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from app.answering.draft import CUT, Draft
from app.answering.each_row import rows_left_out
from app.answering.policies import MENDED, REPLACED, again, faults, policy_of
from app.answering.writer import Writer
from app.answers import Actor, Claim, Collection, Event, Policy, Progress, Turn
from app.checks.completeness import left_out
from app.citations import attach
from app.errors import contained
from app.markers import counted
from models.errors import ModelError

Writing = Callable[[], AbstractContextManager[Writer]]
"""Holds the model for as long as it writes."""


def examined(
    actor: Actor, draft: Draft, turns: Sequence[Turn], collections: Sequence[Collection], writing: Writing
) -> Iterator[Event]:
    """Find what each sentence of a draft rests on; then do what the collections' policy says of what was not found."""
    yield Progress(stage="checking")
    cite(draft)
    policy = policy_of(collections, draft.passages)
    draft.policy = policy
    if policy == "regenerate" and faults(draft.claims) and not draft.is_over():
        yield from _written_again(actor, draft, turns, writing)
    _replace(draft, policy)
    if draft.outcome == "finished":
        with contained("Looking for what an answer leaves out"):
            draft.unanswered = (*left_out(draft.question, _told(draft)), *rows_left_out(draft))


def _told(draft: Draft) -> Iterator[str]:
    """Yield what an answer says, and what it rests on."""
    yield from (claim.text for claim in draft.claims)
    yield from (f"{citation.title}\n{citation.quote}" for citation in draft.citations)


def cite(draft: Draft) -> None:
    """Find what each sentence of a draft rests on; the model's own citations are held against it and counted.

    Where that fails the text stands, as one statement that was not examined.
    """
    draft.claims = (Claim(text=draft.text, start=0, end=len(draft.text), verdict="not examined", score=0.0),)
    with contained("Citing an answer"):
        draft.citations, draft.claims = attach(draft.text, draft.passages, question=draft.question)
        if draft.outcome != "finished":
            draft.claims = _broken_off(draft.claims)
        found = counted(draft.markers, draft.claims, draft.citations, draft.passages)
        draft.citations_repaired, draft.citations_removed = found


def _broken_off(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """Return the statements of an answer that did not end: half a sentence has not said yet what could be missing."""
    if not claims or claims[-1].verdict == "supported" or claims[-1].text.rstrip().endswith((".", "!", "?", "|")):
        return claims
    return (*claims[:-1], replace(claims[-1], verdict="not examined", score=0.0))


def _written_again(actor: Actor, draft: Draft, turns: Sequence[Turn], writing: Writing) -> Iterator[Event]:
    """Let the model write once more; what it writes counts only where fewer statements of it are not found.

    Where the model fails meanwhile, the first answer stands.
    """
    trial = draft.trial()
    try:
        with writing() as writer:
            yield from writer.answer_again(actor, draft, trial, turns, again(faults(draft.claims)))
    except ModelError:
        return
    draft.charge(trial)
    if trial.outcome != "finished" or trial.declined or not trial.text.strip():
        return
    cite(trial)
    if len(faults(trial.claims)) < len(faults(draft.claims)):
        draft.text, draft.citations, draft.claims = trial.text, trial.citations, trial.claims
        draft.flags = [*(flag for flag in draft.flags if flag != CUT), *trial.flags, MENDED]


def _replace(draft: Draft, policy: Policy) -> None:
    """Put the nearest passages in the place of an answer that is not wholly found, where the policy says so."""
    if policy == "quote" and faults(draft.claims) and draft.outcome == "finished":
        draft.abstain(REPLACED)
