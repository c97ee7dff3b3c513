"""What the documentation says about the code is true: its files, functions, settings, commands and links."""

import argparse
import ast
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from app.cli import build_parser
from app.settings import ENVIRONMENT, Settings
from retrieval.readers import SUFFIXES

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "retrieval", "models")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


@cache
def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def _names(module: Path) -> frozenset[str]:
    """Return what a module defines: functions, classes, constants, and `Class.method`."""
    names: set[str] = set()
    for node in ast.parse(_text(module)).body:
        names |= _defined(node)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{name}" for part in node.body for name in _defined(part)}
    return frozenset(names)


def _defined(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
    return set()


def test_readme_tree_names_every_module_and_no_other() -> None:
    block = re.search(r"<!-- tree -->\n```\n(.*?)```", _text(ROOT / "README.md"), re.DOTALL)
    assert block, "the README has lost its tree"
    folders: list[str] = []
    told: set[str] = set()
    for line in block[1].splitlines():
        name = line.split()[0]
        folders[(len(line) - len(line.lstrip())) // 2 :] = [name.rstrip("/")]
        if not name.endswith("/"):
            told.add("/".join(folders))
    modules = {path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.stem != "__init__"}
    there = {path.relative_to(ROOT).as_posix() for path in modules}
    assert told == there, "run `python -m bench.write_tree`"


@each_page
def test_files_and_functions_a_page_names_exist(page: Path) -> None:
    for path, name in re.findall(r"`((?:app|retrieval|models|bench|tests)/[\w/]+\.py)(?::([\w.]+))?`", _text(page)):
        assert (ROOT / path).is_file(), path
        assert not name or name in _names(ROOT / path), f"{path}:{name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_and_functions_that_docstrings_and_comments_name_exist(package: str) -> None:
    for module in (ROOT / package).rglob("*.py"):
        for named in re.findall(r"`((?:app|retrieval|models)(?:\.\w+)+)`", _text(module)):
            assert _is_there(named.split(".")), f"{module}: {named}"


def _is_there(parts: list[str]) -> bool:
    """Whether the first of the parts lead to a module or a package, and the rest is something that it defines."""
    for end in range(len(parts), 0, -1):
        place, name = ROOT.joinpath(*parts[:end]), ".".join(parts[end:])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                return not name or name in _names(file)
    return False


@each_page
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#\s]+)(?:#[^)\s]*)?\)", _text(page)):
        assert (page.parent / unquote(link)).exists(), link


@each_page
def test_anchors_of_a_page_are_headings(page: Path) -> None:
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", _text(page)):
        headings = re.findall(r"^#+ (.+)$", _text(page.parent / link if link else page), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}, anchor


@each_page
def test_commands_a_page_names_exist(page: Path) -> None:
    for command, part in re.findall(r"`inhouse ([a-z]+)(?: ([a-z-]+)\b)?", _text(page)):
        assert command in _parts(build_parser()), command
        parts = _parts(_parts(build_parser())[command])
        assert not parts or not part or part in parts, f"{command} {part}"


def _parts(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return a parser's commands by name; none where it has no commands of its own."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def test_settings_page_gives_every_setting_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", _text(ROOT / "docs" / "settings.md"), re.MULTILINE)
    told = {name: default.strip("`") for name, default in rows if not name.isupper()}
    assert set(told) == set(Settings.model_fields)
    for name, default in told.items():
        field = Settings.model_fields[name]
        assert default.startswith("the platform's") if field.default_factory else default == _shown(field.default), name


def _shown(default: Any) -> str:
    return "none" if default is None else json.dumps(default)


def test_settings_page_gives_every_variable_of_the_environment() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| `(\w+)`", _text(ROOT / "docs" / "settings.md"), re.MULTILINE)
    assert dict(rows) == ENVIRONMENT


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_decision_has_context_decision_and_consequences_on_one_page(page: Path) -> None:
    assert re.findall(r"^## (.+)$", _text(page), re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(_text(page).split()) < 650


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.stem[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_decisions_and_pages_that_the_code_names_are_there() -> None:
    modules = [_text(module) for package in (*PACKAGES, "bench", "tests") for module in (ROOT / package).rglob("*.py")]
    named = {name for text in modules for name in re.findall(r"(?<![\w/])docs/(?:decisions/\d{4}[\w-]*|\w+)\.md", text)}
    numbers = {int(number) for text in modules for number in re.findall(r"\b(?:ADR|decision) (\d+)\b", text)}
    assert len(named) > len(PACKAGES)
    assert {name for name in named if not (ROOT / name).is_file()} == set()
    assert numbers <= {int(page.stem[:4]) for page in DECISIONS}


def test_architecture_page_names_every_thread() -> None:
    modules = [_text(module) for package in PACKAGES for module in (ROOT / package).rglob("*.py")]
    begun = r'(?:Thread|OneByOne)\([^"]*name="([^"]+)"|thread_name_prefix="([^"]+)"'
    names = {"".join(found) for text in modules for found in re.findall(begun, text)}
    assert {"engine", "examining answers with a model", "double-check"} <= names
    told = set(re.findall(r"`([a-z -]+)`", _text(ROOT / "docs" / "architecture.md")))
    assert names <= told


def test_architecture_page_tells_the_layers_that_are_enforced() -> None:
    contracts = tomllib.loads(_text(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    enforced = next(one["layers"] for one in contracts if one.get("containers") == ["app"])
    told = re.search(r"inside app, one way down:\n(.*?)```", _text(ROOT / "docs" / "architecture.md"), re.DOTALL)
    assert told
    assert _layers(told[1].split("->")) == _layers(enforced)


def _layers(lines: list[str]) -> list[set[str]]:
    """Return the modules of each layer; a layer of rooms still to be built has none."""
    layers = [{name.strip(" ()\n") for name in line.split("|")} for line in lines]
    return [there for layer in layers if (there := {name for name in layer if _is_module(name)})]


def _is_module(name: str) -> bool:
    return (ROOT / "app" / name).is_dir() or (ROOT / "app" / f"{name}.py").is_file()


def test_licence_is_the_one_the_package_declares() -> None:
    assert "Apache License" in _text(ROOT / "LICENSE")[:200]
    assert 'license = "Apache-2.0"' in _text(ROOT / "pyproject.toml")


def test_page_offers_the_kinds_of_files_that_are_read() -> None:
    script = _text(ROOT / "assets" / "product" / "uploads.js")
    offered = re.search(r'^const KINDS = "(.*?)"', script, re.MULTILINE)
    assert offered
    assert set(offered[1].split(",")) == set(SUFFIXES)


def test_administration_page_names_every_format_that_is_read() -> None:
    told = _text(ROOT / "docs" / "administration.md").lower()
    assert {name for name in SUFFIXES.values() if name not in told} == set()
