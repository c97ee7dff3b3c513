"""Names of files as they may be kept and shown, and titles made of them. Knows no file."""

import re
from pathlib import PurePosixPath

_UNSEEN = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]")
_NAME_CHARACTERS = 400


def safe_name(name: str) -> str:
    """Return a name without steps out of its folder, control characters and signs that turn the reading direction."""
    seen = _UNSEEN.sub("", name.replace("\\", "/"))
    parts = [part.strip() for part in seen.split("/")]
    return "/".join(part for part in parts if part not in {"", ".", ".."})[-_NAME_CHARACTERS:] or "unnamed"


def title_from_name(name: str) -> str:
    """Return a readable title made from a file name: "travel-and-leave/fmla_form.md" gives "fmla form"."""
    path = PurePosixPath(name)
    stem = path.parent.name if path.stem.lower() in {"index", "readme"} and path.parent.name else path.stem
    return re.sub(r"[\s_-]+", " ", stem).strip() or path.name
