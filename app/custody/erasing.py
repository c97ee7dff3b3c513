"""Erasing somebody: out of every session first, then their key and everything of theirs.

Knows the order; what is destroyed and how is `app.store.erasure`'s.
"""

from app.answers import LOCAL_ACTOR, Actor
from app.identity.people import People
from app.rights import Right, require
from app.store.audit import Audit
from app.store.erasure import Erasing
from app.store.holds import Holds
from app.store.receipts import Receipt


def erase_person(
    actor: Actor, person: Actor, *, people: People, holds: Holds, erasure: Erasing, audit: Audit
) -> Receipt:
    """Erase a person and return the signed receipt; the door records it, under the pseudonym the person had.

    Raises:
        ForbiddenError: the actor is neither the person nor may manage people.
        LastAdminError: nobody could manage people any more; nothing was destroyed.
        HeldError: a legal hold suspends it; nothing was destroyed.
    """
    if actor.user_id != person.user_id:
        require(actor, Right.PEOPLE)
    holds.check(person.user_id)
    if person.user_id != LOCAL_ACTOR.user_id:
        people.change(LOCAL_ACTOR, person.user_id, active=False)
    audit.remember(person.user_id)
    return erasure.erase(actor, person.user_id, returns=person.user_id == LOCAL_ACTOR.user_id)
