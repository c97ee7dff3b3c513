"""Many who wait at once keep nobody else waiting."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from app.answers import LOCAL_ACTOR, Answer, Question
from app.identity.tokens import TOKEN_FILE
from app.product import Product
from app.server import Server
from tests.fakes import ScriptedChat
from tests.served import ANSWER, QUESTION, learn, light_product

WAITING = 60
"""More than a server's threads are by themselves on any machine, and fewer than may wait for the model."""


def answered(product: Product) -> str:
    """Return the id of a stored answer."""
    conversation = product.history.start(LOCAL_ACTOR)
    question = Question(text=QUESTION, conversation_id=conversation.conversation_id)
    *_, answer = product.assistant().ask(LOCAL_ACTOR, question)
    assert isinstance(answer, Answer)
    return answer.answer_id


def until(true: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_sixty_double_checks_that_wait_keep_no_other_request_waiting(tmp_path: Path) -> None:
    chat = ScriptedChat(texts=[ANSWER])
    with light_product(tmp_path, chat) as product, ThreadPoolExecutor(WAITING) as crowd, Server(product) as server:
        learn(product)
        path = f"/api/answers/{answered(product)}/double-check"
        chat.gate = threading.Event()
        before = len(chat.prompts)
        token = (product.settings.home / TOKEN_FILE).read_text().strip()
        with httpx.Client(
            base_url=server.address,
            headers={"authorization": f"Bearer {token}"},
            timeout=30,
            limits=httpx.Limits(max_connections=WAITING + 1),
        ) as client:
            waiting = [crowd.submit(client.post, path, timeout=120) for _ in range(WAITING)]
            try:
                until(lambda: len(chat.prompts) >= before + WAITING)
                made = client.post("/api/collections", json={"name": "Travel"})
            finally:
                chat.gate.set()
            assert made.status_code == 201
            assert {one.result().status_code for one in waiting} == {200}
