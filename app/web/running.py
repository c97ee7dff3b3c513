"""The answers being written for pages: each on a thread of its own, however many pages look at it.

An answer goes on while its page shows another conversation or is closed for another page, and is drawn again when
somebody comes back to it. When nobody does for a while after its page was closed, it is stopped, and stored as far as
it got.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.answers import Answer, Delta, Event, Found, Progress
from app.store.looking_back import Remembered

if TYPE_CHECKING:
    from retrieval.documents import Passage

UNSEEN_SECONDS = 180.0
"""Long enough to look something up on another page; after that the engine is there for others."""
LOOK_SECONDS = 0.25
"""How often who waits for news looks whether the page still shows them."""
CLOSE_SECONDS = 10.0
"""How long the end of the server waits for stopped answers to be stored."""

Ask = Callable[[threading.Event], Iterator[Event]]
"""A stop signal -> the events of an answer."""


class Writing:
    """An answer being written, as pages see it; read by any thread, changed by its own."""

    def __init__(self, *, user_id: str, conversation_id: str, text: str, asked: Sequence[dict[str, Any]]) -> None:
        """Belong to a question.

        Args:
            user_id: who asked.
            conversation_id: where.
            text: the question.
            asked: the messages of the conversation up to this question.
        """
        self.user_id = user_id
        self.conversation_id = conversation_id
        self.question = text
        self.asked = list(asked)
        self.stop = threading.Event()
        self.dropped = False
        """Whether its conversation is being deleted, so that nobody is told how it ended."""
        self.gone = threading.Event()
        """Set once its conversation was deleted."""
        self.text = ""
        self.progress: Progress | None = None
        self.passages: Sequence[Passage] | None = None
        self.answer: Answer | None = None
        self.error: Exception | None = None
        self.over = False
        """Whether it has ended; then either `answer` or `error` is there."""
        self.pages: set[str] = set()
        """The open pages that have shown it."""
        self.news = 0
        """Grows with everything there is to see."""
        self._changed = threading.Condition()

    def run(self, ask: Ask) -> None:
        """Take in the events until the last."""
        try:
            for event in ask(self.stop):
                self._take(event)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody looks
            self.error = error
        with self._changed:
            self.over = True
            self._changed.notify_all()

    def wait(self, seen: int, *, pause: float) -> None:
        """Let news gather for a pause, then wait a moment for some if there are none; returns at once at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self.over, pause)
            self._changed.wait_for(lambda: self.over or self.news != seen, LOOK_SECONDS)

    def retell(self, asked: Sequence[dict[str, Any]]) -> None:
        """Take in the messages up to this question anew: what is said below an earlier answer has changed."""
        with self._changed:
            self.asked = list(asked)
            self.news += 1
            self._changed.notify_all()

    def _take(self, event: Event) -> None:
        with self._changed:
            match event:
                case Answer():
                    self.answer = event
                case Found():
                    self.passages = event.passages
                case Delta():
                    self.text += event.text
                    self.progress = Progress(stage="writing")
                case Progress() if not self.text or event.stage == "checking":
                    self.progress = event  # a model that goes on after its first word is writing
            self.news += 1
            self._changed.notify_all()


