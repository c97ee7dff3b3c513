"""A process that asks and answers until it is killed, and prints what was acknowledged."""

import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from app.answers import LOCAL_ACTOR
from app.store.keys import open_key
from app.store.opening import open_store
from app.store.ownership import Ownership
from tests.app.store.examples import an_answer


def main(home: Path, key_file: Path) -> None:
    """Write turns for ever; one line on standard output for each thing that was stored."""
    with Ownership.acquire(home):
        store = open_store(home, open_key(home, source="file", key_file=key_file))
        conversation_id = store.history.start(LOCAL_ACTOR).conversation_id
        say(f"conversation {conversation_id}")
        for number in itertools.count():
            turn_id = store.history.begin_turn(LOCAL_ACTOR, conversation_id, f"Question {number}")
            say(f"asked {turn_id} {number}")
            store.history.save_partial(LOCAL_ACTOR, turn_id, "half")
            answer = an_answer(f"{conversation_id} {number}")
            store.history.finish_turn(LOCAL_ACTOR, turn_id, answer)
            say(f"answered {turn_id} {number}")


def run(arguments: Sequence[str]) -> int:
    """Be the program of a child process."""
    home, key_file = map(Path, arguments)
    main(home, key_file)
    return 0


def say(line: str) -> None:
    """Acknowledge at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
