"""What prompt lookup is worth: the same answers with and without it, one after the other, in tokens per CPU second.

Quoting answers repeat a passage of the demonstration handbook, those of the product answer a question about one, free
ones have nothing to repeat. Each prompt is read before it is measured, so that the figures are of writing alone. The
texts differ now and then (the size of a batch changes rounding); both ways write the same number of tokens at most.
`python -m bench.lookup [--model small] [--rounds 2] [--tokens 96] [--json]` (4 minutes on two cores).
"""

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from app.prompts import INSTRUCTIONS
from app.settings import Settings
from bench.results import shown
from models.chat import LocalChat
from models.engine import Engine
from models.generation import Finished
from models.loading import start_here
from models.plan import Wish
from models.weights import find

HANDBOOK = Path(__file__).resolve().parents[1] / "assets" / "demo" / "handbook"
PASSAGE = 1500
"""Characters, some 350 tokens."""
QUOTE = "You quote documents word for word."
ASKED = ["What must staff do?", "Which numbers, dates or names does the passage give?", "Who is responsible, for what?"]
FREE = [
    "Write a short story about a lighthouse keeper and a cat.",
    "Explain to a child why the sky is blue.",
    "Write a polite letter that asks a supplier for a later delivery.",
]
KINDS = {"quoting": "at least 1.4", "product": "at least 1.0", "free": "at least 1.0"}


def conversations() -> dict[str, list[list[BaseMessage]]]:
    """Return the prompts of each kind."""
    passages = [path.read_text(encoding="utf-8")[:PASSAGE] for path in sorted(HANDBOOK.glob("*.md"))[:3]]
    fenced = [f"<passage>\n{passage}\n</passage>\n\n" for passage in passages]
    quoting = "Quote the first two sections of the passage word for word, in full."
    return {
        "quoting": [[SystemMessage(QUOTE), HumanMessage(passage + quoting)] for passage in fenced],
        "product": [
            [SystemMessage(INSTRUCTIONS), HumanMessage(passage + question)]
            for passage, question in zip(fenced, ASKED, strict=True)
        ],
        "free": [[SystemMessage("You are a helpful assistant."), HumanMessage(question)] for question in FREE],
    }


def write(engine: Engine, prompt: list[int], tokens: int) -> float:
    """Answer once and return how many tokens were written in a CPU second."""
    started = time.process_time()
    *_, last = engine.submit(prompt, max_tokens=tokens)
    assert isinstance(last, Finished)
    return (last.completion_tokens + 1) / (time.process_time() - started)


def ratios(engine: Engine, prompt: list[int], rounds: int, tokens: int) -> list[float]:
    """Return, of each round, how much faster the answer was with prompt lookup than without."""
    list(engine.submit(prompt, max_tokens=1))
    found = []
    for number in range(rounds):
        speed = {}
        for lookup in (False, True) if number % 2 else (True, False):
            engine.use_lookup(lookup)
            speed[lookup] = write(engine, prompt, tokens)
        found.append(speed[True] / speed[False])
    return found


def measure(engine: Engine, rounds: int, tokens: int) -> list[dict[str, Any]]:
    """Return the median ratio of each kind, with what was guessed and how much of it was right."""
    chat = LocalChat(engine=engine)
    lines = []
    for kind, prompts in conversations().items():
        before = engine.describe().counters
        found = [ratios(engine, chat.prompt_tokens(messages), rounds, tokens) for messages in prompts]
        counters = engine.describe().counters
        guessed, right = (counters[name] - before[name] for name in ("drafted_tokens", "accepted_tokens"))
        each = [statistics.median(one) for one in found]
        lines.append({"name": kind, "ratio": statistics.median(each), "each": each, "guessed": guessed, "right": right})
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="small")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    engine = start_here(find(arguments.model, directory=Settings().weights), Wish(context_tokens=1024, slots=1))
    lines = measure(engine, arguments.rounds, arguments.tokens)
    engine.close()
    for line in shown(lines, model=arguments.model, as_json=arguments.json):
        each = " ".join(f"{ratio:.2f}" for ratio in line["each"])
        told = f"guessed {line['guessed']}, right {line['right']}"
        print(f"{line['name']:<8} {line['ratio']:.2f}x ({KINDS[line['name']]}), each {each}; {told}")


if __name__ == "__main__":
    main()