class Running:
    """The answers being written, and which page shows which conversation; safe to use from several threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._writings: dict[str, tuple[Writing, threading.Thread]] = {}
        self._shown: dict[str, str | None] = {}
        self._found: dict[str, Sequence[Remembered]] = {}
        self._asking: set[str] = set()
        self._closing = False

    @contextmanager
    def asking(self, page: str, conversation_id: str | None) -> Iterator[bool]:
        """Keep a page from asking a second question until the first is being written.

        False where it may not ask, because an answer is being written there: Enter was pressed twice.
        """
        with self._lock:
            here = (self._writings.get(key or "") for key in (conversation_id, self._shown.get(page)))
            may = page not in self._asking and all(found is None or found[0].over for found in here)
            if may:
                self._asking.add(page)
        try:
            yield may
        finally:
            if may:
                with self._lock:
                    self._asking.discard(page)

    def write(self, page: str, writing: Writing, ask: Ask) -> None:
        """Begin to write an answer, which the page shows."""
        key = writing.conversation_id
        thread = threading.Thread(target=self._run, args=(writing, ask), name="answering", daemon=True)
        with self._lock:
            self._shown[page] = key
            writing.pages.add(page)
            self._writings[key] = (writing, thread)
            if self._closing:
                writing.stop.set()
        thread.start()

    def show(self, page: str, conversation_id: str | None) -> Writing | None:
        """Note which conversation a page shows; returns the answer being written there, if one is."""
        with self._lock:
            self._shown[page] = conversation_id
            writing, _ = self._writings.get(conversation_id or "", (None, None))
            if writing:
                writing.pages.add(page)
            return writing

    def shows(self, page: str, writing: Writing) -> bool:
        """Whether a page shows the conversation of this answer."""
        with self._lock:
            return self._shown.get(page) == writing.conversation_id and not writing.dropped

    def shown(self, page: str) -> str | None:
        """Return the conversation that a page shows; None for an empty one."""
        with self._lock:
            return self._shown.get(page)

    def keep_found(self, page: str, found: Sequence[Remembered] | None) -> None:
        """Remember what a search of conversations found, which the page lists until the next; None: it lists all."""
        with self._lock:
            self._found.pop(page, None)
            if found is not None:
                self._found[page] = found

    def found(self, page: str) -> Sequence[Remembered] | None:
        """Return what the page's search of conversations found; None where it lists all of them."""
        with self._lock:
            return self._found.get(page)

    def rests(self, page: str, conversation_id: str) -> bool:
        """Whether a page shows this conversation, and nothing is being written there."""
        writing = self.written(conversation_id)
        with self._lock:
            return self._shown.get(page) == conversation_id and writing is None

    def written(self, conversation_id: str) -> Writing | None:
        """Return the answer that is being written in a conversation."""
        with self._lock:
            writing, _ = self._writings.get(conversation_id, (None, None))
            return None if writing is None or writing.over else writing

    def unseen(self, user_id: str) -> str | None:
        """Return the conversation of the person's newest answer that is being written and that no page shows."""
        with self._lock:
            shown = set(self._shown.values())
            mine = [key for key, (writing, _) in self._writings.items() if writing.user_id == user_id]
            return next((key for key in reversed(mine) if key not in shown), None)

    def stop(self, page: str) -> None:
        """Stop the answer that a page shows."""
        with self._lock:
            found = self._writings.get(self._shown.get(page) or "")
        if found:
            found[0].stop.set()

    def leave(self, page: str) -> None:
        """Note that a page was closed: what was written for it alone has a while to be come back to."""
        with self._lock:
            self._shown.pop(page, None)
            self._found.pop(page, None)
            left = [writing for writing, _ in self._writings.values() if page in writing.pages]
            for writing in left:
                writing.pages.discard(page)
        for writing in left:
            timer = threading.Timer(UNSEEN_SECONDS, self._stop_unseen, (writing,))
            timer.daemon = True
            timer.start()

    @contextmanager
    def dropping(self, conversation_id: str) -> Iterator[None]:
        """Stop the answer in a conversation that is deleted meanwhile."""
        with self._lock:
            writing, _ = self._writings.get(conversation_id, (None, None))
        if writing:
            writing.dropped = True
            writing.stop.set()
        try:
            yield
        finally:
            if writing:
                writing.gone.set()

    def close(self) -> None:
        """Stop every answer, and every one that would begin after this; returns when they are stored."""
        with self._lock:
            self._closing = True
            writings = list(self._writings.values())
        for writing, _ in writings:
            writing.stop.set()
        end = time.monotonic() + CLOSE_SECONDS
        for _, thread in writings:
            thread.join(max(0.0, end - time.monotonic()))

    @property
    def count(self) -> int:
        """How many answers are being written."""
        with self._lock:
            return len(self._writings)

    def _run(self, writing: Writing, ask: Ask) -> None:
        writing.run(ask)
        with self._lock:
            found, _ = self._writings.get(writing.conversation_id, (None, None))
            if found is writing:  # its end was seen before this: the next question may have been asked since
                del self._writings[writing.conversation_id]

    def _stop_unseen(self, writing: Writing) -> None:
        with self._lock:
            if not writing.pages:
                writing.stop.set()
