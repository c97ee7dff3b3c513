"""Names of files as they may be kept and shown, and titles made of them. Knows no file."""

import os
import re
from pathlib import PurePosixPath

_UNSEEN = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
_JOINERS = "\u200c\u200d"
_NAME_CHARACTERS = 400


def safe_name(name: str) -> str:
    """Return a name without steps out of its folder, control characters and signs that turn the reading direction."""
    seen = _UNSEEN.sub("", name.replace("\\", "/"))
    parts = [part.strip() for part in seen.split("/")]
    return "/".join(part for part in parts if part not in {"", ".", ".."})[-_NAME_CHARACTERS:] or "unnamed"


def path_name(path: str) -> str:
    """Return the path of a file on this machine as it may be shown: as it is, but for signs nobody sees.

    Their bytes are written as `%0A`, so that two files never have one name. Joiners stay, as languages spell with them.
    """
    return _UNSEEN.sub(_written_out, path)


def _written_out(match: re.Match[str]) -> str:
    sign = match[0]
    return sign if sign in _JOINERS else "".join(f"%{byte:02X}" for byte in os.fsencode(sign))


def title_from_name(name: str) -> str:
    """Return a readable title made from a file name: "travel-and-leave/fmla_form.md" gives "fmla form"."""
    path = PurePosixPath(name)
    stem = path.parent.name if path.stem.lower() in {"index", "readme"} and path.parent.name else path.stem
    return re.sub(r"[\s_-]+", " ", stem).strip() or path.name
