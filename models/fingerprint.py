"""What tells an embedding model from every other of its name: the SHA-256 of a file that no catalogue pins.

Reading a file of some hundred megabytes takes part of a second, so what was found is remembered for as long as the file
keeps its size and time.
"""

import hashlib
import json
from pathlib import Path

from models.catalogue import CATALOGUE
from models.errors import ModelError
from models.gguf import is_here
from models.weights import find

HASHES = "hashes.json"


def sha256_of(name_or_path: str, *, directory: Path) -> str:
    """Return the SHA-256 of a model's file; "" for one of the catalogue, which is pinned, and one that is not there.

    Args:
        name_or_path: as the settings name it.
        directory: the folder of weights, where hashes are remembered.
    """
    if name_or_path in CATALOGUE:
        return ""
    try:
        path = find(name_or_path, directory=directory).resolve()
        stat = path.stat()
    except (ModelError, OSError):
        return ""
    known = _read(directory / HASHES)
    state = [stat.st_size, stat.st_mtime_ns]
    found = known.get(str(path))
    if isinstance(found, list) and found[:2] == state and len(found) == len(state) + 1:
        return str(found[-1])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    there = {name: told for name, told in known.items() if is_here(Path(name))}
    _write(directory / HASHES, there | {str(path): [*state, digest]})
    return digest


def _read(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, hashes: dict[str, object]) -> None:
    """Remember the hashes; where that cannot be done they are reckoned again the next time."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(hashes), encoding="utf-8")
        part.replace(path)
    except OSError:
        return
