"""The demonstration handbook: everything in it can be read, and the example questions have their answers in it."""

import json
import re
import runpy
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from retrieval.documents import Document
from retrieval.readers import read_document

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "assets" / "demo"
HANDBOOK = sorted((DEMO / "handbook").iterdir())
SOURCES = sorted((DEMO / "sources").iterdir())
QUESTIONS: dict[str, Any] = json.loads((DEMO / "questions.json").read_text(encoding="utf-8"))
EXPECTED: dict[str, list[dict[str, str]]] = QUESTIONS["expected"]


@cache
def _read(name: str) -> Document:
    return read_document((DEMO / "handbook" / name).read_bytes(), name=name)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


@pytest.mark.parametrize("path", HANDBOOK, ids=lambda path: path.name)
def test_every_document_is_read_without_warnings(path: Path) -> None:
    document = _read(path.name)
    assert document.warnings == ()
    assert len(document.text.split()) > 300
    assert "heading" in {block.kind for block in document.blocks}


def test_every_format_has_several_documents_and_binaries_are_small() -> None:
    suffixes = Counter(path.suffix for path in HANDBOOK)
    assert len(HANDBOOK) >= 20
    assert all(suffixes[suffix] >= 3 for suffix in (".md", ".html", ".docx", ".pdf"))
    assert all(path.stat().st_size < 60_000 for path in HANDBOOK)


@pytest.mark.parametrize("path", [path for path in HANDBOOK if path.suffix == ".pdf"], ids=lambda path: path.name)
def test_pdf_documents_have_several_numbered_pages(path: Path) -> None:
    pages = _read(path.name).pages
    assert len(pages) >= 2
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_built_document_says_what_its_source_says(source: Path) -> None:
    missing = _words(source.read_text(encoding="utf-8")) - _words(_read(source.stem).text)
    assert set(missing) <= set("0123456789"), "run `python -m bench.build_demo`"  # a list numbers its own steps


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_building_again_changes_no_word(source: Path) -> None:
    name, data = runpy.run_path(str(ROOT / "bench" / "build_demo.py"))["build"](source)
    assert read_document(data, name=name).text == _read(name).text


def test_every_example_question_has_an_expected_answer() -> None:
    assert list(EXPECTED) == QUESTIONS["questions"]


@pytest.mark.parametrize("question", EXPECTED)
def test_key_of_an_example_question_is_in_its_document(question: str) -> None:
    for expected in EXPECTED[question]:
        assert _plain(expected["key"]) in _plain(_read(expected["document"]).text)


def test_two_documents_disagree_on_the_hotel_limit_of_paris() -> None:
    (first, second), *others = [expected for expected in EXPECTED.values() if len(expected) > 1]
    assert not others
    assert first["key"] not in _read(second["document"]).text
    assert second["key"] not in _read(first["document"]).text


def test_no_address_in_the_handbook_is_a_real_one() -> None:
    for path in HANDBOOK:
        text = _read(path.name).text
        hosts = re.findall(r"[\w.-]+@([\w.-]+\w)|\b((?:[\w-]+\.)+(?:com|org|net|eu|nl|de|pt|uk|example))\b", text)
        assert all(host.endswith(".example") for pair in hosts for host in pair if host)
