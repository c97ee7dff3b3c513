"""Signing in, and whatever decides whether somebody still may: here accounts, sessions, tokens and links meet.

Knows no HTTP. Whoever is disabled, or whose link chose a new password, is out of every session and token when the
call returns, and what was being written for them is stopped.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from app.answers import LOCAL_ACTOR, Actor, Role
from app.errors import AppError
from app.identity import passwords, second_factor
from app.identity.attempts import Attempts
from app.identity.sessions import Session, Sessions, digest
from app.identity.stops import Stops
from app.rights import Right, require
from app.store.accounts import Account, Accounts
from app.store.api_tokens import ApiToken, ApiTokens, Scope, TokenError
from app.store.ledger import Ledger
from app.store.sign_ins import Credentials, folded

INVITATION_SECONDS = 3 * 86400.0
DAY_SECONDS = 86400.0
LONGEST_TOKEN_DAYS = 366
PREFIX = "inh_"
"""Of every token, so that scanners for secrets recognise one that was published."""
SEALED_AT = "accounts.second_factor"


class SignInError(AppError):
    """The name, the password or the code is not right."""

    status = 401


class LinkError(AppError):
    """This link was used already, was replaced by a newer one, or has run out. Ask for a new one."""

    status = 410


class ElsewhereError(AppError):
    """This person signs in through the company's provider and has no password here."""

    status = 409


