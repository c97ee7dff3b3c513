"""Fetch what only tests and benchmarks run against: llama.cpp's own server, and an OpenID Connect provider.

Each is in a folder of its own, because it brings packages that are none of ours. The product never loads them.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.install.machine import cache_directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.install.packages import Environment

PACKAGE, VERSION = "xllamacpp", "2026.10.11549"
PROVIDER, PROVIDER_VERSION = "django-oauth-toolkit", "3.4.1"
"""A provider that shares no code with our side of single sign-on: jwcrypto and oauthlib in place of Authlib."""
PROVIDER_NEEDS = ("django==5.2.19", "jwcrypto==1.6.1", "asgiref==3.13.0", "sqlparse==0.6.1")
"""Beside what the environment of the tests has."""


def peer_path() -> Path:
    """Return the folder that llama.cpp's own server is imported from."""
    return cache_directory() / "peer" / VERSION


def provider_path() -> Path:
    """Return the folder that the provider is imported from."""
    return cache_directory() / "provider" / PROVIDER_VERSION


def install_peers(environment: Environment) -> None:
    """Fetch the packages unless they are there."""
    server = [f"{PACKAGE}=={VERSION}"]
    _fetch(environment, "Fetching llama.cpp's own server, to test against (40 MB)", peer_path(), server)
    provider = [f"{PROVIDER}=={PROVIDER_VERSION}", *PROVIDER_NEEDS]
    _fetch(environment, "Fetching a sign-in provider, to test against (9 MB)", provider_path(), provider)


def _fetch(environment: Environment, title: str, target: Path, packages: Sequence[str]) -> None:
    """Fetch packages into a folder, in one go."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        environment.pip(title, target.parent.name, ["install", "--no-deps", "--target", folder, *packages])
        shutil.move(folder, target)
        Path(folder).mkdir()  # for the context manager to remove
