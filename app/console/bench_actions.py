"""What `inhouse bench` does: a benchmark of the source tree runs in a process of its own, and its results are printed.

Knows where benchmarks lie and how they are called; they know what is measured and beside what.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from app.console.terminal import say

ROOT = Path(__file__).resolve().parents[2]
NOT_DONE = 1
WITH_DATA: dict[str, list[str]] = {"ingest": [], "search": ["--data"]}
"""Those that read a folder, and how each is told of it."""


def bench(options: argparse.Namespace) -> int:
    """Run a benchmark; its exit status, 1 where the source tree is not here."""
    if not (ROOT / "bench" / f"{options.what}.py").is_file():
        say(f"Benchmarks are part of Inhouse's source tree, and {ROOT} is none. Run this in a clone of it.")
        return NOT_DONE
    given = ["--json"] if options.json else []
    if options.data is not None and options.what in WITH_DATA:
        given += [*WITH_DATA[options.what], str(options.data.absolute())]
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(  # noqa: S603 - one of four modules of our own
        [sys.executable, "-m", f"bench.{options.what}", *given],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": paths},
        check=False,
    )
    if done.returncode:
        say(f"The benchmark {options.what} did not come to its end.")
    return NOT_DONE if done.returncode else 0
