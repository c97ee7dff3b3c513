"""Write the lists of names and words in `assets/guard` that the guard looks for people with.

Run once, by whoever wants newer lists, in an environment of its own: `pip install faker names`, and the word list of
Debian's package wamerican-small: `python -m bench.write_names /usr/share/dict/american-english-small`. Nothing of it is
needed to run the product; where the lists come from and their licences stands in `assets/guard/README.md`.
"""
# ruff: noqa: E501, RUF001, SIM905 (letters of other scripts are meant; two packages nobody else needs)

import importlib
import pkgutil
import re
import sys
import unicodedata
from pathlib import Path

from app.guard.folding import folded

HERE = Path(__file__).parent.parent / "assets" / "guard"
SURNAMES = 30_000
"""Of the census, the most frequent first: these are 87 % of all people."""
LEAST = 3
"""Letters."""
CYRILLIC = dict(
    zip("абвгдезийклмнопрстуфыэіїє", "a b v g d e z i y k l m n o p r s t u f y e i yi ye".split(), strict=True)
) | {"ё": "yo", "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}  # fmt: skip


def of_faker() -> tuple[set[str], set[str]]:
    """Return given names and surnames of every locale of Faker that can be written in Latin letters."""
    locales = importlib.import_module("faker.providers.person")

    given: set[str] = set()
    surnames: set[str] = set()
    for found in pkgutil.iter_modules(locales.__path__):
        if not found.ispkg:
            continue
        provider = importlib.import_module(f"{locales.__name__}.{found.name}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if not isinstance(values, tuple | list | dict) or "prefix" in attribute or "suffix" in attribute:
                continue
            wanted = (
                surnames if re.search("last_name|surname", attribute) else given if "first_name" in attribute else None
            )
            if wanted is not None:
                wanted.update(name if isinstance(name, str) else name[0] for name in values)
    return given, surnames


def of_census() -> tuple[set[str], set[str]]:
    """Return given names and the most frequent surnames of the United States' census of 1990."""
    package = importlib.import_module("names")

    def read(kind: str) -> list[str]:
        return [line.split()[0] for line in Path(package.full_path(f"dist.{kind}")).read_text().splitlines()]

    return {*read("female.first"), *read("male.first")}, set(read("all.last")[:SURNAMES])


def plain(names: set[str]) -> set[str]:
    """Return single words of names in Latin letters, folded; Cyrillic ones are written in Latin letters."""
    found = set()
    for name in names:
        for part in re.split(r"[\s.'’-]+", name):
            latin = folded("".join(CYRILLIC.get(sign, sign) for sign in part.lower()))
            if len(latin) >= LEAST and latin.isascii() and latin.isalpha():
                found.add(latin)
    return found


def main() -> None:
    """Write both lists."""
    given, surnames = map(plain, map(set.union, of_faker(), of_census()))
    lines = [f"{name} {'g' * (name in given)}{'s' * (name in surnames)}" for name in sorted(given | surnames)]
    (HERE / "names.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
    known = Path(sys.argv[1]).read_text(encoding="utf-8").split()
    words = {folded(word) for word in known if word[0].islower() and "'" not in word}
    words = {word for word in words if len(word) >= LEAST and word.isascii()}
    (HERE / "words.txt").write_text("\n".join(sorted(words)) + "\n", encoding="ascii")
    print(f"{len(lines):,} names, {len(words):,} words, Unicode {unicodedata.unidata_version}")


if __name__ == "__main__":
    main()
