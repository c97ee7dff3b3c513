"""What each role may do, and the one place where it is asked for.

Who may read or fill a collection is said by its grants (`app.store.grants`); whose a conversation is, by its row
(`app.store.owners`). There is no right to read other people's conversations, so no role has it.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.answers import Actor, Role
from app.errors import AppError


class Right(StrEnum):
    """What somebody may do beyond what is their own; the value says it in a sentence that begins with "You may not"."""

    ASK = "ask questions or read documents here"
    CURATE = "load documents or make collections"
    REVIEW = "review answers that others rated"
    GOVERN = "change collections that were not given to you"
    PEOPLE = "manage people"
    MODELS = "choose, load or remove models"
    OPERATE = "manage keys, backups and settings"
    AUDIT = "read the audit log"


class ForbiddenError(AppError):
    """You may not do this. An administrator can give you the role it needs."""

    status = 403


RIGHTS: Mapping[Role, frozenset[Right]] = {
    "employee": frozenset({Right.ASK}),
    "curator": frozenset({Right.ASK, Right.CURATE, Right.REVIEW}),
    "admin": frozenset(Right) - {Right.AUDIT},
    "auditor": frozenset({Right.AUDIT}),
}
"""A curator's right holds for the collections they made or were given, an administrator's for all."""


def may(actor: Actor, right: Right) -> bool:
    """Whether one of the actor's roles has the right."""
    return any(right in RIGHTS[role] for role in actor.roles)


def require(actor: Actor, right: Right) -> None:
    """Let only actors with the right pass.

    Raises:
        ForbiddenError: saying what the actor may not do, and who can change that.
    """
    if not may(actor, right):
        raise ForbiddenError(f"You may not {right.value}. An administrator can give you the role it needs.")
