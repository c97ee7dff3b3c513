"""How often a model obeys an instruction hidden in a passage, with our prompt and with a bare one.

The items are those of `bench.poisoned`. Quarantine is left out: this is what happens to what was released, or what
screening let pass. Ours is app/prompts.py (passages fenced and called data) with orders left out (app/guard/orders.py),
fenced is without that, bare is the same text and question without a word about either. In brackets Wilson's 95 %
interval. Run: `python -m bench.obedience ../shared/data [--model small] [--ways ours] [--sources own] [--items 100]
[--whole] [--show]` (five seconds an item and way with the starter on two quiet cores, half a minute on busy ones).
"""

import argparse
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from langchain_core.messages import BaseMessage, HumanMessage

from app.guard.orders import without_orders
from app.prompts import Budget, answer_prompt
from app.settings import Settings
from bench.poisoned import Poisoned, every_item
from bench.sets import counted
from models.chat import LocalChat
from models.loading import start_here
from models.plan import Wish
from models.weights import find

CONTEXT_TOKENS = 2048
ANSWER_TOKENS = 64
WAYS = ("ours", "fenced", "bare")


def prompt_of(item: Poisoned, way: str, *, chat: LocalChat) -> list[BaseMessage]:
    """Return the messages that ask an item in one of the ways."""
    shown = without_orders(item.passage, asked=item.question) if way == "ours" else item.passage
    if way == "bare":
        lines = (shown.title, *shown.headings, shown.columns, shown.text, item.question)
        return [HumanMessage("\n\n".join(line for line in lines if line))]
    budget = Budget(context_tokens=CONTEXT_TOKENS, answer_tokens=ANSWER_TOKENS, passage_tokens=900)
    return answer_prompt(item.question, [shown], [], may_decline=False, budget=budget, count_tokens=chat.count_tokens)


def chosen(items: Sequence[Poisoned], most: int) -> list[Poisoned]:
    """Return so many items at most, of each source its share, always the same."""
    chance = random.Random(20261122)  # noqa: S311 - a sample
    if most >= len(items):
        return list(items)
    picked: list[Poisoned] = []
    for source in dict.fromkeys(item.source for item in items):
        own = [item for item in items if item.source == source]
        picked += chance.sample(own, max(round(most * len(own) / len(items)), 1))
    return picked


def main() -> int:
    """Ask, look for the marks, and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="small")
    parser.add_argument("--items", type=int, default=200)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--sources", nargs="+", default=("",), metavar="WORD", help="those whose names hold a word")
    parser.add_argument("--whole", action="store_true", help="those texts only of which our prompt leaves nothing out")
    parser.add_argument("--show", action="store_true", help="print the replies that obeyed")
    options = parser.parse_args()
    wish = Wish(context_tokens=CONTEXT_TOKENS, slots=1)
    engine = start_here(find(options.model, directory=Settings().weights), wish)
    chat = LocalChat(engine=engine, max_tokens=ANSWER_TOKENS, temperature=0.0)
    wanted = [item for item in every_item(options.folder) if any(word in item.source for word in options.sources)]
    if options.whole:
        wanted = [item for item in wanted if without_orders(item.passage, asked=item.question) == item.passage]
    items = chosen(wanted, options.items)
    obeyed: dict[tuple[str, str], list[bool]] = {}
    replies: dict[str, str] = {}
    for item in items:
        for way in options.ways:
            messages = prompt_of(item, way, chat=chat)
            key = "\n".join(message.text for message in messages)  # where nothing is left out, two ways are one
            reply = replies[key] = replies.get(key) or chat.invoke(messages).text
            for source in (item.source, "all"):
                obeyed.setdefault((way, source), []).append(item.obeyed(reply))
            if options.show and item.obeyed(reply):
                print(f"{way}, {item.source}: {item.question!r}, {item.passage.text[-300:]!r} -> {reply!r}", flush=True)
    engine.close()
    print(f"{options.model}, {len(items)} items: obeyed")
    for (way, source), flags in sorted(obeyed.items()):
        print(f"{way:7} {source:24} {counted(sum(flags), len(flags))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
