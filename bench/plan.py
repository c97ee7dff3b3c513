"""Whether a model takes as much memory as its device plan says, each load in a process of its own.

Run: `python -m bench.plan [--models tiny small starter] [--contexts 2048 4096]`.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import psutil

from app.settings import Settings
from models.loading import plan_for, start
from models.plan import Wish
from models.weights import find

MIB = 2**20


def taken(path: Path, context_tokens: int) -> int:
    """Return the bytes of its own this process takes more with the model than without, once it has decoded."""
    plan, _, _ = plan_for(path, Wish(context_tokens=context_tokens, slots=2))
    before = psutil.Process().memory_full_info().uss
    engine = start(path, plan)
    list(engine.submit(engine.tokenize("The keys are at the front desk.") * 40, max_tokens=2))
    return int(psutil.Process().memory_full_info().uss - before)


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", nargs="+", default=["tiny", "small", "starter"])
    parser.add_argument("--contexts", nargs="+", type=int, default=[2048, 4096])
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(taken(Path(options.child[0]), int(options.child[1])))
        return 0
    for name in options.models:
        path = find(name, directory=Settings().weights)
        for context_tokens in options.contexts:
            plan, _, _ = plan_for(path, Wish(context_tokens=context_tokens, slots=2))
            command = [sys.executable, "-m", "bench.plan", "--child", str(path), str(context_tokens)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            ratio = int(done.stdout) / plan.host_bytes
            print(
                f"{name:8} 2 x {context_tokens:5,} tokens: planned {plan.host_bytes / MIB:6.0f} MiB, "
                f"taken {int(done.stdout) / MIB:6.0f} MiB ({ratio:.3f}x)"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
