"""What a row in the audit log costs, and how long it takes to prove a long log.

Run: `python -m bench.audit`. CPU seconds of this process; the disk's own time is told apart.
"""

import tempfile
import time
from pathlib import Path

from app.answers import Actor
from app.observe.alerts import alerts
from app.store.audit_words import Action, Door, ObjectKind, Origin, Result
from app.store.keys import open_key
from app.store.opening import open_store

ROWS = 20_000
ORIGIN = Origin(door=Door.PAGE, address="192.0.2.7")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        store = open_store(home, open_key(home, source="file", key_file=Path(folder) / "key", create=True))
        people = [Actor(user_id=f"person-{number}", name="") for number in range(50)]
        for actor in people:  # their keys are made before the clock starts
            store.audit.record(actor, Action.SIGNED_IN, ObjectKind.INSTALLATION, "", Result.DONE, ORIGIN)
        processor, wall = time.process_time(), time.perf_counter()
        for number in range(ROWS):
            store.audit.record(
                people[number % 50], Action.ASKED, ObjectKind.CONVERSATION, f"{number:032x}", Result.DONE, ORIGIN
            )
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        print(f"a row: {1000 * processor / ROWS:.2f} ms CPU, {1000 * wall / ROWS:.2f} ms with the disk")
        started = time.process_time()
        assert store.audit.faults() == []
        print(f"proving {ROWS:,} rows: {time.process_time() - started:.2f} s CPU")
        started = time.process_time()
        alerts(store.audit.rows())
        print(f"alerts over {ROWS:,} rows: {time.process_time() - started:.2f} s CPU")
        store.close()


if __name__ == "__main__":
    main()
