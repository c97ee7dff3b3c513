"""Sessions of browsers, in memory: a one-time link or a sign-in becomes a cookie, a cookie becomes an Actor.

Knows no HTTP. Only hashes of secrets are kept, so nothing here can be used to call in somebody's name; a restart
ends every session and prints a new link.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.answers import LOCAL_ACTOR, Actor

IDLE_SECONDS = 12 * 3600.0
ABSOLUTE_SECONDS = 7 * 24 * 3600.0
PAGES_PER_SESSION = 1000
"""A page claims one name at each load; the oldest are forgotten, which only means that it must be loaded again."""


def digest(secret: str) -> str:
    """Return the hash under which a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser that came through a link or has signed in; `session_id` is no secret."""

    session_id: str
    actor: Actor
    started: float
    began: float
    """The same by the calendar, in seconds since 1970."""
    device: str = ""
    """What the browser says it is, for people who look through their sessions."""


class Sessions:
    """Every open link and session of this process; safe to use from several threads."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        idle_seconds: float = IDLE_SECONDS,
        absolute_seconds: float = ABSOLUTE_SECONDS,
    ) -> None:
        """Start with no link and no session.

        Args:
            clock: counts seconds and never goes back.
            idle_seconds: a session nobody uses ends after so long.
            absolute_seconds: and every one after so long.
        """
        self._clock = clock
        self._idle_seconds, self._absolute_seconds = idle_seconds, absolute_seconds
        self._lock = threading.Lock()
        self._links: dict[str, Actor] = {}
        self._sessions: dict[str, Session] = {}
        self._seen: dict[str, float] = {}
        self._keys: dict[str, str] = {}
        self._pages: dict[str, str] = {}

    def new_link(self, actor: Actor = LOCAL_ACTOR) -> str:
        """Return a fresh token that can be exchanged once for a session."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._links[digest(token)] = actor
        return token

    def redeem(self, token: str) -> str | None:
        """Exchange a link's token for the secret of a new session; None when it is unknown or was used before."""
        with self._lock:
            actor = self._links.pop(digest(token), None)
        return None if actor is None else self.open(actor)

    def open(self, actor: Actor, *, device: str = "") -> str:
        """Begin a session and return its secret, which only the browser keeps."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        session = Session(session_id=secrets.token_hex(8), actor=actor, started=now, began=time.time(), device=device)
        with self._lock:
            self._forget_those_over()
            self._sessions[digest(secret)] = session
            self._seen[digest(secret)] = now
            self._keys[session.session_id] = digest(secret)
        return secret

    def find(self, secret: str) -> Session | None:
        """Return the session of a cookie and count it as used; None when there is none or it has run out."""
        key, now = digest(secret), self._clock()
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                return None
            if self._is_over(key, session, now):
                self._forget(key)
                return None
            self._seen[key] = now
            return session

    def is_open(self, session_id: str) -> bool:
        """Whether a session has neither ended nor run out; asking does not count as using it."""
        now = self._clock()
        with self._lock:
            key = self._keys.get(session_id, "")
            session = self._sessions.get(key)
            return session is not None and not self._is_over(key, session, now)

    @property
    def count(self) -> int:
        """How many sessions are open."""
        with self._lock:
            self._forget_those_over()
            return len(self._sessions)

    def claim_page(self, session: Session, page: str) -> bool:
        """Bind a page name, which the browser chose, to its session; False when it is another session's."""
        with self._lock:
            owner = self._pages.setdefault(page, session.session_id)
            if len(self._pages) > PAGES_PER_SESSION * max(1, len(self._sessions)):
                self._pages.pop(next(iter(self._pages)))
            return owner == session.session_id

    def end(self, secret: str) -> None:
        """End the session of a cookie; unknown ones are ignored."""
        with self._lock:
            self._forget(digest(secret))

    def of(self, user_id: str) -> tuple[Session, ...]:
        """Return the open sessions of a person, the newest first."""
        now = self._clock()
        with self._lock:
            mine = [(key, session) for key, session in self._sessions.items() if session.actor.user_id == user_id]
            live = [session for key, session in mine if not self._is_over(key, session, now)]
        return tuple(sorted(live, key=lambda session: session.started, reverse=True))

    def end_of(self, user_id: str, *, session_id: str | None = None, but: str | None = None) -> int:
        """End a person's sessions, or the one of this id, or all but the one of that id; returns how many."""
        with self._lock:
            ending = [
                key
                for key, session in self._sessions.items()
                if session.actor.user_id == user_id
                and session_id in {None, session.session_id}
                and session.session_id != but
            ]
            for key in ending:
                self._forget(key)
            if session_id is None and but is None:
                self._links = {token: actor for token, actor in self._links.items() if actor.user_id != user_id}
        return len(ending)

    def renew(self, actor: Actor) -> None:
        """Let the open sessions of a person have the roles and groups the person has now."""
        with self._lock:
            for key, session in self._sessions.items():
                if session.actor.user_id == actor.user_id:
                    self._sessions[key] = replace(session, actor=actor)

    def _is_over(self, key: str, session: Session, now: float) -> bool:
        return now - self._seen[key] > self._idle_seconds or now - session.started > self._absolute_seconds

    def _forget_those_over(self) -> None:
        """Forget what has run out unnoticed: a browser that never comes back asks for nothing."""
        now = self._clock()
        for key in [key for key, session in self._sessions.items() if self._is_over(key, session, now)]:
            self._forget(key)

    def _forget(self, key: str) -> None:
        session = self._sessions.pop(key, None)
        self._seen.pop(key, None)
        if session is not None:
            self._keys.pop(session.session_id, None)
            self._pages = {page: owner for page, owner in self._pages.items() if owner != session.session_id}
