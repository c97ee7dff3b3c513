"""What proving who calls costs a request: session, owner and audit together, in CPU milliseconds.

Run: `python -m bench.gate`. The parts as requests call them, and whole requests beside them, over the application with
sign-in and without a socket.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.answers import LOCAL_ACTOR
from app.store.audit_words import Action, Door, ObjectKind, Origin, Result
from tests.hashes import quick_hashes
from tests.served import HOST, agree, open_doors

COUNT = 300
COOKIE = "inhouse_session"


def milliseconds(work: Callable[[], object]) -> float:
    """Return the CPU of this process for one call, the mean of many."""
    work()
    started = time.process_time()
    for _ in range(COUNT):
        work()
    return 1000 * (time.process_time() - started) / COUNT


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder, quick_hashes(), open_doors(Path(folder), sign_in=True) as doors:
        product = doors.product
        people = product.people
        ada = people.accounts.add(LOCAL_ACTOR, "Ada", roles=["curator"]).actor
        agree(product, ada)
        secret = people.sessions.open(ada)
        made = product.collections.create(ada, "Rules")
        client = doors.stranger()
        client.cookies.set(COOKIE, secret)
        client.headers["origin"] = HOST
        path = f"/api/collections/{made.collection_id}"

        open_door = milliseconds(lambda: client.get("/healthz"))
        read = milliseconds(lambda: client.get(f"{path}/verified"))
        bare = milliseconds(lambda: product.verified.of(made.collection_id))
        session = milliseconds(lambda: people.sessions.find(secret))
        owner = milliseconds(lambda: product.collections.curated(ada, made.collection_id))
        done = (
            Action.COLLECTION_CHANGED,
            ObjectKind.COLLECTION,
            made.collection_id,
            Result.DONE,
            Origin(door=Door.PAGE),
        )
        audit = milliseconds(lambda: product.audit.record(ada, *done))
        _, token = people.make_token(ada, name="script", scopes=["ask"], days=1)
        bearer = milliseconds(lambda: people.bearer(token))
    print(f"a request to an open door: {open_door:.2f} ms CPU (test client, framework and middleware)")
    print(f"a read behind the gate: {read:.2f} ms; what it reads, called directly: {bare:.2f} ms")
    print(f"session {session:.3f} ms, owner check {owner:.2f} ms, a program's token {bearer:.2f} ms")
    print(f"a row in the audit log, which only changes and denials get: {audit:.2f} ms")
    print(f"session, owner check and audit together: {session + owner + audit:.2f} ms (5 ms asked)")


if __name__ == "__main__":
    main()
