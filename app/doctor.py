"""What is well and what is not about an installation, each fault with its remedy.

Examines the machine and the files without assembling a product, so that it can report about one that cannot be
assembled. The stores themselves are examined by whoever owns them (`app.commands.stores`).
"""

import platform
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from app.chat_model.choosing import NotChatError, located
from app.errors import explain
from app.identity.refusals import ProviderCertificateError, SecretError, SingleSignOnError
from app.settings import Settings
from app.store.errors import DirectoryInUseError, KeyProblemError
from models import checkers, rerankers
from models.adapters import model_of
from models.catalogue import CATALOGUE
from models.embedders import find_embedder
from models.errors import ModelError
from models.gguf import in_file
from models.probe import prove
from models.weights import verify

OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
ROOM_BYTES = 2 * 10**9
"""A starter model and a company's handbook fit into this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was examined; it is well when no remedy is needed."""

    name: str
    found: str
    remedy: str = ""


NOT_SET_UP = Finding(name="data directory", found="It holds nothing yet.", remedy="Run `inhouse setup`.")
REBUILD_ENGINE = "Remove .venv and run `make run CPU=portable`."
BUILD_ENGINE = "Run `make run` (`py -m app.install run`), which builds it."
LOAD_ENGINE = [sys.executable, "-c", "import llama_cpp"]
"""In a process of its own: a library that does not fit the processor may end it."""


