"""The people who sign in: names, roles, groups, the hash of a password, the sealed secret of a second factor.

Knows no session and no hash function; `app.identity.people` does. Names are the same in upper and lower case.
"""

import secrets
import time
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.answers import ROLES, Actor, Role
from app.rights import Right, require
from app.store.database import reading
from app.store.errors import AccountNameError, LastAdminError, NameTakenError, UnknownPersonError
from app.store.schema import accounts, group_members, invitations

LONGEST_NAME = 100
LONGEST_GROUPS = 50
"""How many groups one person may be in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person's account."""

    user_id: str
    name: str
    roles: frozenset[Role]
    groups: tuple[str, ...]
    """Names as they were written, by name."""
    active: bool
    created: float
    signed_in: float | None
    """When last."""
    invited: bool
    """Whether no password was ever chosen."""
    second_factor: bool

    @property
    def actor(self) -> Actor:
        """Return the person as stores know them."""
        return Actor(user_id=self.user_id, name=self.name, roles=self.roles, groups=frozenset(map(folded, self.groups)))


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


class Accounts:
    """The accounts of an installation. What administrators do takes the actor; signing in has none yet."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)

    def add(self, actor: Actor, name: str, *, roles: Collection[Role], groups: Sequence[str] = ()) -> Account:
        """Make an account without a password: nobody signs in before its owner has chosen one.

        Raises:
            ForbiddenError: the actor may not manage people.
            AccountNameError: the name, a group or the roles cannot be used.
            NameTakenError: somebody has this name already.
        """
        require(actor, Right.PEOPLE)
        user_id = secrets.token_hex(16)
        row = {
            "user_id": user_id,
            "name": _checked(name),
            "folded_name": folded(name),
            "roles": _written(roles),
            "active": True,
            "password_hash": "",
            "second_factor_step": 0,
            "created": time.time(),
            "created_by": actor.user_id,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(accounts).values(row))
                _put_groups(connection, user_id, groups)
        except IntegrityError as error:
            raise NameTakenError(f"There is an account {row['name']!r} already.") from error
        return self.get(user_id)

    def list(self, actor: Actor) -> tuple[Account, ...]:
        """Return every account, by name.

        Raises:
            ForbiddenError: the actor may not manage people.
        """
        require(actor, Right.PEOPLE)
        with self._reading.connect() as connection:
            rows = connection.execute(select(accounts).order_by(accounts.c.folded_name)).all()
            return tuple(_account(connection, row) for row in rows)

    def get(self, user_id: str) -> Account:
        """Return an account by its id.

        Raises:
            UnknownPersonError: there is none.
        """
        return self._one(accounts.c.user_id == user_id)

    def by_name(self, name: str) -> Account:
        """Return an account by the name it signs in with.

        Raises:
            UnknownPersonError: there is none.
        """
        return self._one(accounts.c.folded_name == folded(name))

    def names(self, user_ids: Collection[str]) -> dict[str, str]:
        """Return the names of those of these ids that have an account."""
        wanted = select(accounts.c.user_id, accounts.c.name).where(accounts.c.user_id.in_(sorted(user_ids)))
        with self._reading.connect() as connection:
            return {row.user_id: row.name for row in connection.execute(wanted)}

    def has_admin(self) -> bool:
        """Whether somebody can sign in and manage people."""
        with self._reading.connect() as connection:
            return _admins(connection) > 0

    def change(
        self,
        actor: Actor,
        user_id: str,
        *,
        roles: Collection[Role] | None = None,
        groups: Sequence[str] | None = None,
        active: bool | None = None,
    ) -> Account:
        """Give other roles or groups, disable or enable an account; what is None stays.

        Raises:
            ForbiddenError: the actor may not manage people.
            LastAdminError: nobody could manage people any more.
        """
        require(actor, Right.PEOPLE)
        values: dict[str, Any] = {} if roles is None else {"roles": _written(roles)}
        values |= {} if active is None else {"active": active}
        with self._engine.begin() as connection:
            had = _admins(connection)
            self._update(connection, user_id, values)
            if groups is not None:
                _put_groups(connection, user_id, groups)
            if had and not _admins(connection):
                raise LastAdminError
        return self.get(user_id)

    def remove(self, actor: Actor, user_id: str) -> None:
        """Take an account out, with its groups, invitation and tokens; what the person wrote is erased elsewhere.

        Raises:
            ForbiddenError, UnknownPersonError, LastAdminError: nothing was removed.
        """
        require(actor, Right.PEOPLE)
        with self._engine.begin() as connection:
            had = _admins(connection)
            if not connection.execute(delete(accounts).where(accounts.c.user_id == user_id)).rowcount:
                raise UnknownPersonError
            if had and not _admins(connection):
                raise LastAdminError

    def credentials(self, name: str) -> Credentials | None:
        """Return what a sign-in under this name is compared with; None where there is no such account."""
        return self._credentials(accounts.c.folded_name == folded(name))

    def credentials_of(self, user_id: str) -> Credentials | None:
        """Return what is compared when a person who has signed in proves once more who they are."""
        return self._credentials(accounts.c.user_id == user_id)

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
        self.get(user_id)
        row = {"digest": digest, "user_id": user_id, "expires": time.time() + seconds}
        with self._engine.begin() as connection:
            connection.execute(delete(invitations).where(invitations.c.user_id == user_id))
            connection.execute(insert(invitations).values(row))

    def invited(self, digest: str) -> Account | None:
        """Return whose link this is; None when it was used, replaced, or has run out."""
        wanted = select(invitations.c.user_id).where(
            invitations.c.digest == digest, invitations.c.expires > time.time()
        )
        with self._reading.connect() as connection:
            user_id = connection.scalar(wanted)
        return self.get(user_id) if user_id else None

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

    def _one(self, condition: Any) -> Account:
        with self._reading.connect() as connection:
            row = connection.execute(select(accounts).where(condition)).first()
            if row is None:
                raise UnknownPersonError
            return _account(connection, row)

    def _credentials(self, condition: Any) -> Credentials | None:
        with self._reading.connect() as connection:
            row = connection.execute(select(accounts).where(condition)).first()
        if row is None:
            return None
        names = Credentials.__dataclass_fields__
        return Credentials(**{name: getattr(row, name) for name in names})

    def _set(self, user_id: str, **values: Any) -> None:
        with self._engine.begin() as connection:
            self._update(connection, user_id, values)

    @staticmethod
    def _update(connection: Connection, user_id: str, values: dict[str, Any]) -> None:
        if connection.scalar(select(accounts.c.user_id).where(accounts.c.user_id == user_id)) is None:
            raise UnknownPersonError
        if values:
            connection.execute(update(accounts).where(accounts.c.user_id == user_id).values(values))


def folded(name: str) -> str:
    """Return the form in which two names of people or groups are the same."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def _account(connection: Connection, row: Row[Any]) -> Account:
    groups = select(group_members.c.group_name).where(group_members.c.user_id == row.user_id)
    return Account(
        user_id=row.user_id,
        name=row.name,
        roles=frozenset(role for role in ROLES if role in row.roles.split()),
        groups=tuple(connection.scalars(groups.order_by(group_members.c.folded_group))),
        active=row.active,
        created=row.created,
        signed_in=row.signed_in,
        invited=not row.password_hash,
        second_factor=row.second_factor is not None,
    )