class CodeError(AppError):
    """The code is not the one your app shows now. Try the next one."""

    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whoever calls with a token, and what the token opens."""

    actor: Actor
    scopes: frozenset[Scope]
    token_id: str
    expires: float


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody who has an account here, and how they come in."""

    accounts: Accounts
    tokens: ApiTokens
    ledger: Ledger
    sessions: Sessions
    attempts: Attempts = field(default_factory=Attempts)
    stops: Stops = field(default_factory=Stops)
    """What stops the answers being written for each person, and through each session and token."""
    erasing: Callable[[], AbstractContextManager[None]] = nullcontext
    """Somebody loses a role, a group or the account within it; it destroys what others made from answers."""
    _pending: dict[str, bytes] = field(default_factory=dict, init=False, repr=False)
    """Second factors that were begun and not confirmed yet."""
    _setup: list[str] = field(default_factory=list, init=False, repr=False)
    """The hash of the link through which the first administrator comes in."""

    def sign_in(self, name: str, password: str, code: str = "", *, origin: str = "", device: str = "") -> str:
        """Return the secret of a new session.

        Args:
            name: of the account.
            password: of the account.
            code: what the person's app shows, where the account has a second factor.
            origin: the address the attempt comes from.
            device: what the browser says it is.

        Raises:
            TooManyAttemptsError: too many failed lately.
            SignInError: something is wrong; it does not say what.
        """
        key = folded(name)
        self.attempts.check(key, origin)
        known = self.accounts.sign_ins.credentials(name)
        right = passwords.is_right(password, known.password_hash if known else "")
        if known is None or not right or not known.active or not self._code_is_right(known, code):
            self.attempts.failed(key, origin)
            raise SignInError
        self.attempts.succeeded(key)
        if passwords.is_outdated(known.password_hash):
            self.accounts.sign_ins.put_password(known.user_id, passwords.hashed(password))
        self.accounts.sign_ins.note_sign_in(known.user_id)
        return self.sessions.open(self.accounts.get(known.user_id).actor, device=device)

    def new_setup_link(self) -> str | None:
        """Return the token of a link for the first administrator; None when there is an administrator already."""
        if self.accounts.has_admin():
            return None
        token = secrets.token_urlsafe(32)
        self._setup[:] = [digest(token)]
        return token

    def may_set_up(self, token: str) -> bool:
        """Whether this is the setup link's token, and there still is no administrator."""
        return digest(token) in self._setup and not self.accounts.has_admin()

    def set_up(self, token: str, name: str, password: str) -> Account:
        """Make the first administrator.

        Raises:
            LinkError: it is not the setup link's token, or there is an administrator.
            PasswordError, AccountNameError, NameTakenError: choose another; the link still works.
        """
        if not self.may_set_up(token):
            raise LinkError
        passwords.check_new(password, name=name)
        made = self.accounts.add(LOCAL_ACTOR, name, roles=["admin"])
        self.accounts.sign_ins.put_password(made.user_id, passwords.hashed(password))
        self._setup.clear()
        return self.accounts.get(made.user_id)

    def invite(self, actor: Actor, user_id: str) -> str:
        """Return the token of a link through which a person chooses a password; an earlier link works no longer.

        Raises:
            ElsewhereError: the person signs in through the provider.
            ForbiddenError, UnknownPersonError: the actor may not manage people, or there is no such person.
        """
        require(actor, Right.PEOPLE)
        self._require_password(user_id)
        token = secrets.token_urlsafe(32)
        self.accounts.sign_ins.put_invitation(actor, user_id, digest(token), seconds=INVITATION_SECONDS)
        return token

    def invited(self, token: str) -> Account:
        """Return whose link this is.

        Raises:
            LinkError: nobody's any more.
        """
        user_id = self.accounts.sign_ins.invited(digest(token))
        account = self.accounts.get(user_id) if user_id else None
        if account is None or not account.active:
            raise LinkError
        return account

    def accept(self, token: str, password: str) -> None:
        """Choose a password through a link; whoever was signed in under the account is out.

        Raises:
            LinkError: the link is nobody's any more.
            PasswordError: choose another; the link still works.
        """
        account = self.invited(token)
        passwords.check_new(password, name=account.name)
        if not self.accounts.sign_ins.accept(digest(token), passwords.hashed(password)):
            raise LinkError
        self.throw_out(account.user_id)

    def change_password(self, actor: Actor, old: str, new: str, *, session_id: str | None = None) -> None:
        """Choose another password; the person's other sessions end, this one stays.

        Raises:
            SignInError, TooManyAttemptsError: the old one is not right.
            PasswordError: the new one is too easy.
        """
        self._prove(actor, old)
        passwords.check_new(new, name=actor.name)
        self.accounts.sign_ins.put_password(actor.user_id, passwords.hashed(new))
        self.sessions.end_of(actor.user_id, but=session_id or "")

    def begin_second_factor(self, actor: Actor) -> bytes:
        """Return a new secret for an app; it counts once a code of it was typed in.

        Raises:
            ElsewhereError: the provider asks for a second factor, or nobody does.
        """
        self._require_password(actor.user_id)
        self._pending[actor.user_id] = secret = second_factor.new_secret()
        return secret

    def confirm_second_factor(self, actor: Actor, code: str) -> None:
        """Ask for codes of the secret from now on.

        Raises:
            CodeError: this is none of it.
        """
        secret = self._pending.get(actor.user_id)
        if secret is None or second_factor.matching_step(secret, code) is None:
            raise CodeError
        sealed = self.ledger.seal(actor.user_id, secret, place=SEALED_AT)
        self.accounts.sign_ins.put_second_factor(actor.user_id, sealed)
        self._pending.pop(actor.user_id, None)

    def drop_second_factor(self, actor: Actor, password: str) -> None:
        """Ask for no codes any more.

        Raises:
            SignInError, TooManyAttemptsError: the password is not right.
        """
        self._prove(actor, password)
        self.accounts.sign_ins.put_second_factor(actor.user_id, None)

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
        """Give other roles, groups or a name, disable or enable, at once; the errors of `Accounts.change`.

        Where that takes access away, it is done within `erasing`.
        """
        require(actor, Right.PEOPLE)
        less = self.accounts.get(user_id).loses(roles=roles, groups=groups, active=active)
        with self.erasing() if less else nullcontext():
            account = self.accounts.change(actor, user_id, roles=roles, groups=groups, active=active, name=name)
            if account.active:
                self.sessions.renew(account.actor)
            else:
                self.throw_out(user_id)
        return account

    def revoke_token(self, actor: Actor, token_id: str) -> None:
        """Revoke one of the actor's tokens, and stop what is being written through it.

        Raises:
            NotFoundError: the actor has no such token.
        """
        self.tokens.revoke(actor, token_id)
        self.stops.stop(token_id)

    def throw_out(self, user_id: str) -> None:
        """End every session, token and running answer of a person."""
        self.sessions.end_of(user_id)
        self.stops.stop(user_id, *self.tokens.revoke_all(user_id))

    def sessions_of(self, actor: Actor) -> tuple[Session, ...]:
        """Return the actor's open sessions."""
        return self.sessions.of(actor.user_id)

    def make_token(self, actor: Actor, *, name: str, scopes: Collection[Scope], days: int) -> tuple[ApiToken, str]:
        """Return a new token and its secret, which is shown this once.

        Raises:
            TokenError: name, scopes or days cannot be used, or there are too many.
            UnknownPersonError: the actor has no account.
        """
        if not 1 <= days <= LONGEST_TOKEN_DAYS:
            raise TokenError
        self.accounts.get(actor.user_id)
        secret = PREFIX + secrets.token_urlsafe(32)
        return self.tokens.add(actor, digest(secret), name=name, scopes=scopes, seconds=days * DAY_SECONDS), secret

    def bearer(self, secret: str) -> Bearer | None:
        """Return who calls with a token; None when nobody may."""
        token = self.tokens.find(digest(secret)) if secret.startswith(PREFIX) else None
        if token is None:
            return None
        account = self.accounts.get(token.user_id)
        if not account.active:
            return None
        return Bearer(actor=account.actor, scopes=token.scopes, token_id=token.token_id, expires=token.expires)

    def tokens_of(self, actor: Actor, user_id: str) -> tuple[ApiToken, ...]:
        """Return somebody's tokens to whoever manages people."""
        require(actor, Right.PEOPLE)
        return self.tokens.of(self.accounts.get(user_id).actor)

    def _require_password(self, user_id: str) -> None:
        """Let only people pass who sign in here.

        Raises:
            ElsewhereError: somebody else knows who they are.
            UnknownPersonError: there is no such person.
        """
        if self.accounts.get(user_id).single_sign_on:
            raise ElsewhereError

    def _prove(self, actor: Actor, password: str) -> None:
        """See that whoever is signed in knows the password; guesses are counted as those of a sign-in are."""
        key = folded(actor.name)
        self.attempts.check(key, "")
        known = self.accounts.sign_ins.credentials_of(actor.user_id)
        if known is None or not passwords.is_right(password, known.password_hash):
            self.attempts.failed(key, "")
            raise SignInError("This is not your password.")

    def _code_is_right(self, known: Credentials, code: str) -> bool:
        if known.second_factor is None:
            return True
        secret = self.ledger.unseal(known.user_id, known.second_factor, place=SEALED_AT)
        step = second_factor.matching_step(secret, code)
        return step is not None and self.accounts.sign_ins.use_step(known.user_id, step)