def report(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings as `inhouse doctor --json` prints them."""
    listed = [asdict(finding) | {"ok": not finding.remedy} for finding in findings]
    return {"ok": all(finding["ok"] for finding in listed), "findings": listed}


def of_error(error: BaseException) -> Finding:
    """Return what an error that kept the stores from being opened says about them."""
    name = "database"
    if isinstance(error, KeyProblemError):
        name = "key"
    elif isinstance(error, DirectoryInUseError):
        name = "data directory"
    found, _, remedy = explain(error).partition(". ")
    return Finding(name=name, found=found.rstrip(".") + ".", remedy=remedy or "Correct this and run `inhouse doctor`.")


def examine_machine(settings: Settings) -> Iterator[Finding]:
    """Yield what is found about the machine, the engine, the weights and the places where data goes."""
    yield check_python()
    yield check_compiler()
    yield from check_models(settings)
    yield from check_reranker(settings)
    yield from check_checker(settings)
    yield check_room(settings.home, "data directory")
    yield check_room(settings.cache, "model directory")
    yield check_port(settings.host, settings.port)
    yield from check_provider(settings)


def check_python() -> Finding:
    """Whether this Python is one the product is tested with."""
    found = f"Python {platform.python_version()} at {sys.executable}."
    if OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        return Finding(name="python", found=found)
    return Finding(name="python", found=found, remedy="Install Python 3.11, 3.12 or 3.13 and run `make run` again.")


def check_compiler() -> Finding:
    """Which C++ compiler there is; only building the engine anew needs one, so none is no fault."""
    for name in ("clang++-19", "clang++", "g++", "c++", "cl"):
        if path := shutil.which(name):
            return Finding(name="compiler", found=f"{path}.")
    install = {"win32": "Visual Studio's build tools", "darwin": "xcode-select --install"}
    how = install.get(sys.platform, "Debian, Ubuntu: apt-get install build-essential")
    return Finding(name="compiler", found=f"None; only building the engine anew needs one ({how}).")


def check_models(settings: Settings) -> Iterator[Finding]:
    """Yield whether the weights have their published checksums, and whether the engine decodes with them."""
    for wanted in settings.models:
        name, chat = model_of(wanted), wanted != settings.embedder
        try:
            path = located(settings, wanted).path if chat else find_embedder(name, directory=settings.weights)
            if name in CATALOGUE:
                verify(CATALOGUE[name], directory=settings.weights, thoroughly=True)
        except (ModelError, NotChatError) as error:
            path = None
            another = "choose another with `inhouse models use`" if chat else "name another one (`embedder`)"
            remedy = f"Run `inhouse models fetch {name}`, or {another}."
            yield Finding(name=f"weights {name}", found=explain(error), remedy=remedy)
        else:
            found = f"{path} is {'as published' if name in CATALOGUE else 'a whole file'}."
            yield Finding(name=f"weights {name}", found=found)
        if chat or (path and path.is_file()):
            yield check_engine(path, does="decodes" if chat else "embeds")


def check_reranker(settings: Settings) -> Iterator[Finding]:
    """Yield whether what puts search results in order is there and can be used, where the settings name it."""
    yield from _check_named("reranker", settings.reranker, rerankers.check_reranker, does="scores texts")


def check_checker(settings: Settings) -> Iterator[Finding]:
    """Yield whether what judges the statements of answers is there and can be used, where the settings name it."""
    yield from _check_named("checker", settings.checker, checkers.check_checker, does="decodes")


def _check_named(setting: str, path: Path | None, check: Callable[[Path], None], *, does: str) -> Iterator[Finding]:
    """Yield whether the model that a setting names is one for it and, of a GGUF file, whether the engine can use it."""
    if path is None:
        return
    try:
        check(path)
    except ModelError as error:
        remedy = f"Name another one in inhouse.toml (`{setting}`), or take that line out."
        yield Finding(name=setting, found=explain(error), remedy=remedy)
        return
    yield Finding(name=setting, found=f"{path} holds one.")
    if in_file(path):
        yield check_engine(path, does=does)


def check_engine(model: Path | None, *, does: str = "decodes") -> Finding:
    """Whether the engine does with this model what it is for or, without one, can at least be loaded."""
    if subprocess.run(LOAD_ENGINE, capture_output=True, check=False).returncode:  # noqa: S603 - ourselves
        return Finding(name="engine", found="The engine, llama.cpp, is missing or damaged.", remedy=BUILD_ENGINE)
    if model is None:
        return Finding(name="engine", found="It can be loaded; nothing was decoded, for there is no model.")
    try:
        prove(model)
    except ModelError as error:
        return Finding(name="engine", found=explain(error), remedy=REBUILD_ENGINE)
    return Finding(name="engine", found=f"It {does} with this model.")


def check_room(folder: Path, name: str) -> Finding:
    """Whether there is room on the disk of a folder that may not exist yet."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    found = f"{folder} has {free / 10**9:.1f} GB of room."
    if free >= ROOM_BYTES:
        return Finding(name=name, found=found)
    return Finding(name=name, found=found, remedy=f"Make {ROOM_BYTES / 10**9:.0f} GB of room on its disk.")


def check_port(host: str, port: int) -> Finding:
    """Whether the port is free, or Inhouse itself answers there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listening:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            if _is_inhouse(host, port):
                return Finding(name="port", found=f"Inhouse answers at {host}:{port}.")
            remedy = "Choose another with `inhouse serve --port` or in inhouse.toml."
            return Finding(name="port", found=f"{host}:{port} cannot be used: {error.strerror}.", remedy=remedy)
    return Finding(name="port", found=f"{host}:{port} is free.")


def check_provider(settings: Settings) -> Iterator[Finding]:
    """Yield whether people can sign in through the provider, where the settings name one; the provider is asked."""
    if not settings.oidc_issuer:
        return
    from app.identity.id_tokens import usable  # noqa: PLC0415 - costs a second, and few have a provider
    from app.identity.provider import Provider  # noqa: PLC0415

    name, provider = "single sign-on", Provider(settings)
    try:
        provider.secret()
        provider.describe()
        keys = usable(provider.keys())
    except SingleSignOnError as error:
        yield Finding(name=name, found=explain(error), remedy=_provider_remedy(error))
        return
    if not keys:
        remedy = "Let the provider sign ID tokens with RS256, PS256, ES256 or EdDSA."
        yield Finding(name=name, found=f"{settings.oidc_issuer} has no key that Inhouse could check.", remedy=remedy)
        return
    found = (
        f"{settings.oidc_issuer} answers, is who it should be, and has {keys} keys. It must know {provider.redirect}."
    )
    yield Finding(name=name, found=found)


def _provider_remedy(error: SingleSignOnError) -> str:
    if isinstance(error, SecretError):
        return "Name a file only Inhouse's owner can read in oidc_client_secret_file."
    if isinstance(error, ProviderCertificateError):
        return "Name the PEM file of the authority that signed it in oidc_ca_file."
    return "Compare oidc_issuer with what the provider says, and see that this machine reaches it over https."


def _is_inhouse(host: str, port: int) -> bool:
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().read(100) == b'{"status":"ok"}'
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
