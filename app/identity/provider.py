"""An OpenID Connect provider over HTTP: its description, its keys, a token for a code, what it tells about a person.

Asks only when somebody signs in, and when an administrator examines the installation. Trusts nothing it is told
beyond what TLS proves; tokens are verified by `app.identity.id_tokens`.
Sources: OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636.
"""

import os
import ssl
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.discovery import get_well_known_url

from app.identity.refusals import (
    ClientRefusedError,
    ProviderCertificateError,
    ProviderDownError,
    ProviderRefusedError,
    ProviderWrongError,
    SecretError,
    SingleSignOnError,
)
from app.settings import Settings, is_protected

CREDENTIAL = "inhouse-oidc-secret"
"""The name of the systemd credential."""
TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
KNOWN_SECONDS = 300.0
"""A description is asked for again after so long: whoever clicks often does not make us ask often."""
DOWN_SECONDS = 10.0
"""So long a provider that did not answer is not asked again, so that nobody waits for it in a row."""
CLIENT_FAULTS = frozenset({"invalid_client", "unauthorized_client", "invalid_redirect_uri"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a provider says about itself."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    """Empty where it has none."""
    secret_in_body: bool
    """Whether it takes the client's secret in the form only."""
    names_itself: bool
    """Whether it says in its answers who it is (RFC 9207)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What came for a code."""

    id_token: str
    access_token: str


class Provider:
    """The provider the settings name; safe to use from several threads."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Ask nothing yet. `clock` counts seconds and never goes back."""
        self._settings = settings
        self._clock = clock
        self._described: tuple[float, Description] | None = None
        self._down: tuple[float, SingleSignOnError] | None = None
        self._trust: tuple[int, ssl.SSLContext] | None = None
        """When the file was written, and what it says; reading all public certificates takes 60 ms."""

    @property
    def redirect(self) -> str:
        """Where the provider sends people back to: an address of the settings, whatever a request says."""
        return f"{self._settings.address}/sign-in/return"

    @property
    def known(self) -> Description | None:
        """The description, where one is remembered; asks nobody."""
        return self._described[1] if self._described else None

    def describe(self) -> Description:
        """Return what the provider says about itself.

        Raises:
            ProviderDownError, ProviderCertificateError, ProviderWrongError: with the sentence.
        """
        now = self._clock()
        if self._described and now - self._described[0] < KNOWN_SECONDS:
            return self._described[1]
        if self._down and now - self._down[0] < DOWN_SECONDS:
            raise type(self._down[1])(*self._down[1].args)
        try:
            with self._client() as client:
                url = get_well_known_url(self._settings.oidc_issuer, external=True)
                described = _description(_object(_get(client, url)), self._settings.oidc_issuer)
        except SingleSignOnError as error:
            self._down = (now, error)
            raise
        self._described, self._down = (now, described), None
        return described

    def authorization(self, *, state: str, nonce: str, verifier: str) -> str:
        """Return where a browser asks to be let in; the errors of `describe`."""
        described = self.describe()
        with self._client() as client:
            url, _ = client.create_authorization_url(
                described.authorization, state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url)

    def exchange(self, code: str, verifier: str) -> Tokens:
        """Return the tokens for a code.

        Raises:
            ProviderRefusedError: the code was used before, is somebody else's, or has run out.
            ClientRefusedError, SecretError: we are not known there.
        """
        described = self.describe()
        with self._client(described, secret=self.secret()) as client, asking():
            try:
                answer = client.fetch_token(described.token, code=code, code_verifier=verifier)
            except OAuthError as error:
                raise (ClientRefusedError if error.error in CLIENT_FAULTS else ProviderRefusedError) from error
        tokens = [answer.get(name) for name in ("id_token", "access_token")]
        if not all(isinstance(token, str) and token for token in tokens):
            raise ProviderWrongError
        return Tokens(id_token=tokens[0], access_token=tokens[1])

    def keys(self) -> list[dict[str, Any]]:
        """Return the keys the provider signs with now, asked for anew: they change without notice."""
        with self._client() as client:
            keys = _object(_get(client, self.describe().keys)).get("keys")
        if not isinstance(keys, list):
            raise ProviderWrongError
        return [key for key in keys if isinstance(key, dict)]

    def tell(self, access_token: str) -> dict[str, Any]:
        """Return what the provider tells about the person a token is of; nothing where it has no such door."""
        url = self.describe().userinfo
        if not url:
            return {}
        with self._client() as client:
            return _object(_get(client, url, {"authorization": f"Bearer {access_token}"}))

    def secret(self) -> str:
        """Return the secret that proves who we are; "" where the provider gave none.

        Raises:
            SecretError: it cannot be read, or others can read it too.
        """
        file = self._secret_file()
        if file is None:
            return ""
        try:
            if os.name == "posix" and file == self._settings.oidc_client_secret_file:
                _see_that_it_is_ours(file)
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SecretError(f"The secret for the sign-in provider cannot be read from {file}.") from error

    def _secret_file(self) -> Path | None:
        if self._settings.oidc_client_secret_file is not None:
            return self._settings.oidc_client_secret_file
        folder = self._settings.credentials_directory
        credential = folder / CREDENTIAL if folder else None
        return credential if credential is not None and credential.is_file() else None

    def _client(self, described: Description | None = None, *, secret: str = "") -> OAuth2Client:
        method = "client_secret_post" if described and described.secret_in_body else "client_secret_basic"
        return OAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=secret or None,
            token_endpoint_auth_method=method if secret else "none",
            scope=" ".join(self._settings.oidc_scopes),
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            verify=self._trusted(),
            timeout=TIMEOUT,
            trust_env=False,
            follow_redirects=False,
        )

    def _trusted(self) -> ssl.SSLContext:
        """Return what certificates are checked against.

        Raises:
            ProviderCertificateError: the file of the settings holds none.
        """
        file = self._settings.oidc_ca_file
        try:
            changed = file.stat().st_mtime_ns if file else 0
            if self._trust is None or self._trust[0] != changed:
                self._trust = (changed, ssl.create_default_context(cafile=file))
            return self._trust[1]
        except (OSError, ssl.SSLError) as error:
            raise ProviderCertificateError(f"{file}, which oidc_ca_file names, holds no certificate.") from error


@contextmanager
def asking() -> Iterator[None]:
    """Turn what can happen on the way to a provider into a sentence.

    Raises:
        ProviderDownError, ProviderCertificateError, ProviderWrongError: by what it was.
    """
    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise (ProviderDownError if error.response.is_server_error else ProviderWrongError) from error
    except httpx2.RequestError as error:
        raise (ProviderCertificateError if _is_about_a_certificate(error) else ProviderDownError) from error
    except (ValueError, RecursionError, httpx2.InvalidURL) as error:  # no JSON, or no address
        raise ProviderWrongError from error


def _get(client: OAuth2Client, url: str, headers: dict[str, str] | None = None) -> Any:
    with asking():
        answer = client.request(
            "GET", url, withhold_token=True, headers={"accept": "application/json"} | (headers or {})
        )
        answer.raise_for_status()
        if answer.is_redirect:
            raise ProviderWrongError
        return answer.json()


def _object(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise ProviderWrongError
    return answer


def _description(told: dict[str, Any], issuer: str) -> Description:
    """Return a description, once it is the provider's we mean and every address in it is protected."""
    if told.get("issuer") != issuer:
        raise ProviderWrongError(
            f"The sign-in provider at {issuer} calls itself otherwise. An administrator writes its own name into "
            "`oidc_issuer`, exactly as it is."
        )
    needed = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    others = [told.get(name) or "" for name in ("userinfo_endpoint", "end_session_endpoint")]
    if not all(isinstance(url, str) and is_protected(url) for url in [*needed, *filter(None, others)]):
        raise ProviderWrongError("The sign-in provider names addresses that are missing or not protected by https.")
    methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Description(
        authorization=str(needed[0]),
        token=str(needed[1]),
        keys=str(needed[2]),
        userinfo=others[0],
        end_session=others[1],
        secret_in_body="client_secret_basic" not in methods,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _see_that_it_is_ours(file: Path) -> None:
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise SecretError(f"Others may read {file}, the secret for the sign-in provider. Run `chmod 600 {file}`.")


def _is_about_a_certificate(error: BaseException | None) -> bool:
    """Whether a failed connection failed for its certificate, somewhere down the chain of causes."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