def _admins(connection: Connection) -> int:
    """Return how many accounts can sign in and manage people."""
    able = select(accounts.c.roles).where(accounts.c.active, accounts.c.password_hash != "")
    return sum("admin" in roles.split() for roles in connection.scalars(able))


def _put_groups(connection: Connection, user_id: str, groups: Sequence[str]) -> None:
    """Put a person into exactly these groups; a group is there as long as somebody is in it."""
    named = {folded(name): _checked(name) for name in groups}
    if len(named) > LONGEST_GROUPS:
        raise AccountNameError(f"One person may be in {LONGEST_GROUPS} groups at most.")
    connection.execute(delete(group_members).where(group_members.c.user_id == user_id))
    for key, name in named.items():
        row = {"user_id": user_id, "folded_group": key, "group_name": name}
        connection.execute(insert(group_members).values(row))


def _written(roles: Collection[Role]) -> str:
    """Return roles as they are kept."""
    if not roles or not set(roles) <= set(ROLES):
        raise AccountNameError(f"Choose at least one of these roles: {', '.join(ROLES)}.")
    return " ".join(role for role in ROLES if role in roles)


def _checked(name: str) -> str:
    """Return a usable name: composed, without spaces around it or twice inside."""
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(plain) <= LONGEST_NAME or not plain.isprintable():
        raise AccountNameError
    return plain
