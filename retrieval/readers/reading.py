"""Read one file: tell what it is, hand it to its reader, refuse with a sentence what cannot be read."""

import hashlib
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from retrieval.documents import Document
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import docx, html, limits, markdown, pdf, plain
from retrieval.readers.content import Content
from retrieval.readers.sniffing import Kind, sniff

SUFFIXES: dict[str, Kind] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
"""The file names that are read, by how they end."""

_READERS: dict[Kind, Callable[[bytes], Content]] = {
    "markdown": markdown.read,
    "text": plain.read,
    "html": html.read,
    "pdf": pdf.read,
    "docx": docx.read,
}
_MEDIA_TYPES: dict[Kind, str] = {
    "markdown": "text/markdown",
    "text": "text/plain",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def read_document(data: bytes, *, name: str) -> Document:
    """Return the file as a document.

    Args:
        data: the file's bytes.
        name: its path relative to what is ingested; its ending says how it is to be read.

    Raises:
        UnreadableDocumentError: with a sentence that says why (unknown ending, empty, encrypted, only images, damaged,
            too large, or not what its name says).
    """
    short = PurePosixPath(name).name
    kind = SUFFIXES.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        known = ", ".join(sorted(SUFFIXES))
        raise UnreadableDocumentError(f"{short} is of a kind that is not read. Files that are read end in {known}.")
    if not data:
        raise UnreadableDocumentError(f"{short} is empty (0 bytes).")
    if len(data) > limits.FILE_BYTES:
        raise UnreadableDocumentError(
            f"{short} is larger than {limits.FILE_BYTES // 2**20} MB. Split it and try again."
        )
    found = sniff(data)
    if found != kind and {found, kind} - {"markdown", "text", "html"}:
        raise UnreadableDocumentError(_mislabelled(short, kind, found))
    content = _READERS[kind](data)
    if not content.blocks:
        raise UnreadableDocumentError(f"{short} {content.emptiness}")
    return Document(
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        title=content.title or title_from_name(name),
        media_type=_MEDIA_TYPES[kind],
        text=encodable(content.text),
        blocks=content.blocks,
        pages=content.pages,
        warnings=content.warnings,
    )


def encodable(text: str) -> str:
    """Return the text, as long as it was, without halves of characters that no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def title_from_name(name: str) -> str:
    """Return a readable title made from a file name: "travel-and-leave/fmla_form.md" gives "fmla form"."""
    path = PurePosixPath(name)
    stem = path.parent.name if path.stem.lower() in {"index", "readme"} and path.parent.name else path.stem
    return re.sub(r"[\s_-]+", " ", stem).strip() or path.name


def _mislabelled(short: str, kind: Kind, found: Kind) -> str:
    if found == "encrypted office":
        return f"{short} is protected by a password. Save it without one and try again."
    sentences = {
        "old office": "it is in the old Word format; save it as .docx or PDF",
        "other package": "it is another kind of package, such as a spreadsheet or ZIP file",
        "image": "it is an image",
        "binary": "it holds no readable text",
        "pdf": "it is a PDF; name it .pdf",
        "docx": "it is a Word document; name it .docx",
    }
    what = sentences.get(found, "its content is plain text")
    return f"{short} is damaged or not what its name says: {what}." if kind else what


__all__ = ["SUFFIXES", "read_document", "title_from_name"]
