"""The folders of this machine that collections watch: how often, what came of the last time, when the next is due."""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from app.answers import Actor
from app.store.database import reading
from app.store.errors import NotFoundError
from app.store.schema import watched_folders


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A folder that a collection watches. Times in seconds since 1970."""

    watch_id: str
    collection_id: str
    folder: str
    label: str
    """Stands before the names of its documents, which nothing else in the collection has."""
    minutes: int
    """How often it is looked at."""
    paused: bool
    next_run: float
    last_run: float | None
    last_result: dict[str, Any]
    """What came of the last time: `{"documents": …, "problems": n}` or `{"error": sentence}`; {} before the first."""


class Watches:
    """The watched folders. Who may see or change them is whoever may do so with their collection; doors check that."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)

    def add(self, actor: Actor, collection_id: str, *, folder: str, label: str, minutes: int) -> Watch:
        """Watch a folder from now on; it is due at once."""
        watch = Watch(
            watch_id=secrets.token_hex(16),
            collection_id=collection_id,
            folder=folder,
            label=label,
            minutes=minutes,
            paused=False,
            next_run=time.time(),
            last_run=None,
            last_result={},
        )
        fields = {name: getattr(watch, name) for name in Watch.__slots__} | {"last_result": "{}"}
        with self._engine.begin() as connection:
            connection.execute(insert(watched_folders).values(fields | {"added_by": actor.user_id}))
        return watch

    def of(self, collection_id: str) -> list[Watch]:
        """Return the folders a collection watches, by label."""
        return self._all(watched_folders.c.collection_id == collection_id)

    def get(self, watch_id: str) -> Watch:
        """Return one.

        Raises:
            NotFoundError: there is none.
        """
        found = self._all(watched_folders.c.watch_id == watch_id)
        if not found:
            raise NotFoundError
        return found[0]

    def due(self) -> list[Watch]:
        """Return those whose time has come, longest waiting first."""
        due = self._all(watched_folders.c.next_run <= time.time(), watched_folders.c.paused.is_(False))
        return sorted(due, key=lambda watch: watch.next_run)

    def change(self, watch_id: str, *, minutes: int | None = None, paused: bool | None = None) -> Watch:
        """Look at it more or less often, pause it or go on; what goes on is due at once."""
        wanted = {"minutes": minutes, "paused": paused}
        values: dict[str, Any] = {name: value for name, value in wanted.items() if value is not None}
        if minutes is not None:
            last = self.get(watch_id).last_run
            values["next_run"] = time.time() if last is None else last + minutes * 60
        self._update(watch_id, values)
        return self.get(watch_id)

    def ran(self, watch_id: str, result: dict[str, Any]) -> None:
        """Note what came of looking at it, and when the next time is; a removed one is passed over."""
        now = time.time()
        values = {"last_run": now, "last_result": json.dumps(result, ensure_ascii=False)}
        self._update(watch_id, values | {"next_run": now + 60 * watched_folders.c.minutes})

    def remove(self, watch_id: str) -> None:
        """Watch it no longer; its documents stay."""
        with self._engine.begin() as connection:
            connection.execute(delete(watched_folders).where(watched_folders.c.watch_id == watch_id))

    def remove_of(self, collection_id: str) -> None:
        """Forget every folder of a collection that is deleted."""
        with self._engine.begin() as connection:
            connection.execute(delete(watched_folders).where(watched_folders.c.collection_id == collection_id))

    def _update(self, watch_id: str, values: dict[str, Any]) -> None:
        if values:
            with self._engine.begin() as connection:
                connection.execute(update(watched_folders).where(watched_folders.c.watch_id == watch_id).values(values))

    def _all(self, *conditions: Any) -> list[Watch]:
        with self._reading.connect() as connection:
            rows = connection.execute(select(watched_folders).where(*conditions).order_by(watched_folders.c.label))
            return [_watch(row) for row in rows]


def free_label(folder_name: str, taken: Sequence[str]) -> str:
    """Return a name for a folder's documents that none of the others begins with."""
    plain = folder_name or "folder"
    for number in range(1, len(taken) + 2):
        label = plain if number == 1 else f"{plain} {number}"
        if all(name != label and not name.startswith(label + "/") for name in taken):
            return label
    raise AssertionError(plain)


def _watch(row: Row[tuple[object, ...]]) -> Watch:
    fields = {name: getattr(row, name) for name in Watch.__slots__}
    return Watch(**fields | {"last_result": json.loads(row.last_result)})
