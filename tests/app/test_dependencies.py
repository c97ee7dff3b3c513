"""What pyproject.toml declares is what the code imports, no more and no less."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {"app", "retrieval", "models", "tests", "bench", "assets"}
IN_A_FOLDER_OF_THEIR_OWN = {"xllamacpp", "django", "oauth2_provider"}
"""Fetched by app/install/peer.py."""
PRODUCT = ("app", "retrieval", "models")
NOT_INSTALLED = {"webview": ["pywebview"], "llama_cpp": ["llama-cpp-python"]}
"""Of an extra, and built by ourselves: a machine that only checks may be without."""
WITHOUT_CODE = {"langchain"}
"""The distribution our language-model interface is named after; its code is in langchain-core."""
TOOLS = {"import-linter", "mypy", "pytest-xdist", "ruff", "types-psutil"}
"""Run from the command line."""


def declared(*requirements: str) -> set[str]:
    return {normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(*folders: str) -> dict[str, str]:
    """Return the distributions that modules of these folders import, each with one of the modules."""
    providers = {**packages_distributions(), **NOT_INSTALLED}
    found = {}
    for folder in folders:
        for module in (ROOT / folder).rglob("*.py"):
            for name in names_in(module) - OURS - IN_A_FOLDER_OF_THEIR_OWN - sys.stdlib_module_names:
                (distribution, *_) = providers.get(name, [name])
                found[normal(distribution)] = module.relative_to(ROOT).as_posix()
    return found


def names_in(module: Path) -> set[str]:
    """Return the top-level packages a module imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


DEPENDENCIES = declared(*PROJECT["dependencies"])
EXTRAS = declared(*PROJECT["optional-dependencies"]["desktop"])
DEVELOPMENT = declared(*PROJECT["optional-dependencies"]["dev"])


def test_every_package_the_product_imports_is_declared() -> None:
    used = imported(*PRODUCT)
    assert {name: module for name, module in used.items() if name not in DEPENDENCIES | EXTRAS} == {}


def test_every_package_tests_and_benchmarks_import_is_declared() -> None:
    used = imported("tests", "bench")
    assert {name: module for name, module in used.items() if name not in DEPENDENCIES | EXTRAS | DEVELOPMENT} == {}


def test_every_declared_package_is_imported() -> None:
    assert DEPENDENCIES - WITHOUT_CODE - imported(*PRODUCT).keys() == set()
    assert DEVELOPMENT - TOOLS - imported("tests", "bench").keys() == set()
