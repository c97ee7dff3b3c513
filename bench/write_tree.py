"""Write the tree of README.md anew: every module of the three packages with the first sentence of its docstring.

Run `python -m bench.write_tree` after adding, removing or renaming a module. A test compares the tree with the files.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PACKAGES = ("app", "retrieval", "models")
BLOCK = re.compile(r"(?<=<!-- tree -->\n```\n).*?(?=```\n<!-- /tree -->)", re.DOTALL)
COLUMN, SHORTEST, LONGEST = 32, 30, 92
SEPARATORS = (": ", "; ", ", so that ", ", ")
"""Where a long summary is cut, the best place first."""


def lines(folder: Path, depth: int = 0) -> Iterator[tuple[int, str, str]]:
    """Yield depth, name and summary of a folder and what is in it: modules first, folders after them."""
    yield depth, f"{folder.name}/", summary(folder / "__init__.py")
    for path in sorted(folder.glob("*.py")):
        if path.stem != "__init__":
            yield depth + 1, path.name, summary(path)
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").is_file():
            yield from lines(path, depth + 1)


def summary(path: Path) -> str:
    """Return the first sentence of a module's docstring; a long one only as far as it names the module."""
    first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
    sentence = re.split(r"(?<=[\w)`'])\.(?:\s|$)", first)[0].rstrip(".")
    if len(sentence) <= LONGEST:
        return sentence
    cuts = (sentence[: sentence.rfind(separator, 0, LONGEST)] for separator in SEPARATORS if separator in sentence)
    return next((cut for cut in cuts if len(cut) >= SHORTEST and cut.count("`") % 2 == 0), sentence)


def tree() -> str:
    """Return the tree as text."""
    return "".join(
        f"{'  ' * depth + name:<{COLUMN - 2}}  {what}".rstrip() + "\n"
        for package in PACKAGES
        for depth, name, what in lines(ROOT / package)
    )


if __name__ == "__main__":
    README.write_text(BLOCK.sub(lambda _: tree(), README.read_text(encoding="utf-8")), encoding="utf-8")
