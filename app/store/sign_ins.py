"""What opens an account: the hash of a password, the sealed secret of a second factor, links that choose a password.

Knows no session and no hash function; `app.identity.people` does. Signing in has no actor yet.
"""

import time
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update

from app.answers import Actor
from app.rights import Right, require
from app.store.database import reading
from app.store.errors import UnknownPersonError
from app.store.schema import accounts, invitations, linked_accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a sign-in is compared with."""

    user_id: str
    name: str
    active: bool
    password_hash: str = field(repr=False)
    """Empty while the person has not chosen a password."""
    second_factor: bytes | None = field(repr=False)
    """The sealed secret."""
    second_factor_step: int
    """The newest time step whose code was used: none is taken twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Somebody at an OpenID Connect provider: the only thing there that never changes hands."""

    issuer: str
    subject: str

    @property
    def columns(self) -> dict[str, str]:
        """Return it as it is kept."""
        return {"issuer": self.issuer, "subject": self.subject}


class SignIns:
    """What sign-ins are compared with, for every account."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)

    def credentials(self, name: str) -> Credentials | None:
        """Return what a sign-in under this name is compared with; None where there is no such account."""
        return self._credentials(accounts.c.folded_name == folded(name))

    def credentials_of(self, user_id: str) -> Credentials | None:
        """Return what is compared when a person who has signed in proves once more who they are."""
        return self._credentials(accounts.c.user_id == user_id)

    def linked(self, subject: Subject) -> str | None:
        """Return the id of the account that belongs to somebody at a provider; None where there is none."""
        row = linked_accounts.c
        wanted = select(row.user_id).where(row.issuer == subject.issuer, row.subject == subject.subject)
        with self._reading.connect() as connection:
            return connection.scalar(wanted)

    def put_password(self, user_id: str, password_hash: str) -> None:
        """Keep the hash of a new password."""
        self._set(user_id, password_hash=password_hash)

    def put_second_factor(self, user_id: str, sealed: bytes | None) -> None:
        """Keep the sealed secret of a second factor; None: there is none any more."""
        self._set(user_id, second_factor=sealed, second_factor_step=0)

    def use_step(self, user_id: str, step: int) -> bool:
        """Note that the code of a time step was used; False when it, or a later one, was used before."""
        newer = update(accounts).where(accounts.c.user_id == user_id, accounts.c.second_factor_step < step)
        with self._engine.begin() as connection:
            return bool(connection.execute(newer.values(second_factor_step=step)).rowcount)

    def note_sign_in(self, user_id: str) -> None:
        """Remember that somebody has signed in now."""
        self._set(user_id, signed_in=time.time())

    def put_invitation(self, actor: Actor, user_id: str, digest: str, *, seconds: float) -> None:
        """Keep the hash of a link through which a password is chosen, in place of an earlier one.

        Raises:
            ForbiddenError: the actor may not manage people.
        """
        require(actor, Right.PEOPLE)
        row = {"digest": digest, "user_id": user_id, "expires": time.time() + seconds}
        with self._engine.begin() as connection:
            known(connection, user_id)
            connection.execute(delete(invitations).where(invitations.c.user_id == user_id))
            connection.execute(insert(invitations).values(row))

    def invited(self, digest: str) -> str | None:
        """Return the id of whose link this is; None when it was used, replaced, or has run out."""
        wanted = select(invitations.c.user_id).where(
            invitations.c.digest == digest, invitations.c.expires > time.time()
        )
        with self._reading.connect() as connection:
            return connection.scalar(wanted)

    def accept(self, digest: str, password_hash: str) -> bool:
        """Use up a link and keep the password chosen through it, and drop the second factor; False: it was used."""
        with self._engine.begin() as connection:
            wanted = select(invitations.c.user_id).where(
                invitations.c.digest == digest, invitations.c.expires > time.time()
            )
            user_id = connection.scalar(wanted)
            if user_id is None:
                return False
            connection.execute(delete(invitations).where(invitations.c.user_id == user_id))
            values = {"password_hash": password_hash, "second_factor": None, "second_factor_step": 0}
            connection.execute(update(accounts).where(accounts.c.user_id == user_id).values(values))
        return True

    def _credentials(self, condition: Any) -> Credentials | None:
        with self._reading.connect() as connection:
            row = connection.execute(select(accounts).where(condition)).first()
        if row is None:
            return None
        names = Credentials.__dataclass_fields__
        return Credentials(**{name: getattr(row, name) for name in names})

    def _set(self, user_id: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            known(connection, user_id)
            connection.execute(update(accounts).where(accounts.c.user_id == user_id).values(values))


def known(connection: Connection, user_id: str) -> None:
    """Let only ids of accounts pass.

    Raises:
        UnknownPersonError: there is none of this id.
    """
    if connection.scalar(select(accounts.c.user_id).where(accounts.c.user_id == user_id)) is None:
        raise UnknownPersonError


def folded(name: str) -> str:
    """Return the form in which two names of people or groups are the same."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()
