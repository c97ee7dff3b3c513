"""The first token of a follow-up turn, which reads only what is new, against the cold turn's, which reads everything.

A conversation through the model's own chat template: a long first question of random words, the model's answer, a
short second question. The cold turn is the first question of a conversation the engine has never seen. Ratios are of
medians, wall and CPU.
`python -m bench.turns [--model small] [--rounds 3] [--prompt 600] [--json]` (one minute on two cores).
"""

import argparse
import random
import statistics
import time
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from app.settings import Settings
from bench.engine import WORDS
from bench.results import shown
from models.chat import LocalChat
from models.engine import Engine
from models.generation import Finished, Text
from models.loading import start_here
from models.plan import Wish
from models.weights import find

ANSWER_TOKENS = 24
FOLLOW_UP = "And what else can you tell about that house?"


@dataclass(frozen=True)
class Turn:
    """One answer and what its first token took."""

    wall: float
    cpu: float
    text: str
    cached: float
    """Share of the prompt that needed no reading."""


def answer(chat: LocalChat, messages: list[BaseMessage]) -> Turn:
    """Answer, and note what the first token took."""
    prompt = chat.prompt_tokens(messages)
    started, computed = time.perf_counter(), time.process_time()
    times, text, cached = (0.0, 0.0), "", 0
    for event in chat.engine.submit(prompt, max_tokens=ANSWER_TOKENS):
        if isinstance(event, Text):
            times = times if text else (time.perf_counter() - started, time.process_time() - computed)
            text += event.text
        if isinstance(event, Finished):
            cached = event.cached_tokens
    assert text, "an answer without text"
    return Turn(*times, text, cached / len(prompt))


def measure(engine: Engine, rounds: int, length: int) -> list[dict[str, Any]]:
    """Return the median seconds of cold and follow-up turns, with their ratio."""
    chance = random.Random(7)  # noqa: S311 - the same conversations every time
    chat, cold, warm = LocalChat(engine=engine), [], []
    for _ in range(rounds):
        words = " ".join(chance.choices(WORDS, k=length * 4 // 5))
        messages: list[BaseMessage] = [HumanMessage(f"{words}. Tell a story about this house.")]
        cold.append(answer(chat, messages))
        warm.append(answer(chat, [*messages, AIMessage(cold[-1].text), HumanMessage(FOLLOW_UP)]))
    lines: list[dict[str, Any]] = []
    for unit in ("wall", "cpu"):
        slow, quick = (statistics.median(getattr(turn, unit) for turn in turns) for turns in (cold, warm))
        lines.append({"name": unit, "cold": slow, "follow_up": quick, "ratio": quick / slow})
    share = statistics.median(turn.cached for turn in warm)
    return [*lines, {"name": "share of the follow-up's prompt not read again", "ratio": share}]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", type=int, default=600)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    path = find(arguments.model, directory=Settings().weights)
    engine = start_here(path, Wish(context_tokens=arguments.prompt + 256, slots=2))
    lines = measure(engine, arguments.rounds, arguments.prompt)
    engine.close()
    for line in shown(lines, model=arguments.model, as_json=arguments.json)[:2]:
        print(f"{line['name']}: cold {line['cold']:.2f} s, follow-up {line['follow_up']:.2f} s, {line['ratio']:.3f}x")
    print(f"{lines[2]['name']}: {lines[2]['ratio']:.3f}")


if __name__ == "__main__":
    main()
