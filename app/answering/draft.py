"""An answer in the making: what is known of it so far, and the moment it has to end.

Knows no model, no search and no store; `Assistant` fills it, `answer()` freezes it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import uuid4

from app.answers import Answer, Citation, Claim, Conflict, EarlierAnswer, Outcome, Policy, Timings
from app.checks.clarity import Unclear
from app.guard.privacy import Privacy
from app.markers import Marker
from app.prompts import PROMPT_VERSION
from retrieval.documents import Passage

STOPPED = "Stopped before the answer was finished."
OUT_OF_TIME = "Ended because the answer took too long; it is not finished."
CUT = "The answer reached its greatest length and may not be finished."

SECONDS_BETWEEN_SAVES = 1.0
"""What a killed process may lose; a save costs about a millisecond."""


def _milliseconds(since: float) -> float:
    return round((time.monotonic() - since) * 1000, 1)


@dataclass(slots=True, kw_only=True)
class Draft:
    """Everything of an `Answer`, still changing."""

    question: str
    query: str
    model: str
    seconds: float
    """How long the answer may take."""
    stop: threading.Event | None = None
    wording: str = ""
    """How the model is asked the question, where it is not as it stands; the passages are cut for the question."""
    answer_id: str = field(default_factory=lambda: uuid4().hex)
    text: str = ""
    passages: tuple[Passage, ...] = ()
    citations: tuple[Citation, ...] = ()
    claims: tuple[Claim, ...] = ()
    unanswered: tuple[str, ...] = ()
    policy: Policy = "show"
    markers: list[Marker] = field(default_factory=list)
    """The model's own citations, which are not in the text."""
    citations_repaired: int = 0
    citations_removed: int = 0
    conflicts: tuple[Conflict, ...] = ()
    earlier: tuple[EarlierAnswer, ...] = ()
    outcome: Outcome = "finished"
    choices: tuple[str, ...] = ()
    chance: float | None = None
    general: bool = False
    privacy: Privacy = field(default_factory=Privacy)
    """What follows from personal data in it."""
    flags: list[str] = field(default_factory=list)
    declined: bool = False
    """Whether the passages, or the model having read them, do not answer."""
    begun: float = field(default_factory=time.monotonic)
    retrieve_ms: float = 0.0
    first_token_ms: float | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    tokens: int = 0
    save: Callable[[str], None] | None = None
    """Keeps the text so far, in case the process ends; None where nothing is kept."""
    saved: float = field(default_factory=time.monotonic)

    def found(self, passages: Sequence[Passage]) -> None:
        """Keep what the search gave."""
        self.passages = tuple(passages)
        self.retrieve_ms = _milliseconds(self.begun)

    def trial(self) -> "Draft":
        """Return an empty draft of the same question that has to end when this one has, and keeps nothing."""
        empty = replace(self, text="", flags=[], markers=[], save=None, declined=False)
        empty.prompt_tokens = empty.cached_tokens = empty.tokens = 0
        return empty

    def charge(self, trial: "Draft") -> None:
        """Count what a trial cost as this draft's own cost."""
        self.prompt_tokens += trial.prompt_tokens
        self.cached_tokens += trial.cached_tokens
        self.tokens += trial.tokens

    def write(self, text: str) -> None:
        """Add the next piece of text."""
        if self.first_token_ms is None:
            self.first_token_ms = _milliseconds(self.begun)
        self.text += text
        if self.save is not None and time.monotonic() - self.saved > SECONDS_BETWEEN_SAVES:
            self.save(self.text)
            self.saved = time.monotonic()

    def must_end(self) -> bool:
        """Whether somebody stopped the answer or its time is over; then the draft is marked as stopped."""
        if self.is_over():
            self.end("stopped", OUT_OF_TIME if self.stop is None or not self.stop.is_set() else STOPPED)
        return self.outcome == "stopped"

    def is_over(self) -> bool:
        """Whether somebody stopped the answer or its time is over; a text that is finished stays finished."""
        stopped = self.stop is not None and self.stop.is_set()
        return stopped or time.monotonic() - self.begun > self.seconds

    def end(self, outcome: Outcome, flag: str) -> None:
        """Record how the answer ended, and the sentence that says why."""
        self.outcome = outcome
        if flag not in self.flags:
            self.flags.append(flag)

    def abstain(self, sentence: str) -> None:
        """Say that the documents do not answer; the nearest passages are shown instead."""
        self.text, self.citations, self.claims = sentence, (), ()
        self.outcome, self.general = "abstained", False

    def ask_back(self, unclear: Unclear) -> None:
        """Ask which of several things is meant; the nearest passages are shown meanwhile."""
        self.text, self.choices, self.outcome = unclear.sentence, unclear.choices, "asked"

    def answer(self) -> Answer:
        """Return the answer as it stands now."""
        return Answer(
            answer_id=self.answer_id,
            question=self.question,
            query=self.query,
            text=self.text.rstrip(),
            citations=self.citations,
            claims=self.claims,
            unanswered=self.unanswered,
            policy=self.policy,
            citations_repaired=self.citations_repaired,
            citations_removed=self.citations_removed,
            conflicts=self.conflicts,
            earlier=self.earlier,
            nearest=self.passages if self.outcome in {"abstained", "asked"} else (),
            outcome=self.outcome,
            choices=self.choices,
            chance=self.chance,
            general=self.general,
            flags=tuple(self.flags),
            model=self.model,
            prompt_version=PROMPT_VERSION,
            timings=Timings(
                retrieve_ms=self.retrieve_ms,
                first_token_ms=self.first_token_ms,
                total_ms=_milliseconds(self.begun),
                prompt_tokens=self.prompt_tokens,
                cached_tokens=self.cached_tokens,
                tokens=self.tokens,
            ),
        )
