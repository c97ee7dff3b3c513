"""The life of a question (`Assistant.ask`) and of a document (`Assistant.learn`), step by step.

Knows the order of the steps, not how any is done: the model, the search and the stores are given. Knows no page and
no settings. There is one implementation; who wants no stream drains it.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from app.answering.draft import STOPPED, Draft
from app.answering.mending import examined
from app.answering.queries import standalone
from app.answering.widening import Beside
from app.answering.writer import Writer
from app.answers import Actor, Answer, Collection, Conflict, EarlierAnswer, Event, Found, Progress, Question, Turn
from app.checks.clarity import ask_back
from app.checks.evidence import ENOUGH, STRONG, chance, evidence
from app.errors import AppError, contained, explain, status_of
from app.guard.inputs import clean_question
from app.guard.privacy import Privacy, Rule
from app.rights import Right, require
from models.errors import ModelError
from retrieval.documents import Passage
from retrieval.errors import RetrievalError

CLIENT_ERRORS = range(400, 500)
NAMED_COLLECTIONS = 3
"""More than so many are counted instead of named when none of them answers."""


class UnknownCollectionsError(AppError):
    """There is no such collection among those you may read. Choose one of the list."""

    status = 404


class StoredTurn(Protocol):
    """An earlier turn, as the history gives it."""

    @property
    def question(self) -> str:
        """What was asked."""

    @property
    def answer(self) -> Answer | None:
        """What was answered; None where nothing was."""


class Turns(Protocol):
    """What the assistant needs of the history."""

    def turns(self, actor: Actor, conversation_id: str, /) -> Sequence[StoredTurn]:
        """Return the actor's turns of a conversation, oldest first."""

    def begin_turn(self, actor: Actor, conversation_id: str, question: str, /) -> str:
        """Store a question as unfinished; return the turn's id, which is also the id of its answer."""

    def save_partial(self, actor: Actor, turn_id: str, text: str, /) -> None:
        """Keep what is written so far, in case the process ends."""

    def finish_turn(self, actor: Actor, turn_id: str, answer: Answer, /, *, passages: Sequence[Passage]) -> None:
        """Store the answer of a turn and what it was written from, in one transaction."""


class Model(Protocol):
    """What the assistant needs of the model that answers, whichever that is at the time."""

    @property
    def name(self) -> str:
        """Kept with an answer that needed no model."""

    def waking(self) -> Iterator[None]:
        """Yield for as long as the model is being loaded."""

    def writing(self) -> AbstractContextManager[Writer]:
        """Hold the model for as long as it writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What an answer may cost and rest on."""

    passages: int = 5
    question_characters: int = 4000
    answer_seconds: float = 300.0
    general_answers: bool = False
    personal_data: Rule = "allow"
    """What follows from personal data."""
    withhold_secrets: bool = True


