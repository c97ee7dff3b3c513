"""Files made to harm: each is refused with a sentence or read in part, within seconds and bounded memory."""

import time
import tracemalloc
import zlib

import pytest

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits, read_document

SECONDS = 60.0
"""Generous, so that a busy machine does not fail; each takes well under one second on a quiet one."""


def pdf_of(objects: list[bytes]) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is the catalogue."""
    data = b"%PDF-1.4\n"
    for number, content in enumerate(objects, start=1):
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return data + b"trailer << /Root 1 0 R /Size %d >>\n%%%%EOF" % (len(objects) + 1)


def refused_or_read(data: bytes, name: str) -> None:
    begun = time.monotonic()
    try:
        read_document(data, name=name)
    except UnreadableDocumentError as error:
        assert str(error)  # noqa: PT017 (both ways are right)
    assert time.monotonic() - begun < SECONDS


def test_a_hundred_thousand_empty_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAGES", 500)
    page = b"<< /Type /Page /Parent 2 0 R >>"
    kids = b" ".join(b"3 0 R" for _ in range(100_000))
    pages = b"<< /Type /Pages /Count 100000 /Kids [%s] >>" % kids
    refused_or_read(pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page]), "pages.pdf")


def test_a_page_tree_that_goes_round() -> None:
    tree = b"<< /Type /Pages /Count 2 /Kids [2 0 R 2 0 R] /Parent 2 0 R >>"
    refused_or_read(pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", tree]), "circle.pdf")


def test_a_stream_of_a_gigabyte_is_not_inflated() -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(limits.PART_BYTES // 2**20 + 2)) + packer.flush()
    content = b"<< /Length %d /Filter /FlateDecode >> stream\n%s\nendstream" % (len(packed), packed)
    page = b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>"
    tree = b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>"
    data = pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", tree, page, content])
    tracemalloc.start()
    with pytest.raises(UnreadableDocumentError, match="inflates"):
        read_document(data, name="bomb.pdf")
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        b"> " * 50_000,
        b"- " * 50_000,
        b"[" * 50_000,
        b"*" * 100_000,
        b"| a " * 20_000,
        b"# " * 50_000,
        b"`" * 100_000,
        b"a\n" * 100_000,
        b"&" * 100_000,
        b"1. " * 20_000,
    ],
    ids=lambda data: repr(data[:6]),
)
def test_markdown_made_to_be_slow(data: bytes) -> None:
    refused_or_read(data, "slow.md")


@pytest.mark.parametrize(
    "data",
    [
        b"<div>" * 100_000 + b"x",
        b"<table><tr><td>" * 5_000 + b"x",
        b"<ul><li>" * 5_000 + b"x",
        b"<p " + b'a="b" ' * 50_000 + b">x",
        b"<" * 100_000,
        b"<!--" * 50_000,
        b"<p>" + b"&lt;" * 100_000,
    ],
    ids=lambda data: repr(data[:6]),
)
def test_html_made_to_be_slow(data: bytes) -> None:
    refused_or_read(data, "slow.html")
