"""What a page is sent of an answer while it is written."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.answers import LOCAL_ACTOR, Delta, Progress
from app.web.conversations import show
from app.web.following import follow
from app.web.running import Running, Writing

if TYPE_CHECKING:
    from app.product import Product


def test_words_that_come_while_the_page_turns_to_another_conversation_are_not_drawn_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = Running()
    writing = Writing(user_id="local", conversation_id="one", text="How many?", asked=[])
    product = cast("Product", SimpleNamespace(assistant=SimpleNamespace(ready=True)))

    def turn_away(self: Writing, *_seen: Any, **_pause: Any) -> None:
        running.show("page", "two")
        for event in (Progress(stage="writing"), Delta(text="42 desks")):
            self._take(event)

    running.show("page", "one")
    events = follow(product, running, LOCAL_ACTOR, "page", writing)
    next(events)
    monkeypatch.setattr(Writing, "wait", turn_away)
    assert list(events) == [show()]
