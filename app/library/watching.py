"""Watched folders: bring collections up to date with them, in the background, when their time has come.

One thread of a running server, at low priority; it looks at one folder at a time. Knows the order of the steps; how
files are learned and where schedules are kept is given.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.answers import Actor
from app.errors import AppError, contained, explain
from app.library.knowledge import Knowledge
from app.store.watches import Watch, Watches, free_label
from retrieval.ingest import IngestReport
from retrieval.sources import Source, collect

LOOK_SECONDS = 15.0
"""How often it is looked whether a folder is due."""
LEAST_MINUTES, MOST_MINUTES = 5, 7 * 24 * 60
NICENESS = 10
"""Whoever waits for an answer comes first."""
COUNTED = ("added", "updated", "removed", "unchanged", "failed", "quarantined")


class FolderRefusedError(AppError):
    """This folder cannot be watched."""

    status = 422


class FolderEmptyError(AppError):
    """The folder holds no files, as one does whose disk is not mounted."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What is being looked at now, and how far that is."""

    watch_id: str
    done: int
    total: int


class Watching:
    """Looks at the folders; `start` and `close` belong to the server."""

    def __init__(
        self, *, watches: Watches, knowledge: Knowledge, names: Callable[[str], Sequence[str]], home: Path
    ) -> None:
        """Hold the parts; nothing runs yet.

        Args:
            watches: the schedules.
            knowledge: learns the files.
            names: a collection id -> the names of its documents.
            home: the data directory, which nobody may have learned.
        """
        self._watches = watches
        self._knowledge = knowledge
        self._names = names
        self._home = home.resolve()
        self._stop = threading.Event()
        self._woken = threading.Event()
        self._asked: set[str] = set()
        self._thread: threading.Thread | None = None
        self.running: Running | None = None
        """What is being looked at now."""

    def add(self, actor: Actor, collection_id: str, *, folder: str, minutes: int) -> Watch:
        """Watch a folder for a collection.

        Raises:
            FolderRefusedError: it is no folder, not named in full, Inhouse's own, or watched already.
        """
        path = Path(folder.strip())
        if not folder.strip() or not path.is_absolute():
            raise FolderRefusedError("Name the folder in full, from the root of this machine's disk: /srv/handbook.")
        if not path.is_dir():
            raise FolderRefusedError(f"There is no folder {path} on the machine Inhouse runs on.")
        place = path.resolve()
        if place.is_relative_to(self._home) or self._home.is_relative_to(place):
            raise FolderRefusedError("This folder holds Inhouse's own data, or lies in it. Watch another one.")
        known = self._watches.of(collection_id)
        if str(place) in {watch.folder for watch in known}:
            raise FolderRefusedError(f"The collection watches {place} already.")
        label = free_label(place.name, [*self._names(collection_id), *(watch.label for watch in known)])
        added = self._watches.add(
            actor, collection_id, folder=str(place), label=label, minutes=checked_minutes(minutes)
        )
        self._woken.set()
        return added

    def run_now(self, watch_id: str) -> None:
        """Look at a folder as soon as possible, also one that is paused."""
        self._asked.add(self._watches.get(watch_id).watch_id)
        self._woken.set()

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._look, name="watching", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, in the middle of a folder too; what was learned of it stays."""
        self._stop.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def serving(self) -> bool:
        """Whether folders are looked at by themselves now."""
        return self._thread is not None and self._thread.is_alive()

    def look_once(self) -> int:
        """Look at every folder that is due or asked for; return how many that were."""
        due = {watch.watch_id for watch in self._watches.due()} | self._taken()
        for watch_id in due:
            with (
                contextlib.closing(self.look_at(watch_id)) as steps,
                contextlib.suppress(AppError),
            ):  # removed meanwhile
                while not self._stop.is_set() and next(steps, None):
                    pass
        return len(due)

    def look_at(self, watch_id: str) -> Generator[Running]:
        """Bring a collection up to date with a folder, yielding how far that is, and note what came of it.

        Also with one that is paused. Where it is closed before its end, what was learned stays and nothing is noted.

        Raises:
            NotFoundError: there is no such folder.
        """
        watch = self._watches.get(watch_id)
        try:
            result = yield from self._learn(watch)
        except Exception as error:  # noqa: BLE001 - a door: nobody waits for it, the page tells
            result = {"error": explain(error)}
        finally:
            self.running = None
        self._watches.ran(watch.watch_id, result)

    def _look(self) -> None:
        if sys.platform == "linux":  # where a thread has a priority of its own
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        while not self._stop.is_set():
            with contained("Looking at watched folders"):
                self.look_once()
            self._woken.wait(LOOK_SECONDS)
            self._woken.clear()

    def _taken(self) -> set[str]:
        """Return what was asked for until now; what is asked for meanwhile waits for the next look."""
        taken: set[str] = set()
        while self._asked:
            taken.add(self._asked.pop())
        return taken

    def _learn(self, watch: Watch) -> Generator[Running, None, dict[str, Any]]:
        """Learn what changed in a folder; returns what is kept of it."""
        sources = labelled(collect([Path(watch.folder)]), watch.label)
        self._check(watch, sources)
        self.running = Running(watch_id=watch.watch_id, done=0, total=len(sources))
        yield self.running
        events = self._knowledge.learn(
            sources,
            collection_id=watch.collection_id,
            sync=True,
            gives_way=True,
            within=watch.label + "/",
            by=f"folder:{watch.folder}",
        )
        with contextlib.closing(events):
            for event in events:
                if isinstance(event, IngestReport):
                    counts = {name: getattr(event, name) for name in COUNTED}
                    return {"documents": counts, "seconds": round(event.seconds, 1)}
                self.running = Running(watch_id=watch.watch_id, done=event.done, total=event.total)
                yield self.running
        return {}

    def _check(self, watch: Watch, sources: Sequence[Source]) -> None:
        """Refuse to remove everything because a disk is not there."""
        held = sum(name.startswith(watch.label + "/") for name in self._names(watch.collection_id))
        if held and not sources:
            raise FolderEmptyError(
                f"{watch.folder} holds no files, so nothing was done. If its disk is not mounted, mount it; if it was "
                "emptied on purpose, stop watching it and remove its documents."
            )


def labelled(sources: Sequence[Source], label: str) -> list[Source]:
    """Return the files with the label before their names."""
    return [replace(source, name=f"{label}/{source.name}") for source in sources]


def checked_minutes(minutes: int) -> int:
    """Return how often to look.

    Raises:
        FolderRefusedError: more often than every five minutes, or more seldom than once a week.
    """
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise FolderRefusedError(
            f"A folder is looked at every {LEAST_MINUTES} minutes at most and once a week at least."
        )
    return minutes
