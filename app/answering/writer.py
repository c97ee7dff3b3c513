"""Let the model write into a draft: the prompt, the stream through the output guard, the end of it.

Knows the model, the prompts and the draft; no store, no search. The variants of asking share all but their last line,
so that a second one costs the engine some forty tokens of reading.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage

from app.answering.draft import CUT, Draft
from app.answering.each_row import leaves_row_open, wording
from app.answering.widening import Beside, widened
from app.answers import Actor, Delta, Event, Progress, Turn
from app.checks.claims import examine, stands_firm
from app.citations import sources_of
from app.fencing import CountTokens
from app.guard.orders import without_orders
from app.guard.outputs import OutputGuard
from app.guard.privacy import COPY, Privacy, notices
from app.guard.withheld import Withholding
from app.prompts import (
    GENERAL_INSTRUCTIONS,
    INSTRUCTIONS,
    NOT_FOUND,
    Budget,
    answer_prompt,
    declines,
    general_prompt,
    passage_room,
)
from models.errors import ModelError
from retrieval.documents import Passage

TOLD = f"{INSTRUCTIONS}\n{GENERAL_INSTRUCTIONS}"
"""What an answer must not copy."""
ROOM = 40
"""Tokens that the chat template puts around five messages."""


class Writer:
    """The chat model with its budget; keeps nothing between answers."""

    def __init__(
        self,
        *,
        name: str,
        model: BaseChatModel,
        count_tokens: CountTokens,
        budget: Callable[[], Budget],
        temperature: float = 0.0,
        background: bool = False,
    ) -> None:
        """Write with a model.

        Args:
            name: the model's, kept with every answer.
            model: a LangChain chat model that streams.
            count_tokens: a text -> its length in the model's tokens.
            budget: returns how long a prompt and its answer may be; asked anew for each, because an engine that was
                started again after a want of memory holds less.
            temperature: 0 takes the likeliest word.
            background: whether nobody waits for what it writes.
        """
        self.name = name
        self._model = model
        self._count_tokens = count_tokens
        self._budget = budget
        self._temperature = temperature
        self._options: dict[str, Any] = {"priority": "background"} if background else {}

    def at(self, temperature: float, *, background: bool = False) -> "Writer":
        """Return the same writer at another temperature, perhaps for what nobody waits for."""
        return Writer(
            name=self.name,
            model=self._model,
            count_tokens=self._count_tokens,
            budget=self._budget,
            temperature=temperature,
            background=background,
        )

    def widened(self, draft: Draft, beside: Beside) -> tuple[Passage, ...]:
        """Return the draft's passages, grown where there is room; a table to be told row by row is whole."""
        privacy, shown = draft.privacy, partial(_shown_to_model, draft=draft)
        copy = COPY if privacy.rule == "mask" else ""  # what is added may be the first that is masked
        asked = privacy.mask(draft.wording or draft.question) + copy
        room = passage_room(asked, budget=self._budget(), count_tokens=self._count_tokens)
        sides = (beside.with_next, beside.with_previous)
        passages = beside.whole_tables(draft.passages) if leaves_row_open(draft) else draft.passages
        return widened(passages, sides, tokens=room, count_tokens=self._count_tokens, shown=shown)

    def answer(self, actor: Actor, draft: Draft, turns: Sequence[Turn], *, may_decline: bool) -> Iterator[Event]:
        """Answer from the draft's passages; afterwards `draft.declined` tells whether they do not answer.

        Args:
            actor: whose turn in the queue it is.
            draft: gets the text.
            turns: what was said before.
            may_decline: offer the model to decline. A small model takes the offer too often, so it is made only where
                the passages are no strong evidence, and a refusal is looked at again.
        """
        yield from self._write(actor, draft, self._prompt(draft, turns, may_decline=may_decline))
        if draft.declined and may_decline and not draft.must_end():
            yield from self._look_again(actor, draft, self._prompt(draft, turns, may_decline=False))

    def answer_again(
        self, actor: Actor, draft: Draft, trial: Draft, turns: Sequence[Turn], complaint: str
    ) -> Iterator[Event]:
        """Write into `trial` what the model says when it is told what is wrong with the draft; shown is only progress.

        Nothing is written where there is no room for the first answer and the complaint beside the passages.
        """
        said = [AIMessage(draft.privacy.mask(draft.text)), HumanMessage(draft.privacy.mask(complaint))]
        prompt = [*self._prompt(draft, turns, may_decline=False), *said]
        if sum(self._count_tokens(message.text) for message in prompt) > self._budget().prompt_tokens - ROOM:
            return
        for event in self._write(actor, trial, prompt):
            if isinstance(event, Progress):
                yield event

    def general_answer(self, actor: Actor, draft: Draft, turns: Sequence[Turn]) -> Iterator[Event]:
        """Answer from the model's own knowledge, marked so."""
        draft.general = True
        question, earlier = draft.privacy.mask_question(draft.question), _masked(turns, draft.privacy)
        prompt = general_prompt(question, earlier, budget=self._budget(), count_tokens=self._count_tokens)
        yield from self._write(actor, draft, prompt)

    def _look_again(self, actor: Actor, draft: Draft, prompt: list[BaseMessage]) -> Iterator[Event]:
        """Ask once more without the offer to decline; show the answer only if the passages bear it out in a value."""
        trial = draft.trial()
        for event in self._write(actor, trial, prompt):
            if isinstance(event, Progress):
                yield event
        draft.charge(trial)
        if draft.must_end() or trial.declined:
            return
        if stands_firm(examine(trial.text, sources_of(draft.passages), question=draft.question)):
            draft.declined = False
            draft.markers = trial.markers
            draft.flags += notices(trial.flags)
            draft.write(trial.text)
            yield Delta(text=trial.text)

    def _write(self, actor: Actor, draft: Draft, prompt: list[BaseMessage]) -> Iterator[Event]:
        """Let the model write, through the output guard, until it ends or has to."""
        if draft.must_end():
            return
        guard, privacy = OutputGuard(refusal=NOT_FOUND), draft.privacy
        withholding = Withholding(
            instructions=TOLD, secrets=privacy.withholds_secrets, personal=privacy.rule == "refuse"
        )
        draft.markers = guard.markers
        try:
            with closing(self._stream(actor, prompt)) as chunks:
                for chunk in chunks:
                    if draft.must_end() or guard.refused:
                        break
                    if progress := chunk.additional_kwargs.get("progress"):
                        yield Progress(**progress)
                    yield from _shown(draft, withholding.feed(privacy.unmask(guard.feed(chunk.text))))
                    _read_end(chunk, draft)
            if draft.outcome != "stopped":
                yield from _shown(draft, withholding.feed(privacy.unmask(guard.finish())) + withholding.finish())
        except ModelError:
            yield from _shown(draft, withholding.finish())
            raise
        finally:
            draft.flags += withholding.notice
        draft.declined = draft.outcome != "stopped" and (guard.refused or declines(draft.text))

    def _prompt(self, draft: Draft, turns: Sequence[Turn], *, may_decline: bool) -> list[BaseMessage]:
        """Return what the model is told."""
        privacy = draft.privacy
        passages = [_shown_to_model(passage, draft=draft) for passage in draft.passages]
        return answer_prompt(
            privacy.mask_question(draft.question),
            passages,
            _masked(turns, privacy),
            asked=privacy.mask_question(wording(draft)),
            may_decline=may_decline,
            budget=self._budget(),
            count_tokens=self._count_tokens,
        )

    def _stream(self, actor: Actor, prompt: list[BaseMessage]) -> Generator[AIMessageChunk]:
        """Start the model; closing what is returned ends decoding."""
        stream = self._model.stream(
            prompt,
            max_tokens=self._budget().answer_tokens,
            temperature=self._temperature,
            user=actor.user_id,
            **self._options,
        )
        return cast("Generator[AIMessageChunk]", stream)


def _shown(draft: Draft, text: str) -> Iterator[Event]:
    """Add a piece to the draft and show it; nothing where there is none."""
    if text:
        draft.write(text)
        yield Delta(text=text)


def _shown_to_model(passage: Passage, *, draft: Draft) -> Passage:
    """Return a passage as the model may read it."""
    return draft.privacy.mask_passage(without_orders(passage, asked=f"{draft.question} {draft.query}"))


def _masked(turns: Sequence[Turn], privacy: Privacy) -> list[Turn]:
    """Return earlier turns as the model may read them."""
    return [Turn(question=privacy.mask(turn.question), answer=privacy.mask(turn.answer)) for turn in turns]


def _read_end(chunk: AIMessageChunk, draft: Draft) -> None:
    """Take the token counts and the reason for the end from the chunk that carries them."""
    if chunk.usage_metadata:
        draft.prompt_tokens = chunk.usage_metadata["input_tokens"]
        draft.cached_tokens = chunk.usage_metadata.get("input_token_details", {}).get("cache_read", 0)
        draft.tokens = chunk.usage_metadata["output_tokens"]
    if chunk.response_metadata.get("finish_reason") == "length":
        draft.flags.append(CUT)
