"""Tokens with which people's programs call: only a hash of each is kept, with what it opens and until when.

Knows no HTTP; `app.identity.people` makes and reads the secrets.
"""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Engine, Row, delete, insert, select, update

from app.answers import Actor
from app.store.database import reading
from app.store.errors import NotFoundError, StoreError
from app.store.schema import api_tokens

Scope = Literal["ask", "manage"]
SCOPES: tuple[Scope, ...] = ("ask", "manage")
"""ask: questions, searches and whatever only reads; manage: everything its owner's roles allow."""
MOST_TOKENS = 20
"""A person may have so many at once."""
LONGEST_NAME = 100
NOTED_SECONDS = 60.0
"""Between two notes of when a token was used last, so that not every call writes."""


class TokenError(StoreError):
    """A token needs a name of 1 to 100 characters, scopes among ask and manage, and 1 to 366 days."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """What is known of a token; never the token itself."""

    token_id: str
    user_id: str
    name: str
    scopes: frozenset[Scope]
    created: float
    expires: float
    used: float | None


FORGOTTEN_SECONDS = 30 * 24 * 3600.0
"""So long after its end a token is forgotten: a machine's clock that ran ahead for a while loses nobody's."""


class ApiTokens:
    """The tokens of everybody; each call but `find` is for one person's own."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)
        self._revoked: set[str] = set()
        """Ids of those this process has revoked: what still runs through them must end without asking the database."""

    def add(self, actor: Actor, digest: str, *, name: str, scopes: Collection[Scope], seconds: float) -> ApiToken:
        """Keep a new token of the actor's.

        Raises:
            TokenError: its name or scopes cannot be used, or the actor has too many.
        """
        if (
            not 1 <= len(name.strip()) <= LONGEST_NAME
            or not name.isprintable()
            or not scopes
            or set(scopes) - {*SCOPES}
        ):
            raise TokenError
        if len(self.of(actor)) >= MOST_TOKENS:
            raise TokenError(f"You have {MOST_TOKENS} tokens already. Revoke one that is not needed any more.")
        now = time.time()
        row = {
            "token_id": secrets.token_hex(8),
            "digest": digest,
            "user_id": actor.user_id,
            "name": name.strip(),
            "scopes": " ".join(scope for scope in SCOPES if scope in scopes),
            "created": now,
            "expires": now + seconds,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(api_tokens).values(row))
        return next(token for token in self.of(actor) if token.token_id == row["token_id"])

    def of(self, actor: Actor) -> tuple[ApiToken, ...]:
        """Return the actor's tokens that are valid, the newest first; those long run out are forgotten."""
        now = time.time()
        mine = (api_tokens.c.user_id == actor.user_id) & (api_tokens.c.expires > now)
        with self._engine.begin() as connection:
            connection.execute(delete(api_tokens).where(api_tokens.c.expires < now - FORGOTTEN_SECONDS))
            rows = connection.execute(select(api_tokens).where(mine).order_by(api_tokens.c.created.desc())).all()
        return tuple(_token(row) for row in rows)

    def find(self, digest: str) -> ApiToken | None:
        """Return the token with this hash and note that it was used; None when there is none, or it has run out."""
        now = time.time()
        valid = select(api_tokens).where(api_tokens.c.digest == digest, api_tokens.c.expires > now)
        with self._reading.connect() as connection:
            row = connection.execute(valid).first()
        if row is None:
            return None
        if row.used is None or now - row.used > NOTED_SECONDS:
            with self._engine.begin() as connection:
                connection.execute(update(api_tokens).where(api_tokens.c.digest == digest).values(used=now))
        return _token(row)

    def revoke(self, actor: Actor, token_id: str) -> None:
        """Forget one of the actor's tokens: whoever holds it is turned away from now on.

        Raises:
            NotFoundError: the actor has no such token.
        """
        mine = delete(api_tokens).where(api_tokens.c.token_id == token_id, api_tokens.c.user_id == actor.user_id)
        with self._engine.begin() as connection:
            if not connection.execute(mine).rowcount:
                raise NotFoundError
        self._revoked.add(token_id)

    def revoke_all(self, user_id: str) -> tuple[str, ...]:
        """Forget every token of a person; return their ids."""
        theirs = api_tokens.c.user_id == user_id
        with self._engine.begin() as connection:
            token_ids = tuple(connection.scalars(select(api_tokens.c.token_id).where(theirs)))
            connection.execute(delete(api_tokens).where(theirs))
        self._revoked.update(token_ids)
        return token_ids

    def is_valid(self, token_id: str, expires: float) -> bool:
        """Whether a token that was found once may still be used; quick, for it is asked in the middle of answers."""
        return token_id not in self._revoked and time.time() < expires


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        token_id=row.token_id,
        user_id=row.user_id,
        name=row.name,
        scopes=frozenset(scope for scope in SCOPES if scope in row.scopes.split()),
        created=row.created,
        expires=row.expires,
        used=row.used,
    )
