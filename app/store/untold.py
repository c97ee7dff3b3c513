"""What was done to a data directory while its audit log was closed: noted in a file, and recorded when the log opens.

Names actions and results, and nobody. Knows no log; whoever opens one takes the notes over (`app.store.opening`).
"""

import json
from pathlib import Path

from app.store.audit_words import Action, Result
from app.store.files import write_privately

FILE = "untold.json"
Told = tuple[Action, Result]
_ACTIONS, _RESULTS = {str(one): one for one in Action}, {str(one): one for one in Result}


def leave(home: Path, action: Action, result: Result = Result.DONE) -> None:
    """Note that something was done; what is noted already is not noted twice, so a killed process can do it again."""
    notes = left(home)
    if (action, result) not in notes:
        write_privately(home / FILE, json.dumps([*notes, (action, result)]).encode())


def left(home: Path) -> list[Told]:
    """Return what the log has not been told, the first first; a file nobody can read tells nothing."""
    try:
        notes = json.loads((home / FILE).read_bytes())
        return [(_ACTIONS[action], _RESULTS[result]) for action, result in notes]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def forget(home: Path) -> None:
    """Forget the notes, which the log has been told."""
    (home / FILE).unlink(missing_ok=True)
