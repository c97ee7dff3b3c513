"""Coming in through the company's provider: authorization code flow with PKCE, state and nonce bound to the browser.

What a sign-in needs until it comes back is in a sealed cookie, so strangers fill no memory here; what came back once
does not come back again. Knows no HTTP of ours. An account belongs to a subject at a provider, never to a name or mail.
Sources: OpenID Connect Core 1.0, 3.1; RFC 9700 (OAuth 2.0 Security Best Current Practice); RFC 9207.
"""

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import Fernet, InvalidToken

from app.answers import LOCAL_ACTOR, Actor
from app.identity import claims as claimed
from app.identity.id_tokens import verified
from app.identity.people import People
from app.identity.provider import Provider
from app.identity.refusals import (
    BegunElsewhereError,
    DisabledError,
    ForeignTokenError,
    GroupsError,
    NoAccountError,
    ProviderRefusedError,
    SingleSignOnError,
)
from app.identity.sessions import digest
from app.settings import Settings
from app.store.accounts import Account
from app.store.errors import AccountNameError, NameTakenError
from app.store.sign_ins import Subject

PENDING_SECONDS = 600
"""So long somebody may take at the provider."""
MOST_USED = 10_000
NAMESAKES = 1000
"""So many people of one name; after that somebody is playing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """Where a browser goes, and what it brings back."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody who came in."""

    secret: str
    """Of the session."""
    account: Account
    is_new: bool
    was_changed: bool
    """Whether other roles or groups hold now than before."""