class Assistant:
    """Answers questions from documents. One serves every person, any number of questions at once."""

    def __init__(  # noqa: PLR0913 - each is a part of its own
        self,
        *,
        model: Model,
        search: Callable[..., Sequence[Passage]],
        collections: Callable[[Actor], Sequence[Collection]],
        history: Turns,
        ingest: Callable[..., Iterator[Any]],
        rules: Rules,
        beside: Beside | None = None,
        earlier: Callable[..., tuple[EarlierAnswer, ...]] = lambda *_told, **_readable: (),
        differing: Callable[..., tuple[Conflict, ...]] = lambda _collections, **_draft: (),
        stored: Sequence[Callable[[Actor, Answer, Sequence[Passage]], None]] = (),
    ) -> None:
        """Hold the parts; nothing is loaded or opened.

        Args:
            model: what writes.
            search: `(query, *, collection_ids, k)` -> passages, best first.
            collections: an actor -> the collections it may read.
            history: keeps conversations.
            ingest: `(sources, *, collection_id, sync)` -> the events of learning documents, last a report.
            rules: what an answer may cost and rest on.
            beside: knows what passages grow by before the model reads them; None: they stay as they were found.
            earlier: `(actor, conversation_id, answer, *, readable)` -> what the actor was told otherwise before.
            differing: `(collections, *, passages, citations, claims)` -> what other documents say differently.
            stored: are told of every answer that was stored, with its passages; each returns at once.
        """
        self._model = model
        self._search = search
        self._collections = collections
        self._history = history
        self._ingest = ingest
        self._rules = rules
        self._beside = beside
        self._differing = differing
        self._earlier = earlier
        self._stored = stored

    def ask(self, actor: Actor, question: Question, *, stop: threading.Event | None = None) -> Iterator[Event]:
        """Answer a question: yield progress, the passages found, pieces of text and, last, one Answer.

        Closing the iterator, setting `stop` or the deadline ends decoding; what was written is stored as unfinished.
        A model that fails gives an Answer with outcome "failed" and the reason in `flags`; only what the asker can
        mend (status 4xx) is raised.
        """
        text = clean_question(question.text, longest=self._rules.question_characters)
        require(actor, Right.ASK)
        privacy = Privacy(rule=self._rules.personal_data, withholds_secrets=self._rules.withhold_secrets)
        noticed = privacy.admit(text)
        collections = self._readable(actor, question.collection_ids)
        turns = self._turns(actor, question)
        draft = self._draft(text, standalone(text, turns), stop)
        draft.privacy, draft.flags = privacy, noticed
        with self._kept(actor, question.conversation_id, draft):
            yield Progress(stage="searching")
            draft.found(self._find(draft.query, collections))
            yield Found(passages=draft.passages)
            unclear = ask_back(text, draft.query, turns, draft.passages)
            draft.chance = chance(evidence(draft.query, draft.passages))
            if unclear is not None:
                draft.ask_back(unclear)
            else:
                draft.declined = draft.chance < ENOUGH
                yield from self._write(actor, draft, turns, may_decline=draft.chance < STRONG)
            if draft.declined:
                draft.abstain(_nothing_in(collections, passages=draft.passages))
            elif unclear is None and not draft.general:
                draft.flags += privacy.of_answer(draft.text)
                yield from examined(actor, draft, turns, collections, self._model.writing)
                with contained("Looking for sources that differ"):
                    draft.conflicts = self._conflicts(collections, draft)
                with contained("Looking at earlier answers"):
                    draft.earlier = self._told_before(actor, question.conversation_id, draft)
        yield draft.answer()

    def learn(self, actor: Actor, sources: Sequence[Any], *, collection_id: str, sync: bool = False) -> Iterator[Any]:
        """Learn documents: yield progress and, last, a report. The steps are in `retrieval.ingest`.

        Known bytes are passed over, a killed run resumes, a document that cannot be read is reported, not raised.

        Args:
            actor: who loads them.
            sources: what `retrieval.sources.collect` found.
            collection_id: where they go.
            sync: also remove documents of the collection that are not among the sources.
        """
        self._readable(actor, (collection_id,))
        yield from self._ingest(sources, collection_id=collection_id, sync=sync)

    def _write(self, actor: Actor, draft: Draft, turns: Sequence[Turn], *, may_decline: bool) -> Iterator[Event]:
        """Let the model write that answers now; it is held until it has, whatever is chosen meanwhile."""
        if draft.declined and not self._rules.general_answers:
            return
        for _ in self._model.waking():
            yield Progress(stage="loading")
            if draft.must_end():
                return
        with self._model.writing() as writer:
            draft.model = writer.name
            if not draft.declined:
                yield from self._widened(writer, draft)
                yield from writer.answer(actor, draft, turns, may_decline=may_decline)
            if draft.declined and self._rules.general_answers:
                yield from writer.general_answer(actor, draft, turns)

    def _widened(self, writer: Writer, draft: Draft) -> Iterator[Event]:
        """Add what stands beside the passages where the prompt has room, and say what the answer will rest on then."""
        if self._beside is None:
            return
        found, draft.passages = draft.passages, writer.widened(draft, self._beside)
        if draft.passages != found:
            yield Found(passages=draft.passages)

    def _readable(self, actor: Actor, wanted: Sequence[str]) -> list[Collection]:
        """Return the wanted collections, or all the actor may read when none is named."""
        readable = list(self._collections(actor))
        if not set(wanted) <= {collection.collection_id for collection in readable}:
            raise UnknownCollectionsError
        return [collection for collection in readable if not wanted or collection.collection_id in wanted]

    def _turns(self, actor: Actor, question: Question) -> list[Turn]:
        """Return what was said before, oldest first; an answer that is no model text is left empty."""
        if question.conversation_id is None:
            return list(question.history)
        stored = self._history.turns(actor, question.conversation_id)
        return [Turn(question=turn.question, answer=_said(turn.answer)) for turn in stored]

    def _draft(self, text: str, query: str, stop: threading.Event | None) -> Draft:
        """Begin an answer; its time runs from now."""
        return Draft(question=text, query=query, model=self._model.name, seconds=self._rules.answer_seconds, stop=stop)

    @contextmanager
    def _kept(self, actor: Actor, conversation_id: str | None, draft: Draft) -> Generator[None]:
        """Store the question at once and, whatever happens, what became of it."""
        if conversation_id is not None:
            draft.answer_id = self._history.begin_turn(actor, conversation_id, draft.question)
            draft.save = partial(self._history.save_partial, actor, draft.answer_id)
        try:
            yield
        except GeneratorExit:
            draft.end("stopped", STOPPED)
            raise
        except (AppError, ModelError, RetrievalError) as error:
            draft.end("failed", explain(error))
            if status_of(error) in CLIENT_ERRORS and not draft.text:
                raise
        except BaseException as error:
            draft.end("failed", explain(error))
            raise
        finally:
            if conversation_id is not None:
                answer = draft.answer()
                self._history.finish_turn(actor, draft.answer_id, answer, passages=draft.passages)
                for tell in self._stored:
                    with contained("Having an answer examined"):
                        tell(actor, answer, draft.passages)

    def _conflicts(self, collections: Sequence[Collection], draft: Draft) -> tuple[Conflict, ...]:
        """Return what other documents say differently from what the draft rests on."""
        return self._differing(collections, passages=draft.passages, citations=draft.citations, claims=draft.claims)

    def _told_before(self, actor: Actor, conversation_id: str | None, draft: Draft) -> tuple[EarlierAnswer, ...]:
        """Return what the actor was told otherwise before, or is verified to be otherwise."""
        if draft.outcome != "finished":
            return ()
        readable = {one.collection_id for one in self._collections(actor)}
        return self._earlier(actor, conversation_id, draft.answer(), passages=draft.passages, readable=readable)

    def _find(self, query: str, collections: Sequence[Collection]) -> Sequence[Passage]:
        """Search the collections."""
        ids = tuple(collection.collection_id for collection in collections)
        return self._search(query, collection_ids=ids, k=self._rules.passages) if ids else ()


def _said(answer: Answer | None) -> str:
    """Return what was said, "" where the model declined or was cut off."""
    return answer.text if answer is not None and answer.outcome in {"finished", "asked"} else ""


def _nothing_in(collections: Sequence[Collection], *, passages: Sequence[Passage]) -> str:
    """Return the sentence that says that these collections do not answer, in which these passages were found."""
    if not collections:
        return "There is no collection to search yet. Load documents on the knowledge page."
    names = ", ".join(f"“{collection.name}”" for collection in collections)
    if len(collections) > NAMED_COLLECTIONS:
        names = f"the {len(collections)} collections searched"
    if not passages:
        return f"Nothing was found in {names}. If it holds no documents yet: they are loaded on the knowledge page."
    return f"No document in {names} answers this question."
