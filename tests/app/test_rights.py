"""Who may do what follows from the roles, and from nothing else."""

import pytest

from app.answers import ROLES, Actor, Role
from app.rights import ForbiddenError, Right, may, require


def somebody(*roles: Role) -> Actor:
    return Actor(user_id="u", name="U", roles=frozenset(roles))


def rights(*roles: Role) -> set[Right]:
    return {right for right in Right if may(somebody(*roles), right)}


def test_each_role_has_the_rights_that_are_documented() -> None:
    assert rights("employee") == {Right.ASK}
    assert rights("curator") == {Right.ASK, Right.CURATE, Right.REVIEW}
    assert rights("auditor") == {Right.AUDIT}
    assert rights("admin") == set(Right) - {Right.AUDIT}


def test_several_roles_have_the_rights_of_each() -> None:
    assert rights("employee", "auditor") == {Right.ASK, Right.AUDIT}
    assert rights(*ROLES) == set(Right)


def test_nobody_without_a_role_may_do_anything() -> None:
    assert rights() == set()


def test_who_may_not_is_told_what_and_who_can_change_it() -> None:
    require(somebody("employee", "auditor"), Right.AUDIT)
    with pytest.raises(ForbiddenError, match=rf"You may not {Right.PEOPLE.value}\. An administrator"):
        require(somebody("employee"), Right.PEOPLE)
    assert ForbiddenError.status == 403
