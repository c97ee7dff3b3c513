"""A small OpenID Connect provider that keeps every rule by itself and breaks those a test tells it to.

Real HTTP (TLS where it is given a certificate), real codes used once, PKCE, client secrets and signatures. Beside the
real provider of tests/provider.py, which cannot be made to lie.
"""

import base64
import hashlib
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.testclient import TestClient

from app.answers import LOCAL_ACTOR
from app.identity.single_sign_on import SingleSignOn
from tests.served import Doors, agree

CLIENT, SECRET = "inhouse", "a secret of the client"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
Claims = dict[str, Any]
Sign = Callable[[Claims], str]


def signed(claims: Claims, key: Any = KEY, alg: str = "RS256", **header: Any) -> str:
    """Return an ID token with these claims."""
    return jwt.encode({"alg": alg, "kid": "one"} | header, claims, key, algorithms=[alg])


@dataclass(kw_only=True)
class StrictProvider:
    """A provider that serves, and how it behaves; everything may be set anew between two sign-ins."""

    address: str
    claims: Claims = field(default_factory=lambda: {"sub": "17", "preferred_username": "ada", "groups": ["Sales"]})
    """What it says of whoever signs in."""
    sign: Sign = signed
    keys: KeySet = field(default_factory=lambda: KeySet([KEY]))
    description: Claims = field(default_factory=dict)
    """What it says of itself instead of the truth."""
    userinfo: Claims = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Path -> what is answered there instead."""
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def let_in(self, url: str) -> str:
        """Sign somebody in who was sent here, and return where the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def describe(self) -> Claims:
        """Return what it says of itself."""
        ends = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/keys",
            "userinfo_endpoint": "/userinfo",
            "end_session_endpoint": "/out",
        }
        told = {name: self.address + path for name, path in ends.items()}
        return {"issuer": self.address, "token_endpoint_auth_methods_supported": ["client_secret_basic"]} | told

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        """Answer a request."""
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        match path:
            case "/.well-known/openid-configuration":
                return 200, json.dumps(self.describe() | self.description).encode()
            case "/keys":
                return 200, json.dumps(self.keys.as_dict(private=False)).encode()
            case "/userinfo" if authorization == "Bearer of this person":
                return 200, json.dumps(self.userinfo).encode()
            case "/token":
                return self._token(form, authorization)
        return 404, b"{}"

    def _token(self, form: dict[str, str], authorization: str) -> tuple[int, bytes]:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if authorization != f"Basic {basic}":
            return 401, b'{"error": "invalid_client"}'
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
            or form.get("grant_type") != "authorization_code"
        ):
            return 400, b'{"error": "invalid_grant", "error_description": "<b>no</b>"}'
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        tokens = {"id_token": self.sign(claims), "access_token": "of this person", "token_type": "Bearer"}
        return 200, json.dumps(tokens).encode()


@contextmanager
def strict_provider(*, certificate: str | None = None, key: str | None = None) -> Iterator[StrictProvider]:
    """Let one serve on a free port of 127.0.0.1 within the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            status, body = provider.answer(path, form, self.headers.get("authorization", ""))
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", body.decode())
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        provider = StrictProvider(address=f"{scheme}://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def settings_for(provider: StrictProvider, folder: Path) -> dict[str, Any]:
    """Return the settings of an Inhouse that lets a provider's people in."""
    file = folder / "client-secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    named = {"oidc_issuer": provider.address, "oidc_client_id": CLIENT, "oidc_client_secret_file": file}
    return {"sign_in": True, "port": 7860, **named}


def replace_way(doors: Doors, way: SingleSignOn | None) -> None:
    """Let a product that serves let people in by another way; a new one remembers no provider."""
    object.__setattr__(doors.product, "single_sign_on", way)


def begin(doors: Doors, client: TestClient | None = None) -> tuple[TestClient, str]:
    """Return a browser on its way, and where it was sent."""
    client = client or doors.stranger()
    answer = client.get("/sign-in/elsewhere")
    assert answer.status_code == 303, answer.text
    return client, answer.headers["location"]


def come_back(doors: Doors, provider: StrictProvider) -> tuple[TestClient, Any]:
    """Go the whole way, and let whoever came in agree to the privacy notice; return the browser and the answer."""
    client, url = begin(doors)
    answer = client.get(provider.let_in(url))
    for one in doors.product.people.accounts.list(LOCAL_ACTOR):
        agree(doors.product, one.actor)
    return client, answer
