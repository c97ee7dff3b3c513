"""Characters that nobody sees, and the sentence about text that nobody sees. Knows no format."""

import re
from collections import Counter

_JOINING = "\u200c\u200d"
"""Persian, the scripts of India and emoji need these; they are kept."""
_SOFT = "\u00ad\u200b\u2060\ufeff"
"""A few of these are in many honest texts: places where a word may be cut."""
_CUNNING = "\u2061-\u2064\u206a-\u206f\u202d\u202e\U000e0000-\U000e007f"
"""Invisible letters, and signs that turn the direction of what follows: no text needs them."""
_UNSEEN = re.compile(f"[{_SOFT}{_CUNNING}]")
_HIDING = re.compile(f"[{_CUNNING}]|[{_SOFT}{_JOINING}]{{4,}}|(?<=[A-Za-z])[\u200b\u2060\ufeff](?=[A-Za-z])")
_FEW = 8
"""Fewer zero-width characters within words are an accident of copying."""


def without_unseen(text: str) -> tuple[str, int]:
    """Return the text without characters nobody sees, and how many of them look as if they hid something."""
    if not _UNSEEN.search(text):
        return text, 0
    found = _HIDING.findall(text)
    cunning = sum(len(each) for each in found if each not in _SOFT)
    soft = len(found) - sum(1 for each in found if each not in _SOFT)
    return _UNSEEN.sub("", text), cunning + (soft if soft >= _FEW else 0)


def left_out_sentence(left_out: Counter[str]) -> str:
    """Return the warning about what was left out: kind -> how many; "" for nothing."""
    shown = ", ".join(f"{kind} ({count:,})" for kind, count in left_out.items() if count)
    return f"Hidden text was left out: {shown}." if shown else ""
