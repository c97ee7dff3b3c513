"""How fast this machine reads and writes with a model: measured by the engine itself, remembered for a day.

Knows no prompt and no person. The passages of a prompt are chosen by it, so that an answer begins in good time.
"""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from models.engine import Engine
from models.generation import Finished

ROUNDS = 3
"""The fastest counts: other work on the machine can only slow a round down."""
READ_TOKENS = 256
WRITTEN_TOKENS = 16
VALID_SECONDS = 24 * 3600
"""After a day the next start measures anew: a machine that was busy then must not pass for a slow one for long."""
SAMPLE = "Who keeps the keys of the archive? They hang at the front desk, and whoever takes one signs for it. "


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """Tokens a second while nobody else is served."""

    read: float
    written: float


def speed_of(engine: Engine, *, key: str, file: Path) -> Speed:
    """Return the speed remembered under a key, measuring it (some ten seconds on two cores) where there is none.

    Args:
        engine: with nothing to do.
        key: says model, build and machine; another key is measured apart.
        file: where speeds are remembered; a file that cannot be read or written is passed over.
    """
    known = _read(file)
    entry = known.get(key)
    if isinstance(entry, dict) and 0 <= time.time() - entry.get("measured", 0) < VALID_SECONDS:
        return Speed(read=float(entry["read"]), written=float(entry["written"]))
    speed = measure(engine)
    _write(file, known | {key: asdict(speed) | {"measured": int(time.time())}})
    return speed


def measure(engine: Engine) -> Speed:
    """Let the engine read and write, and return how fast it did."""
    sample = engine.tokenize(SAMPLE)
    prompt = (sample * (READ_TOKENS // len(sample) + 1))[:READ_TOKENS]
    prompt = prompt[: engine.context_tokens - WRITTEN_TOKENS - 1]
    read, written = 0.0, 0.0
    for number in range(ROUNDS):
        fresh = prompt[number + 1 :] + prompt[: number + 1]  # begins otherwise, so that nothing of it is known
        seconds, _ = _run(engine, fresh, max_tokens=1, last=False)
        read = max(read, len(fresh) / seconds)
        seconds, tokens = _run(engine, fresh, max_tokens=WRITTEN_TOKENS, last=True)
        written = max(written, tokens / seconds)
    return Speed(read=read, written=written)


def affordable(speed: Speed, *, seconds: float) -> int:
    """Return how many tokens of a prompt can be read before an answer has to begin."""
    return int(speed.read * seconds)


def _run(engine: Engine, prompt: list[int], *, max_tokens: int, last: bool) -> tuple[float, int]:
    """Return the seconds a request took and how many tokens it wrote, at least 1; the last leaves nothing behind."""
    begun = time.perf_counter()
    written = 1
    generation = engine.submit(prompt, max_tokens=max_tokens)
    generation.fleeting = last
    for event in generation:
        if isinstance(event, Finished):
            written = max(1, event.completion_tokens)
    return time.perf_counter() - begun, written


def _read(file: Path) -> dict[str, dict[str, float]]:
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(file: Path, speeds: dict[str, dict[str, float]]) -> None:
    """Remember speeds; where that cannot be, they are measured again at the next start."""
    fresh = file.with_suffix(".new")
    try:
        fresh.write_text(json.dumps(speeds, indent=1), encoding="utf-8")
        fresh.replace(file)
    except OSError:
        fresh.unlink(missing_ok=True)
