"""What a page is sent of an answer while it is written."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from app.answers import LOCAL_ACTOR, Delta, Progress, Question
from app.web.asking import write
from app.web.conversations import show
from app.web.following import follow
from app.web.running import Running, Writing
from tests.fakes import ScriptedChat
from tests.served import ANSWER, QUESTION, learn, light_product

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
    assert all(piece == show() for piece in events)


def test_the_last_piece_of_an_answer_changes_nothing_for_it_is_sent_once_more(tmp_path: Path) -> None:
    with light_product(tmp_path, ScriptedChat(texts=[ANSWER])) as product:
        learn(product)
        running, key = Running(), product.history.start(LOCAL_ACTOR, collection_ids=()).conversation_id
        writing = Writing(user_id=LOCAL_ACTOR.user_id, conversation_id=key, text=QUESTION, asked=[])
        running.write(
            "page", writing, partial(write, product, LOCAL_ACTOR, Question(text=QUESTION, conversation_id=key))
        )
        *_, whole, last = follow(product, running, LOCAL_ACTOR, "page", writing)
    assert whole != show()
    assert last == show()
