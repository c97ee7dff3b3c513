"""What the machine must have before anything is installed: a Python, a compiler, room on the disk, system packages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.install.progress import InstallError, run

if TYPE_CHECKING:
    from collections.abc import Sequence

SUPPORTED = ((3, 11), (3, 12), (3, 13))
GIGABYTE = 10**9

TEST_PROGRAMS = {
    "build-essential": ("c++", "g++", "clang++"),
    "chromium": ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"),
    "gnome-keyring": ("gnome-keyring-daemon",),
    "dbus": ("dbus-run-session",),
    "iproute2": ("ip",),
    "tesseract-ocr": ("tesseract",),
    "xvfb": ("Xvfb",),
}
"""Debian's package -> the programs of which the tests need one."""
BETTER_COMPILER = ("clang-19", "libomp-19-dev")
"""Installed for the tests where Debian or Ubuntu offers them; see app/install/engine.py for the reason."""
QUICK_BROWSER = "chromium-headless-shell"
"""Chromium without its own windows: a page costs two thirds of the processor's time. Debian offers it, Ubuntu not."""


def cache_directory() -> Path:
    """Return where weights and built wheels are kept for all checkouts: the same place as `Settings.cache`."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "inhouse" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "inhouse"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "inhouse"


def other_python(version: Sequence[int] = tuple(sys.version_info[:2])) -> str | None:
    """Return a supported Python to go on with, or None when this one (of the given version) is supported itself.

    Raises:
        InstallError: when neither this one nor any beside it is supported.
    """
    if tuple(version[:2]) in SUPPORTED:
        return None
    for major, minor in SUPPORTED:
        found = shutil.which(f"python{major}.{minor}")
        if found and _runs(found, f"import sys, venv; sys.exit(sys.version_info[:2] != ({major}, {minor}))"):
            return found
    raise InstallError(
        f"Inhouse runs on Python 3.11, 3.12 or 3.13, and this is {version[0]}.{version[1]}. Install one of them "
        "(Debian, Ubuntu: apt-get install python3.11 python3.11-venv; Windows, macOS: the installer of python.org), "
        "then run the same command again."
    )


def require_venv() -> None:
    """See that virtual environments can be made: Debian and Ubuntu keep the module in a package of its own.

    Raises:
        InstallError: naming that package.
    """
    if any(importlib.util.find_spec(name) is None for name in ("venv", "ensurepip")):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise InstallError(
            f"This Python cannot make virtual environments. Install its venv module (Debian, Ubuntu: apt-get install "
            f"python{version}-venv), then run the same command again."
        )


def require_space(folder: Path, gigabytes: float, purpose: str) -> None:
    """See that so much is free where the folder is or will be.

    Raises:
        InstallError: with the free and the needed gigabytes.
    """
    there = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(there).free / GIGABYTE
    if free < gigabytes:
        raise InstallError(
            f"{purpose} needs {gigabytes:.1f} GB, and {there} has {free:.1f} GB free. Free {gigabytes - free:.1f} GB "
            "more, then run the same command again; it goes on from here."
        )


def install_test_programs(log: Path) -> None:
    """Install the programs the tests drive, where they are missing; Linux only.

    Raises:
        InstallError: when they cannot be installed from here, with the command that does it.
    """
    if not sys.platform.startswith("linux"):
        return
    missing = missing_test_programs()
    apt, names = shutil.which("apt-get"), " ".join(missing)
    if missing and apt is None:
        raise InstallError(f"The tests need {names} (Debian's names). Install them with your package manager.")
    if missing and os.geteuid() != 0:
        raise InstallError(f"The tests need {names}. Run `sudo make system`, then the same command again.")
    slow = shutil.which(QUICK_BROWSER) is None
    if apt is None or os.geteuid() != 0 or not (missing or slow):
        return
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    run("Reading the list of system packages", [apt, "update", "-q"], log=log, environment=environment)
    quick = slow and _offered(QUICK_BROWSER)
    packages = [QUICK_BROWSER] if quick else []
    packages += [name for name in missing if not (quick and name == "chromium")]
    if missing and shutil.which("clang-19") is None and all(_offered(name) for name in BETTER_COMPILER):
        packages += BETTER_COMPILER
    if packages:
        command = [apt, "install", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", *packages]
        done = f"Installing system packages for the tests ({', '.join(packages)})"
        run(done, command, log=log, environment=environment)


def missing_test_programs() -> list[str]:
    """Return the Debian packages of which no program is found."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    return [
        package
        for package, programs in TEST_PROGRAMS.items()
        if not any(shutil.which(program, path=path) for program in programs)
    ]


def _offered(package: str) -> bool:
    shown = subprocess.run(
        [shutil.which("apt-cache") or "apt-cache", "show", package], capture_output=True, check=False
    )
    return shown.returncode == 0


def _runs(python: str, code: str) -> bool:
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0