class SingleSignOn:
    """The way in through the provider the settings name; safe to use from several threads."""

    def __init__(self, settings: Settings, people: People, *, clock: Callable[[], float] = time.time) -> None:
        """Ask nobody yet.

        Args:
            settings: which provider, and what follows from its groups.
            people: whose accounts these are.
            clock: seconds since 1970.
        """
        self._settings, self._people, self._clock = settings, people, clock
        self.provider = Provider(settings)
        self._seal = Fernet(Fernet.generate_key())
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}

    def begin(self) -> Begun:
        """Return where to send a browser; the errors of `Provider.describe`."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        url = self.provider.authorization(state=state, nonce=nonce, verifier=verifier)
        pending = json.dumps([state, nonce, verifier]).encode()
        return Begun(url=url, cookie=self._seal.encrypt_at_time(pending, int(self._clock())).decode())

    def finish(self, answer: Mapping[str, str], cookie: str, *, origin: str = "", device: str = "") -> Arrival:
        """Let somebody in who came back from the provider.

        Args:
            answer: the query the browser came back with.
            cookie: what `begin` gave this browser.
            origin: the address it comes from.
            device: what the browser says it is.

        Raises:
            TooManyAttemptsError: too many failed from this address lately.
            SingleSignOnError: with the sentence; nobody was signed in.
        """
        self._people.attempts.check("", origin)
        try:
            claims = self._claims(answer, cookie)
            return self._arrive(claims, device)
        except SingleSignOnError as error:
            if error.status < 500:  # noqa: PLR2004 - a provider that fails is no attempt of anybody's
                self._people.attempts.failed("", origin)
            raise

    def bind(self, actor: Actor, user_id: str, subject: str) -> Account:
        """Let an account belong to a subject at the provider from now on, "" to none; its sessions and tokens end.

        Raises:
            ForbiddenError, UnknownPersonError, LastAdminError, NameTakenError: as `Accounts.link`.
        """
        wanted = Subject(issuer=self._settings.oidc_issuer, subject=subject.strip()) if subject.strip() else None
        account = self._people.accounts.link(actor, user_id, wanted)
        self._people.throw_out(user_id)
        return account

    def leaving(self) -> str | None:
        """Return where people sign out at the provider too; None where it does not say, or nobody came in yet."""
        known = self.provider.known
        if known is None or not known.end_session:
            return None
        back = {"client_id": self._settings.oidc_client_id}
        back["post_logout_redirect_uri"] = f"{self._settings.address}/sign-in"
        return f"{known.end_session}{'&' if '?' in known.end_session else '?'}{urlencode(back)}"

    def _claims(self, answer: Mapping[str, str], cookie: str) -> dict[str, Any]:
        """Return what is proved about whoever came back."""
        nonce, verifier = self._pending(answer.get("state", ""), cookie)
        issuer = self._settings.oidc_issuer
        says = answer.get("iss")
        if says != issuer and (says is not None or self.provider.describe().names_itself):
            raise ForeignTokenError
        if "error" in answer or not answer.get("code"):
            raise ProviderRefusedError
        tokens = self.provider.exchange(answer["code"], verifier)
        claims = verified(
            tokens.id_token,
            self.provider.keys(),
            issuer=issuer,
            client_id=self._settings.oidc_client_id,
            nonce=nonce,
            access_token=tokens.access_token,
        )
        if claimed.says_enough(claims, self._settings):
            return claims
        told = self.provider.tell(tokens.access_token)
        if told and told.get("sub") != claims["sub"]:
            raise ForeignTokenError
        return told | claims

    def _pending(self, state: str, cookie: str) -> tuple[str, str]:
        """Return nonce and verifier of a sign-in that this browser began, once.

        Raises:
            BegunElsewhereError: it did not, or came back before, or too late.
        """
        now = self._clock()
        try:
            plain = self._seal.decrypt_at_time(cookie.encode(), PENDING_SECONDS, int(now))
        except InvalidToken as error:
            raise BegunElsewhereError from error
        expected, nonce, verifier = json.loads(plain)
        if not hmac.compare_digest(state.encode(), expected.encode()):
            raise BegunElsewhereError
        with self._lock:
            self._used = {key: end for key, end in self._used.items() if end > now}
            if digest(state) in self._used:
                raise BegunElsewhereError
            self._used[digest(state)] = now + PENDING_SECONDS + 1
            if len(self._used) > MOST_USED:  # the provider takes no code twice either
                self._used.pop(next(iter(self._used)))
        return nonce, verifier

    def _arrive(self, claims: Mapping[str, Any], device: str) -> Arrival:
        """Open a session for whom the claims are about, with the roles and groups that follow from them."""
        subject = Subject(issuer=self._settings.oidc_issuer, subject=claims["sub"])
        standing = claimed.standing(claims, self._settings)
        accounts = self._people.accounts
        user_id = accounts.sign_ins.linked(subject)
        try:
            if user_id is None:
                before, account = None, self._newcomer(subject, claims, standing)
            else:
                before = accounts.get(user_id)
                if not before.active:
                    raise DisabledError
                account = self._people.change(LOCAL_ACTOR, user_id, roles=standing.roles, groups=standing.groups)
        except AccountNameError as error:
            raise GroupsError from error
        accounts.sign_ins.note_sign_in(account.user_id)
        secret = self._people.sessions.open(account.actor, device=device)
        changed = before is not None and before.actor != account.actor
        return Arrival(secret=secret, account=account, is_new=before is None, was_changed=changed)

    def _newcomer(self, subject: Subject, claims: Mapping[str, Any], standing: claimed.Standing) -> Account:
        """Return a new account, under the first name that is free.

        Raises:
            NoAccountError: none is made by itself here.
        """
        if not self._settings.oidc_create_accounts:
            raise NoAccountError
        name = claimed.name_of(claims)
        for number in range(1, NAMESAKES):
            try:
                return self._people.accounts.add(
                    LOCAL_ACTOR,
                    name if number == 1 else f"{name} {number}",
                    roles=standing.roles or {"employee"},
                    groups=standing.groups or (),
                    subject=subject,
                )
            except NameTakenError:
                linked = self._people.accounts.sign_ins.linked(subject)
                if linked is not None:  # came in twice at the same moment
                    return self._people.accounts.get(linked)
        raise NoAccountError
