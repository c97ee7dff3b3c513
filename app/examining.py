"""The second tier behind answers that are stored: a model judges what words left open, while nobody waits for it.

One thread for all answers, one after the other, each for so many seconds after it was stored, and all at a cost tied
to their own. What comes of a statement is kept at once. Whatever fails or is late leaves what was found before.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from app.answers import Actor, Answer, Citation, Claim
from app.checks.claims import Examined, examine
from app.checks.judging import Revision, unsure
from app.citations import judged, sources_of
from app.errors import AppError, explain
from app.one_by_one import OneByOne
from app.second_tier import ANSWER_SECONDS, Checks, Purse, SecondTier, cost_of, second_tier
from app.store.verdicts import with_claim
from models.errors import ModelError

if TYPE_CHECKING:
    from app.chat_model.serving import Serving, Voice
    from retrieval.documents import Passage

MOST_WAITING = 50
"""More answers than this wait for no model: their seconds would be over before their turn."""
LOOK_SECONDS = 0.25
"""How often who waits for news looks whether the page still shows them."""


class Verdicts(Protocol):
    """What is needed of the store."""

    def there(self, actor: Actor, answer_id: str, /) -> bool:
        """Whether an answer of the actor is still stored."""

    def revise(self, actor: Actor, answer_id: str, claim: Claim, citations: Sequence[Citation], /) -> Answer:
        """Put what is now found about a statement into its stored answer; returns the answer."""


NOBODY = Actor(user_id="", name="")
"""Whose answers are not stored."""


class Examination:
    """The second look at one answer; read by any thread, changed by the one that examines."""

    def __init__(self, actor: Actor, answer: Answer, passages: Sequence["Passage"], *, end: float) -> None:
        """Hold what the first tier found, anew: only its verdicts were kept, not what they came from."""
        self.actor = actor
        self.answer = answer
        self.passages = passages
        self.sources = sources_of(passages)
        self.examined: list[Examined] = examine(answer.text, self.sources, question=answer.question)
        self.end = end
        """When its time is over, on the monotonic clock."""
        self.waiting = len(unsure(self.examined)) if self._same() else 0
        """Of how many statements it is not known yet what became of them."""
        self.news = 0
        """Grows with every statement that is no longer to be judged."""
        self._changed = threading.Condition()

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return not self.waiting

    @property
    def left(self) -> int:
        """How many statements are still to be judged: none when its time is over, whatever still holds a model up."""
        return self.waiting if time.monotonic() < self.end else 0

    def wait(self, seen: int) -> None:
        """Wait a moment for news; returns at once where there are some."""
        with self._changed:
            self._changed.wait_for(lambda: self.over or self.news != seen, LOOK_SECONDS)

    def tell(self, answer: Answer | None = None, *, waiting: int) -> None:
        """Take in what became of a statement; so many still wait for that."""
        with self._changed:
            self.answer = answer or self.answer
            self.waiting = waiting
            self.news += 1
            self._changed.notify_all()

    def claim(self, revision: Revision) -> tuple[Claim, tuple[Citation, ...]]:
        """Return a statement as it was judged, and the citations of the answer with it."""
        claim = self.answer.claims[revision.place]
        return judged(claim, revision, self.answer.citations, self.passages)

    def _same(self) -> bool:
        """Whether the statements are those of the answer: a newer Inhouse may part sentences otherwise."""
        ours = [(one.sentence.start, one.sentence.end) for one in self.examined]
        return ours == [(claim.start, claim.end) for claim in self.answer.claims]


class Examining:
    """The answers a model looks at, or is to; every method may be called from any thread."""

    def __init__(  # noqa: PLR0913 - what judges, for how long, at whose cost
        self,
        serving: "Serving",
        verdicts: Verdicts,
        *,
        seconds: float,
        checker: Checks | None = None,
        background: "Serving | None" = None,
        paid: bool = True,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> None:
        """Examine with the model that answers, or with what is given for it; no thread runs before the first answer.

        Args:
            serving: the model.
            verdicts: of the answers that are stored.
            seconds: how long after an answer was stored its statements may be judged; 0: never.
            checker: makes what judges in place of the model; loaded when it is first needed.
            background: a model that is held to judge, in place of the one that answers; loaded likewise.
            paid: whether a model may cost no more than a share of what answers cost; not where that is unknown.
            tell: gets a sentence when what judges cannot be used.
        """
        self._serving = serving
        self._judging = background or serving
        self._checker = checker
        self._verdicts = verdicts
        self._seconds = seconds
        self._tell = tell
        self._told = ""
        self._line = OneByOne(self._done, name="examining answers with a model", most=MOST_WAITING)
        self._purse = Purse() if paid and checker is None else None

    def begin(self, actor: Actor, answer: Answer, passages: Sequence["Passage"]) -> None:
        """Examine an answer that is stored, as soon as it is its turn; returns at once."""
        if not self._seconds or not examinable(answer, passages):
            return
        if self._purse and (voice := self._serving.voice):
            self._purse.earn(cost_of(answer.timings, voice))
        one = Examination(actor, answer, passages, end=time.monotonic() + self._seconds)
        if not one.over:
            self._line.add(one)

    def of(self, answer_id: str) -> Examination | None:
        """Return the examination of an answer that is not over."""
        return next((one for one in self._line.known() if one.answer.answer_id == answer_id and not one.over), None)

    def left(self, answer_id: str) -> int:
        """Return how many statements of an answer are still to be judged."""
        one = self.of(answer_id)
        return one.left if one else 0

    def examined(self, answer: Answer, passages: Sequence["Passage"], *, stop: threading.Event) -> Answer:
        """Return an answer, stored or not, with what a model found about it; waits for that until `stop` is set."""
        if running := self.of(answer.answer_id):
            while not (running.over or stop.is_set()):
                running.wait(running.news)
            return running.answer
        seconds = self._seconds or ANSWER_SECONDS
        one = Examination(NOBODY, answer, passages, end=time.monotonic() + seconds)
        if examinable(answer, passages) and not one.over:
            with self._standing(), self.hold() as voice:
                tier = self.tier(voice, seconds=seconds, unwanted=lambda: self._line.closing or stop.is_set())
                for revision in tier.look(one.examined, one.sources):
                    if revision.probability is not None:
                        one.answer = with_claim(one.answer, *one.claim(revision))
        return one.answer

    def hold(self, *, awaited: bool = True) -> AbstractContextManager["Voice"]:
        """Load the model that judges, and keep it within the block; `awaited`: somebody waits meanwhile."""
        return self._judging.hold(awaited=awaited)

    def tier(self, voice: "Voice", **options: Any) -> SecondTier:
        """Return what judges with a loaded model, with the options of `second_tier`."""
        answers = self._serving.voice
        pace = voice.engine.speed.read / answers.engine.speed.read if self._purse and answers else 1.0
        return second_tier(voice, checker=self._checker, pace=pace, **options)

    def close(self) -> None:
        """End the examination that runs, and every one that waits; their answers stay as they are."""
        self._line.close()
        for one in self._line.known():
            one.tell(waiting=0)

    def _done(self, one: Examination) -> None:
        """Examine an answer; whatever comes of it, nothing more will."""
        try:
            with self._standing():
                self._examine(one)
        finally:
            one.tell(waiting=0)

    @contextmanager
    def _standing(self) -> Iterator[None]:
        """Let an answer stand whatever keeps the model from judging, and tell that once, until it is another thing."""
        try:
            yield
        except ModelError as error:
            sentence = f"No model examines the statements of answers. {explain(error)}"
            if sentence != self._told and not self._line.closing:
                self._told = sentence
                self._tell(sentence)

    def _examine(self, one: Examination) -> None:
        """Let the model judge, statement by statement, and keep what comes of each."""
        if time.monotonic() >= one.end or not self._serving.ready:
            return  # nobody asks any more: no model is loaded for this
        with self.hold(awaited=False) as voice:

            def unwanted() -> bool:
                gone = self._line.closing or self._judging.voice is not voice
                return gone or not self._verdicts.there(one.actor, one.answer.answer_id)

            seconds = max(one.end - time.monotonic(), 0.0)
            tier = self.tier(voice, seconds=seconds, purse=self._purse, unwanted=unwanted)
            for revision in tier.look(one.examined, one.sources):
                revised = None if revision.probability is None else self._kept(one, revision)
                one.tell(revised, waiting=one.waiting - 1)

    def _kept(self, one: Examination, revision: Revision) -> Answer | None:
        """Revise the stored answer; None where it is gone by now."""
        try:
            return self._verdicts.revise(one.actor, one.answer.answer_id, *one.claim(revision))
        except AppError:
            return None


def examinable(answer: Answer, passages: Sequence["Passage"]) -> bool:
    """Whether an answer is a whole one, written from passages."""
    return answer.outcome == "finished" and not answer.general and bool(passages)
