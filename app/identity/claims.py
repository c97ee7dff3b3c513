"""What follows here from what a provider claims about a person: a name, roles, groups. Pure functions.

Nothing decides by name or mail who somebody is: both can change hands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.answers import ROLES, Role
from app.identity.refusals import GroupsMissingError
from app.settings import Settings

NAMES = ("preferred_username", "email", "name")
"""The first of these that says anything is the name of a new account."""
EMPLOYEE: tuple[Role, ...] = ("employee",)
LONGEST_NAME = 80
"""Leaves room for a number behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a person is here, as far as the provider decides it; None: it does not."""

    roles: frozenset[Role] | None
    groups: tuple[str, ...] | None


def name_of(claims: Mapping[str, Any]) -> str:
    """Return what to call a person: letters that can be shown, at most 80."""
    said = (claims.get(name) for name in (*NAMES, "sub"))
    shown = ("".join(letter for letter in one if letter.isprintable()) for one in said if isinstance(one, str))
    return next((name for one in shown if (name := " ".join(one.split())[:LONGEST_NAME].strip())), "Somebody")


def needs_groups(settings: Settings) -> bool:
    """Whether anything follows from groups."""
    return bool(settings.oidc_roles or settings.oidc_groups)


def says_enough(claims: Mapping[str, Any], settings: Settings) -> bool:
    """Whether these claims give a name, and groups where something follows from them; the provider may tell more."""
    named = any(isinstance(claims.get(name), str) for name in NAMES)
    return named and (not needs_groups(settings) or _groups(claims, settings.oidc_groups_claim) is not None)


def standing(claims: Mapping[str, Any], settings: Settings) -> Standing:
    """Return what the provider decides about a person.

    Raises:
        GroupsMissingError: something follows from groups, and the claims do not name them.
    """
    if not needs_groups(settings):
        return Standing(roles=None, groups=None)
    groups = _groups(claims, settings.oidc_groups_claim)
    if groups is None:
        raise GroupsMissingError(
            f"The sign-in provider does not say which groups you are in (claim {settings.oidc_groups_claim!r}), and "
            "your rights follow from them. Ask an administrator."
        )
    return Standing(roles=_roles(groups, settings), groups=_ours(groups, settings))


def _roles(groups: Iterable[str], settings: Settings) -> frozenset[Role] | None:
    """Return the roles groups give; whoever is in none of them is an employee."""
    if not settings.oidc_roles:
        return None
    given = {settings.oidc_roles[group] for group in groups if group in settings.oidc_roles}
    return frozenset(role for role in ROLES if role in given) or frozenset(EMPLOYEE)


def _ours(groups: Iterable[str], settings: Settings) -> tuple[str, ...] | None:
    """Return the groups somebody is in here."""
    if not settings.oidc_groups:
        return None
    if settings.oidc_groups == "all":
        return tuple(dict.fromkeys(groups))
    known = settings.oidc_groups
    return tuple(dict.fromkeys(known[group] for group in groups if group in known))


def _groups(claims: Mapping[str, Any], claim: str) -> list[str] | None:
    """Return the groups of a claim; None where it is missing or no list of texts."""
    found: Any = claims.get(claim)
    if found is None and "." in claim:
        found = claims
        for part in claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(group, str) for group in found):
        return None
    return [group for group in found if group.strip()]
