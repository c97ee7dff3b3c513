"""What of an installation leaves more open than it has to: file modes, binding, TLS, keys, settings, versions.

Looks at files, settings and installed packages; opens no store. What is stored is examined by whoever owns it
(`app.stored_security`), who also proves the audit log.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from app.certificates import check_tls
from app.doctor import Finding, check_provider
from app.settings import ASSETS, Settings
from retrieval.memory import overwrite_freed_memory

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
VERSIONS = ASSETS / "security" / "versions.txt"
NAMED = 3
"""So many files or packages are named; the rest is counted."""
OPENING = frozenset({"key.json", "token", "server.json"})
"""Names of files that lead to the rest, beside the databases."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def examine_security(settings: Settings) -> Iterator[Finding]:
    """Yield what is found, each with what to change."""
    yield check_modes(settings.home)
    yield check_binding(settings)
    yield check_sign_in(settings)
    yield from check_tls(settings)
    yield from check_keys(settings)
    yield check_settings(settings)
    yield check_model_servers(settings)
    yield check_memory()
    yield from check_provider(settings)
    yield check_versions(VERSIONS)


def check_modes(home: Path) -> Finding:
    """Whether only its owner can read what lies in the data directory.

    Where nobody else can enter it, only those files have to be closed by themselves that open the rest if copied.
    """
    if os.name == "nt":
        return Finding(name="file modes", found="Windows protects the files by the profile's folder.")
    if not home.exists():
        return Finding(name="file modes", found="There is no data directory yet.")
    closed = not home.stat().st_mode & OTHERS
    looked_at = [path for path in (home, *home.rglob("*")) if not closed or path.match("*.db") or path.name in OPENING]
    open_ones = [path for path in looked_at if _is_open(path)]
    if not open_ones:
        return Finding(name="file modes", found=f"Nobody else can read or write anything in {home}.")
    named = _named([str(path.relative_to(home)) if path != home else "." for path in open_ones])
    found = f"Of {home} these are open to others of this machine: {named}."
    return Finding(name="file modes", found=found, remedy=f"Run `chmod -R go-rwx '{home}'`.")


def check_memory() -> Finding:
    """Whether freed memory is overwritten: the vector index writes memory to the disk that it has not filled."""
    if overwrite_freed_memory():
        return Finding(name="memory", found="What is freed in memory is overwritten.")
    found = "This system does not overwrite freed memory, so pieces of texts may lie in the files of the vector index."
    return Finding(name="memory", found=found, remedy="Keep the data directory on an encrypted disk.")


def check_binding(settings: Settings) -> Finding:
    """Whether only this machine is served."""
    if settings.host in LOOPBACK:
        return Finding(name="binding", found=f"Only this machine is served ({settings.host}).")
    if settings.sign_in and settings.scheme == "https":
        return Finding(name="binding", found=f"Other machines can reach {settings.host}, with accounts and TLS.")
    remedy = "Serve 127.0.0.1, or see that accounts exist and TLS is on."
    return Finding(name="binding", found=f"Other machines can reach {settings.host}.", remedy=remedy)


def check_sign_in(settings: Settings) -> Finding:
    """Whether people sign in where others than the person of this machine may come."""
    if settings.sign_in:
        return Finding(name="sign-in", found="People sign in.")
    others = settings.proxy_ends_tls or settings.host_names or settings.host not in LOOPBACK
    if not others:
        return Finding(name="sign-in", found="Nobody signs in: this is a workstation, for one person.")
    found = "Nobody signs in, although host, host_names or proxy_ends_tls are set for others."
    return Finding(name="sign-in", found=found, remedy="Set `sign_in = true`, or take these settings away.")


def check_keys(settings: Settings) -> Iterator[Finding]:
    """Yield where the master key is kept, and whether somebody else could read it there."""
    yield Finding(name="key source", found=f"The master key is in the source {settings.key_source!r}.")
    file = settings.key_file
    if settings.key_source != "file" or file is None or not file.exists():
        return
    if os.name != "nt" and file.stat().st_mode & OTHERS:
        found, remedy = f"Others can read the key file {file}.", f"Run `chmod 600 '{file}'`."
        yield Finding(name="key file", found=found, remedy=remedy)
    if settings.home.resolve() in file.resolve().parents:
        found = f"The key file {file} lies in the data directory: whoever copies that has both."
        remedy = "Move it elsewhere and name it in INHOUSE_KEY_FILE, or use another key source."
        yield Finding(name="key file", found=found, remedy=remedy)


def check_settings(settings: Settings) -> Finding:
    """Whether a setting takes away a protection that is on by default."""
    if not settings.withhold_secrets:
        remedy = "Remove withhold_secrets from inhouse.toml."
        return Finding(name="settings", found="Keys and passwords are not taken out of answers.", remedy=remedy)
    said = f"Personal data: {settings.personal_data}. Secrets are taken out of answers."
    return Finding(name="settings", found=said)


def check_model_servers(settings: Settings) -> Finding:
    """Whether questions and passages travel unencrypted to a model server on another machine."""
    plain = [
        url
        for url in settings.model_servers
        if urlsplit(url).scheme == "http" and urlsplit(url).hostname not in LOOPBACK
    ]
    if not plain:
        return Finding(name="model servers", found="Nothing travels unencrypted to a model on another machine.")
    found = f"Questions and passages travel unencrypted to {_named([urlsplit(url).netloc for url in plain])}."
    return Finding(name="model servers", found=found, remedy="Use https, or a tunnel that ends on this machine.")


def check_versions(listed: Path) -> Finding:
    """Whether a package is older than the one this release was tested with, or missing."""
    older = []
    for line in listed.read_text(encoding="utf-8").splitlines():
        name, _, tested = line.partition("==")
        if not tested:
            continue
        try:
            here = version(name)
        except PackageNotFoundError:
            older.append(f"{name} is missing")
            continue
        if _numbers(here) < _numbers(tested):
            older.append(f"{name} {here} (tested: {tested})")
    if not older:
        return Finding(name="versions", found="No package is older than those this release was tested with.")
    remedy = "Run `make run`, which installs what is missing."
    return Finding(
        name="versions", found=f"Older than what this release was tested with: {_named(older)}.", remedy=remedy
    )


def _is_open(path: Path) -> bool:
    """Whether others have a right to a file; one that is gone meanwhile, as a running Inhouse's may be, is not open."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return bool(mode & OTHERS) and not stat.S_ISLNK(mode)


def _numbers(text: str) -> tuple[int, ...]:
    """Return the numbers of a version, up to the first part that is none."""
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in match[0].split(".")) if match else ()


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
