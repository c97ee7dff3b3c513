"""`python3 -m app.install run|test|…`: the commands behind the Makefile, the same on Windows and macOS.

`run` installs what is missing and starts the product; `test` installs what is missing and runs the whole suite.
A choice such as GPU=cuda may follow as it does with make, and is remembered for the next run.
"""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from app.install import engine
from app.install.machine import install_test_programs, other_python
from app.install.packages import Environment, write_constraints
from app.install.peer import install_peers
from app.install.progress import InstallError, say
from app.install.standin import install_standin

if TYPE_CHECKING:
    from collections.abc import Callable

TEST_WEIGHTS = ("small", "tiny", "minilm")
CHECKS = (
    ("-m", "ruff", "check"),
    ("-m", "ruff", "format", "--check"),
    ("-m", "mypy"),
    ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
)
BENCHMARKS_WITHOUT_DATA = ("engine", "native", "lookup", "turns", "resume", "arrival", "app", "store")
WORKERS = min((os.cpu_count() or 1) + 1, 4)
"""One more than there are cores, for a test often waits: for a browser, a child, a clock. On two cores three took 19
minutes where two took 26, on the same day."""
SIDE_BY_SIDE = (f"--numprocesses={WORKERS}", "--dist=loadfile", "--no-loadscope-reorder")
"""How pytest uses the cores: the tests of one file stay together, for they share servers and models."""
CHOICES = ("GPU", "CPU")
LARGEST_ORDINARY_STATUS = 255
INTERRUPTED = 130
"""The exit status of a command stopped with Ctrl-C, as shells give it."""


def run(environment: Environment, arguments: list[str]) -> int:
    """Install what is missing, load the demonstration on the first run, start the product."""
    environment.install(development=False)
    install_engine(environment)
    if status := environment.call("-m", "app", "setup", "--yes"):
        return status
    prove_engine(environment, os.environ.get("INHOUSE_MODEL") or "starter")
    command = [environment.python, "-m", "app", "serve", *arguments]
    if os.name != "nt":
        os.execv(environment.python, command)  # noqa: S606 - our own program; Ctrl-C then reaches it directly
    return subprocess.call(command)


def test(environment: Environment, arguments: list[str]) -> int:
    """Install what is missing and run the suite."""
    return run_suite(environment, ["-m", "not long", *arguments])


def test_long(environment: Environment, arguments: list[str]) -> int:
    """Run the suite with its fuzzing, soak and crash rounds."""
    return run_suite(environment, arguments)


def run_suite(environment: Environment, arguments: list[str]) -> int:
    """Install packages, programs and the engine, fetch the small models, start pytest."""
    environment.install(development=True)
    install_test_programs(environment.log("system"))
    install_engine(environment)
    install_standin(environment)
    install_peers(environment)
    for name in TEST_WEIGHTS:
        if status := environment.call("-m", "app", "models", "fetch", name):
            return status
    prove_engine(environment, "tiny")
    status = environment.call("-m", "pytest", *SIDE_BY_SIDE, *arguments)
    environment.keep_compiled()
    return status


def check(environment: Environment, arguments: list[str]) -> int:
    """Lint, formatting, types and layering; needs no engine and no model."""
    environment.install(development=True)
    failed = []
    for command in CHECKS:
        name = "layers" if command[0] == "-c" else " ".join(command[1:])
        say(f"Checking: {name}")
        if environment.call(*command, *arguments):
            failed.append(name)
    say(f"Failed: {', '.join(failed)}." if failed else "Everything checked is in order.")
    return 1 if failed else 0


def format_code(environment: Environment, arguments: list[str]) -> int:
    """Format the code and mend what ruff can mend."""
    environment.install(development=True)
    mended = environment.call("-m", "ruff", "check", "--fix", *arguments)
    return environment.call("-m", "ruff", "format", *arguments) or mended


