"""A real OpenID Connect provider in a process of its own, and a client that goes through its pages."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.install.peer import provider_path

SITE = Path(__file__).with_name("provider_site.py")
SECRET = "of the client"
PASSWORD = "stones of venice"
GROUPS = {"ada": ["inhouse-admins", "Sales"], "bob": ["Sales"]}
TOKEN_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True, kw_only=True)
class RunningProvider:
    """A provider that serves."""

    address: str
    secret_file: Path

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of an Inhouse that lets its people in."""
        return {
            "sign_in": True,
            "oidc_issuer": self.address,
            "oidc_client_id": "inhouse",
            "oidc_client_secret_file": self.secret_file,
            "oidc_name": "Sign in with Contoso",
        }

    def let_in(self, url: str, name: str, password: str = PASSWORD) -> str:
        """Sign in on the provider's page and return where it sends the browser back to."""
        with httpx.Client(follow_redirects=True) as browser:
            shown = browser.get(url)
            token = TOKEN_FIELD.search(shown.text)
            assert token, shown.text
            typed = {"csrfmiddlewaretoken": token[1], "username": name, "password": password}
            browser.follow_redirects = False
            answer = browser.post(str(shown.url), data=typed)
            while answer.headers.get("location", "").startswith("/"):
                answer = browser.get(self.address + answer.headers["location"])
            return answer.headers["location"]


@contextmanager
def running_provider(port: int, folder: Path, *, inhouse: str) -> Iterator[RunningProvider]:
    """Let a provider serve on a port within the block; it knows one Inhouse, and the people of GROUPS."""
    if not provider_path().is_dir():
        pytest.skip("the provider is not installed")
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    given = {"port": port, "redirect": f"{inhouse}/sign-in/return", "after": f"{inhouse}/sign-in"}
    given |= {"secret": SECRET, "key": key.decode(), "groups": GROUPS}
    file = folder / "client-secret"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    environment = os.environ | {"PYTHONPATH": str(provider_path())}
    with subprocess.Popen(
        [sys.executable, str(SITE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["serves"]
        try:
            yield RunningProvider(address=f"http://localhost:{port}", secret_file=file)
        finally:
            process.kill()
