"""The `.venv` of a checkout: create it, install the pinned packages, remember what is done.

Knows the files pyproject.toml and constraints.txt; the engine (llama-cpp-python) is left to app/install/engine.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from app.install import kept
from app.install.machine import cache_directory, require_space, require_venv
from app.install.progress import run

if sys.version_info >= (3, 11):
    import tomllib

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "llama-cpp-python"
ENGINE_NEEDS = ("diskcache>=5.6.1",)
"""What the engine requires and no other package brings; its wheel is installed alone."""
SPACE_GIGABYTES = 4.0
"""2.2 GB installed, and as much again, for a while, as pip unpacks at once."""

CONSTRAINTS_HEADER = """\
# What was tested together; `make constraints` writes it from .venv. Pins versions, installs nothing by itself.
"""


class Environment:
    """The virtual environment of one checkout and its memory of finished steps (`.venv/inhouse.json`)."""

    def __init__(self, root: Path = ROOT) -> None:
        """Point at the environment; nothing is created."""
        self.root = root
        self.folder = root / ".venv"
        self.python = str(self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
        self._memory = self.folder / "inhouse.json"

    def recall(self, step: str) -> Any:
        """Return what was remembered of a step, or None."""
        try:
            return json.loads(self._memory.read_text(encoding="utf-8")).get(step)
        except (OSError, ValueError):
            return None

    def remember(self, step: str, value: Any) -> None:
        """Keep that a step is done, replacing the file in one go."""
        try:
            memory = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            memory = {}
        fresh = self._memory.with_suffix(".new")
        fresh.write_text(json.dumps({**memory, step: value}, indent=1), encoding="utf-8")
        fresh.replace(self._memory)

    def log(self, step: str) -> Path:
        """Return where the output of a step goes."""
        return cache_directory() / "logs" / f"{step}.log"

    def create(self) -> None:
        """Create the environment, unless it is there, whole, made in this place and by a Python that still exists."""
        if Path(self.python).exists() and self.recall("place") == str(self.folder):
            return
        require_venv()
        require_space(self.root, SPACE_GIGABYTES, "Installing Inhouse")
        command = [sys.executable, "-m", "venv", "--clear", str(self.folder)]
        run("Creating the Python environment .venv", command, log=self.log("venv"))
        self.remember("place", str(self.folder))

    def install(self, *, development: bool) -> None:
        """Install the packages of pyproject.toml at the versions of constraints.txt, the engine excepted.

        Args:
            development: also what tests and checks need.
        """
        self.create()
        wanted = digest(self.root)
        installed = self.recall("packages") or {}
        if installed.get("digest") == wanted and (installed.get("development") or not development):
            return
        development = development or bool(installed.get("development"))
        if installed or not kept.restore(self._key(development=development), self.folder):
            self._unpack(development=development)
        own = ["install", "--no-deps", "--no-build-isolation", "--editable", str(self.root)]
        self.pip("Installing the command inhouse", "inhouse", own)
        self.remember("packages", {"digest": wanted, "development": development})

    def keep_compiled(self) -> None:
        """Keep what was compiled of the packages since they were installed."""
        kept.keep_compiled(self._key(development=True), self.folder)

    def _unpack(self, *, development: bool) -> None:
        """Let pip install the packages; those of a new environment are kept for the next checkout."""
        require_space(self.root, SPACE_GIGABYTES / 4, "Installing the Python packages")
        names = requirements(self.root, development=development)
        # Compiling all of 2 GB ahead takes longer than compiling what is imported when it is.
        arguments = ["install", "-v", "--no-compile", *names]
        self.pip("Installing the Python packages (2 GB on the first run)", "packages", arguments)
        if self.recall("packages") is None:
            kept.keep(self._key(development=development), self.folder)

    def _key(self, *, development: bool) -> str:
        """Return a name that differs when other files would be installed."""
        parts = (digest(self.root), str(development), str(sys.implementation.cache_tag), sysconfig.get_platform())
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def pip(self, title: str, step: str, arguments: list[str], **variables: str) -> None:
        """Run pip of the environment, held to constraints.txt, with these environment variables."""
        options = ["--constraint", str(self.root / "constraints.txt"), "--progress-bar=off"]
        options += ["--disable-pip-version-check", "--no-input"]
        if os.environ.get("INHOUSE_OFFLINE") == "1":
            options.append("--no-index")
        command = [self.python, "-m", "pip", *arguments, *options]
        run(title, command, log=self.log(step), environment=variables)

    def call(self, *command: str, **variables: str) -> int:
        """Run a Python command of the environment (`-m pytest`, …) on this terminal; return its exit status.

        It may keep what it compiled, whatever the shell says: the packages were installed uncompiled, and every process
        of the product and of its tests would compile them again.
        """
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return subprocess.call([self.python, *command], cwd=self.root, env={**inherited, **variables})


def requirements(root: Path, *, development: bool) -> list[str]:
    """Return the requirements of pyproject.toml without the engine, with what it and the editable install need."""
    written = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    names: list[str] = [*written["build-system"]["requires"], *written["project"]["dependencies"], *ENGINE_NEEDS]
    if development:
        names += written["project"]["optional-dependencies"]["dev"]
    return [name for name in names if not name.startswith(ENGINE)]


def engine_version(root: Path) -> str:
    """Return the version of llama-cpp-python that constraints.txt pins."""
    text = (root / "constraints.txt").read_text(encoding="utf-8")
    found = re.search(r"^llama[-_]cpp[-_]python==(\S+)", text, re.MULTILINE)
    if found is None:
        raise ValueError("constraints.txt does not pin llama_cpp_python")
    return found[1]


def write_constraints(environment: Environment) -> None:
    """Write constraints.txt: names and versions of what is installed, without this product, pip and local builds' tags.

    A constraint installs nothing, so packages of one system do no harm on another.
    """
    command = [environment.python, "-m", "pip", "list", "--format=freeze", "--exclude=inhouse", "--exclude=pip"]
    listed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    pins = [line.partition("+")[0] for line in listed.splitlines() if "==" in line]
    (environment.root / "constraints.txt").write_text(CONSTRAINTS_HEADER + "\n".join(pins) + "\n", encoding="utf-8")


def digest(root: Path) -> str:
    """Return a hash that differs when other packages are wanted; the settings of linters and tests do not count."""
    written = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    pins = (root / "constraints.txt").read_text(encoding="utf-8")
    text = json.dumps([written["build-system"], written["project"], ENGINE_NEEDS, pins], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
