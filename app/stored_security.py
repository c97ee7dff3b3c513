"""What of an installation lies open in what is stored: accounts, tokens of programs, backups.

`app.security` looks at files, settings and packages; this needs an open store.
"""

import time
from collections.abc import Iterator, Sequence

from app.answers import LOCAL_ACTOR
from app.doctor import Finding
from app.identity.people import People
from app.settings import Settings
from app.store.accounts import Account
from app.store.audit import Audit, Only
from app.store.audit_words import Action, Result

DAY = 86_400.0
STALE = 90 * DAY
"""So long without a sign-in, and nobody would notice that somebody else uses the account."""
YOUNG = 30 * DAY
"""So long somebody may take before they use what was made for them."""
LONG = 180 * DAY
"""A token that lasts longer outlives whoever remembers what it was for."""
NAMED = 5


def examine_stored(settings: Settings, people: People, audit: Audit) -> Iterator[Finding]:
    """Yield what is found, each with what to change."""
    now = time.time()
    yield from _accounts(settings, people, now)
    yield from _tokens(people, now)
    yield _backups(settings, audit, now)


def _accounts(settings: Settings, people: People, now: float) -> Iterator[Finding]:
    """Yield what is found of accounts; nothing where nobody signs in."""
    if not settings.sign_in:
        found = "Nobody signs in: whoever opens the link or reads run/token uses everything."
        yield Finding(name="accounts", found=found)
        return
    held = [one for one in people.accounts.list(LOCAL_ACTOR) if one.active]
    admins = [one for one in held if "admin" in one.roles]
    faults = []
    if not admins:
        remedy = "Run `inhouse users add NAME --role admin`."
        faults.append(Finding(name="accounts", found="There is no administrator.", remedy=remedy))
    if plain := [one.name for one in admins if not one.second_factor]:
        remedy = "Each sets one up on the Account page."
        found = f"Administrators without a second factor: {_named(plain)}."
        faults.append(Finding(name="accounts", found=found, remedy=remedy))
    if stale := [one.name for one in held if _is_stale(one, now)]:
        remedy = "Disable those who have left: `inhouse users disable NAME`."
        found = f"Not signed in for 90 days, or never within 30: {_named(stale)}."
        faults.append(Finding(name="accounts", found=found, remedy=remedy))
    said = f"{len(held):,} in use, {len(admins):,} of administrators, who all have a second factor."
    yield from faults or [Finding(name="accounts", found=said)]


def _is_stale(account: Account, now: float) -> bool:
    if account.signed_in is None:
        return now - account.created > YOUNG
    return now - account.signed_in > STALE


def _tokens(people: People, now: float) -> Iterator[Finding]:
    """Yield what is found of the tokens of programs."""
    owned = [
        (f"{account.name}: {token.name}", token)
        for account in people.accounts.list(LOCAL_ACTOR)
        for token in people.tokens.of(account.actor)
    ]
    faults = []
    if long := [name for name, token in owned if token.expires - now > LONG]:
        found = f"Valid for more than 180 days still: {_named(long)}."
        remedy = "Make shorter ones, and revoke these (`inhouse tokens revoke`)."
        faults.append(Finding(name="tokens", found=found, remedy=remedy))
    if unused := [name for name, token in owned if now - (token.used or token.created) > STALE]:
        found = f"Not used for 90 days: {_named(unused)}."
        faults.append(Finding(name="tokens", found=found, remedy="Revoke them: `inhouse tokens revoke`."))
    well = f"{len(owned):,}, none of them forgotten or valid for very long."
    yield from faults or [Finding(name="tokens", found=well)]


def _backups(settings: Settings, audit: Audit, now: float) -> Finding:
    """Return when the last backup was made, as the audit log has it."""
    made = Only(actions=(Action.BACKED_UP,), results=(Result.DONE,))
    last = next(audit.rows(made, limit=1), None)
    remedy = "Run `inhouse backup FILE --keys KEYS`, by a timer."
    if last is None:
        return Finding(name="backups", found="None was made that the audit log knows of.", remedy=remedy)
    days = int((now - last.at) / DAY)
    found = f"The last one was made {days:,} days ago." if days else "The last one was made within a day."
    return Finding(name="backups", found=found, remedy=remedy if days > settings.backup_days else "")


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
