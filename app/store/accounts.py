"""The people who sign in: names, roles and groups. What opens an account is `app.store.sign_ins`'s.

Names are the same in upper and lower case.
"""

import secrets
import time
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.answers import LOCAL_ACTOR, ROLES, Actor, Role
from app.rights import Right, require
from app.store.database import reading
from app.store.errors import AccountNameError, LastAdminError, NameTakenError, UnknownPersonError
from app.store.schema import accounts, group_members, invitations, linked_accounts
from app.store.sign_ins import SignIns, Subject, folded, known

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
    """Whether no password was ever chosen, where one is needed."""
    second_factor: bool
    single_sign_on: bool
    """Whether the person signs in through the provider, and has no password here."""

    @property
    def actor(self) -> Actor:
        """Return the person as stores know them."""
        return Actor(user_id=self.user_id, name=self.name, roles=self.roles, groups=frozenset(map(folded, self.groups)))

    def loses(self, *, roles: Collection[Role] | None, groups: Sequence[str] | None, active: bool | None) -> bool:
        """Whether a change takes a role, a group or the account itself away; what is None stays."""
        kept = self.actor.groups if groups is None else set(map(folded, groups))
        fewer_roles = bool(self.roles - set(self.roles if roles is None else roles))
        return fewer_roles or bool(self.actor.groups - kept) or (self.active and active is False)


class Accounts:
    """The accounts of an installation."""

    def __init__(self, engine: Engine) -> None:
        """Use the main database."""
        self._engine = engine
        self._reading = reading(engine)
        self.sign_ins = SignIns(engine)
        """What opens them."""

    def add(
        self,
        actor: Actor,
        name: str,
        *,
        roles: Collection[Role],
        groups: Sequence[str] = (),
        subject: Subject | None = None,
    ) -> Account:
        """Make an account without a password: nobody signs in before its owner has chosen one.

        Args:
            actor: who makes it.
            name: of the person.
            roles: at least one.
            groups: may be new.
            subject: who it belongs to at a provider; such an account never has a password.

        Raises:
            ForbiddenError: the actor may not manage people.
            AccountNameError: the name, a group or the roles cannot be used.
            NameTakenError: somebody has this name already.
        """
        require(actor, Right.PEOPLE)
        row = _new_row(name, roles, by=actor)
        user_id = row["user_id"]
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(accounts).values(row))
                _put_groups(connection, user_id, groups)
                if subject is not None:
                    connection.execute(insert(linked_accounts).values(user_id=user_id, **subject.columns))
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
        name: str | None = None,
    ) -> Account:
        """Give other roles, groups or another name, disable or enable an account; what is None stays.

        Raises:
            ForbiddenError: the actor may not manage people.
            AccountNameError: the name, a group or the roles cannot be used.
            NameTakenError: somebody else has this name.
            LastAdminError: nobody could manage people any more.
        """
        require(actor, Right.PEOPLE)
        values: dict[str, Any] = {} if roles is None else {"roles": _written(roles)}
        values |= {} if active is None else {"active": active}
        values |= {} if name is None else {"name": _own(name), "folded_name": folded(name)}
        try:
            with self._engine.begin() as connection:
                had = _admins(connection)
                known(connection, user_id)
                if values:
                    connection.execute(update(accounts).where(accounts.c.user_id == user_id).values(values))
                if groups is not None:
                    _put_groups(connection, user_id, groups)
                if had and not _admins(connection):
                    raise LastAdminError
        except IntegrityError as error:
            raise NameTakenError from error
        return self.get(user_id)

    def link(self, actor: Actor, user_id: str, subject: Subject | None) -> Account:
        """Let an account belong to somebody at the provider, and take its password; None: to nobody there any more.

        Raises:
            ForbiddenError, UnknownPersonError: nothing was changed.
            LastAdminError: nobody could manage people while the provider is down.
            NameTakenError: somebody else's account belongs to this subject.
        """
        require(actor, Right.PEOPLE)
        nothing = {"password_hash": "", "second_factor": None, "second_factor_step": 0}
        try:
            with self._engine.begin() as connection:
                had = _admins(connection)
                known(connection, user_id)
                connection.execute(delete(linked_accounts).where(linked_accounts.c.user_id == user_id))
                if subject is not None:
                    connection.execute(update(accounts).where(accounts.c.user_id == user_id).values(nothing))
                    connection.execute(delete(invitations).where(invitations.c.user_id == user_id))
                    connection.execute(insert(linked_accounts).values(user_id=user_id, **subject.columns))
                if had and not _admins(connection):
                    raise LastAdminError
        except IntegrityError as error:
            raise NameTakenError("Another account belongs to this person at the provider.") from error
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

    def _one(self, condition: Any) -> Account:
        with self._reading.connect() as connection:
            row = connection.execute(select(accounts).where(condition)).first()
            if row is None:
                raise UnknownPersonError
            return _account(connection, row)


def _new_row(name: str, roles: Collection[Role], *, by: Actor) -> dict[str, Any]:
    """Return the columns of an account that nobody has opened yet."""
    return {
        "user_id": secrets.token_hex(16),
        "name": _own(name),
        "folded_name": folded(name),
        "roles": _written(roles),
        "active": True,
        "password_hash": "",
        "second_factor_step": 0,
        "created": time.time(),
        "created_by": by.user_id,
    }


def _account(connection: Connection, row: Row[Any]) -> Account:
    groups = select(group_members.c.group_name).where(group_members.c.user_id == row.user_id)
    linked = select(linked_accounts.c.user_id).where(linked_accounts.c.user_id == row.user_id)
    single_sign_on = connection.scalar(linked) is not None
    return Account(
        user_id=row.user_id,
        name=row.name,
        roles=frozenset(role for role in ROLES if role in row.roles.split()),
        groups=tuple(connection.scalars(groups.order_by(group_members.c.folded_group))),
        active=row.active,
        created=row.created,
        signed_in=row.signed_in,
        invited=not (row.password_hash or single_sign_on),
        second_factor=row.second_factor is not None,
        single_sign_on=single_sign_on,
    )


def _admins(connection: Connection) -> int:
    """Return how many accounts can sign in with a password, whatever becomes of a provider, and manage people."""
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


def _own(name: str) -> str:
    """Return a name that one person may have; commands mean somebody else by the one that is refused."""
    plain = _checked(name)
    if folded(plain) == LOCAL_ACTOR.user_id:
        raise NameTakenError(f"{plain!r} means whoever uses the machine itself. Choose another name.")
    return plain


def _checked(name: str) -> str:
    """Return a usable name: composed, without spaces around it or twice inside."""
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(plain) <= LONGEST_NAME or not plain.isprintable():
        raise AccountNameError
    return plain