def bench(environment: Environment, arguments: list[str]) -> int:
    """Run the benchmark named (`answers FOLDER`, …), or all that need no data set; docs/benchmarks.md has them."""
    environment.install(development=True)
    install_engine(environment)
    chosen = [arguments] if arguments else [[name] for name in BENCHMARKS_WITHOUT_DATA]
    statuses = [environment.call("-m", f"bench.{name}", *options) for name, *options in chosen]
    return max(statuses)


def system(environment: Environment, _arguments: list[str]) -> int:
    """Install the programs the tests drive (Debian, Ubuntu)."""
    install_test_programs(environment.log("system"))
    say("Every program the tests drive is there.")
    return 0


def constraints(environment: Environment, _arguments: list[str]) -> int:
    """Write constraints.txt anew: every package of .venv at the version that was tested."""
    write_constraints(environment)
    return 0


def clean(environment: Environment, _arguments: list[str]) -> int:
    """Remove .venv; weights and built wheels stay in the cache."""
    shutil.rmtree(environment.folder, ignore_errors=True)
    return 0


COMMANDS: dict[str, Callable[[Environment, list[str]], int]] = {
    "run": run,
    "test": test,
    "test-long": test_long,
    "check": check,
    "format": format_code,
    "bench": bench,
    "system": system,
    "constraints": constraints,
    "clean": clean,
}


def install_engine(environment: Environment, *, portable: bool = False) -> None:
    """Build the engine for this machine, or take it from the cache, and install it, unless it is installed.

    Args:
        environment: where it goes.
        portable: whether a build for any processor with AVX2 is wanted, because the native one crashed.
    """
    given = {name: os.environ[name] for name in CHOICES if os.environ.get(name)}
    chosen = {**(environment.recall("choices") or {}), **given}
    if portable:
        chosen["CPU"] = "portable"
    wanted = engine.recipe(environment.root, gpu=chosen.get("GPU", ""), cpu=chosen.get("CPU", ""))
    if environment.recall("engine") != wanted.key:
        engine.install(environment, engine.build(environment, wanted))
        environment.remember("engine", wanted.key)
    environment.remember("choices", chosen)


def prove_engine(environment: Environment, model: str) -> None:
    """See the installed engine decode a token, once, in a process that may crash; if it does, a portable one must.

    Raises:
        InstallError: when the portable one crashes too, or the probe failed without a crash and has said why.
    """
    if environment.recall("proved") == environment.recall("engine"):
        return
    say("Trying the engine")
    status = environment.call("-m", "models.probe", model)
    if crashed(status):
        say("The engine built for this very processor crashes. Building one for any processor instead.")
        install_engine(environment, portable=True)
        status = environment.call("-m", "models.probe", model)
    if status:
        raise InstallError("The engine does not work on this machine. Please report what `inhouse doctor` says.")
    environment.remember("proved", environment.recall("engine"))


def crashed(status: int) -> bool:
    """Tell whether a process was ended by the system: a signal on Unix, an exception code on Windows."""
    return status < 0 or status > LARGEST_ORDINARY_STATUS


def explain_fault(error: OSError) -> str:
    """Return the sentence for a file or folder the installation itself could not use."""
    again = "then run the same command again; it goes on from here."
    if error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}:  # Windows knows no quota
        return f"The disk is full. Free some space, {again}"
    return f"{error.filename or 'A file'} cannot be used: {error.strerror}. Correct this, {again}"


def main(arguments: list[str]) -> int:
    """Run one command; a failure is one sentence on standard error."""
    words = [word for word in arguments if not word.startswith(tuple(f"{name}=" for name in CHOICES))]
    os.environ.update(dict(word.split("=", 1) for word in arguments if word not in words))
    if not words or words[0] not in COMMANDS:
        print(f"Usage: python3 -m app.install {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        other = other_python()
        if other:
            return subprocess.call([other, "-m", "app.install", *arguments])
        return COMMANDS[words[0]](Environment(), words[1:])
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(explain_fault(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
