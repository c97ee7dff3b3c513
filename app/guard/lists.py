"""The lists in `assets/guard`: given names and surnames of many countries, and common words of English. Read once."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / "assets" / "guard"


@cache
def names() -> dict[str, str]:
    """Return names, folded; "g" is a given name, "s" a surname, "gs" both."""
    lines = (_FOLDER / "names.txt").read_text(encoding="ascii").splitlines()
    return dict(line.split(" ", 1) for line in lines)


@cache
def words() -> frozenset[str]:
    """Return common words of English, folded."""
    return frozenset((_FOLDER / "words.txt").read_text(encoding="ascii").split())
