"""Read one file: tell what it is, hand it to its reader, refuse with a sentence what cannot be read."""

import hashlib
from collections.abc import Callable
from pathlib import PurePosixPath

from retrieval.documents import Document
from retrieval.errors import UnreadableDocumentError
from retrieval.names import title_from_name
from retrieval.readers import (
    archive,
    clock,
    docx,
    html,
    limits,
    mail,
    mailbox,
    markdown,
    msg,
    odt,
    pdf,
    plain,
    pptx,
    rtf,
    separated,
    xlsx,
)
from retrieval.readers.content import Content
from retrieval.readers.formats import FORMATS, SUFFIXES
from retrieval.readers.language import language_of
from retrieval.readers.parts import Parts
from retrieval.readers.sniffing import WRITTEN, Kind, sniff

_READERS: dict[Kind, Callable[[bytes], Content]] = {
    "markdown": markdown.read,
    "text": plain.read,
    "html": html.read,
    "csv": separated.read,
    "rtf": rtf.read,
    "pdf": pdf.read,
    "docx": docx.read,
    "pptx": pptx.read,
    "xlsx": xlsx.read,
    "odt": odt.read,
}
_READERS_OF_PARTS: dict[Kind, Callable[[bytes, Parts], Content]] = {
    "eml": mail.read,
    "mbox": mailbox.read,
    "msg": msg.read,
    "zip": archive.read,
}


def read_document(data: bytes, *, name: str, alive: Callable[[], None] = lambda: None) -> Document:
    """Return the file as a document.

    Args:
        data: the file's bytes.
        name: its path relative to what is ingested; its ending says how it is to be read.
        alive: called now and then while something that takes long is getting on.

    Raises:
        UnreadableDocumentError: with a sentence that says why (unknown ending, empty, encrypted, only images, damaged,
            too large, or not what its name says).
    """
    clock.begin(alive)
    content = _read(data, name, Parts(_read))
    return Document(
        sha256=hashlib.sha256(data).hexdigest(),
        name=name,
        title=encodable(content.title) or title_from_name(name),
        media_type=FORMATS[SUFFIXES[PurePosixPath(name).suffix.lower()]].media_type,
        text=encodable(content.text),
        blocks=content.blocks,
        pages=content.pages,
        encoding=content.encoding,
        language=language_of(content.text),
        warnings=tuple(encodable(warning) for warning in content.warnings[: limits.WARNINGS]),
        notes=tuple(encodable(note) for note in content.notes[: limits.WARNINGS]),
    )


def _read(data: bytes, name: str, parts: Parts) -> Content:
    """Return what a file or a part of one holds."""
    short = PurePosixPath(name).name
    kind = _checked_kind(data, name)
    try:
        content = _READERS[kind](data) if kind in _READERS else _READERS_OF_PARTS[kind](data, parts)
    except RecursionError as error:
        raise UnreadableDocumentError(f"{short} is nested too deeply to be read. Save or export it again.") from error
    except UnreadableDocumentError as error:
        if not parts.depth:
            raise
        raise UnreadableDocumentError(f"{short}: {error}") from error
    if not content.blocks:
        left_out = "".join(f" {warning}" for warning in content.warnings[:3])
        raise UnreadableDocumentError(f"{short} {content.emptiness}{left_out}")
    return content


def _checked_kind(data: bytes, name: str) -> Kind:
    """Return what a file is, where its bytes are what its name says."""
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
    if found != kind and {found, kind} - WRITTEN:
        raise UnreadableDocumentError(_mislabelled(short, found))
    return kind


def encodable(text: str) -> str:
    """Return the text, as long as it was, without halves of characters that no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _mislabelled(short: str, found: Kind) -> str:
    if found == "encrypted office":
        return f"{short} is protected by a password. Save it without one and try again."
    sentences = {
        "old office": "it is in an old Office format; save it as .docx, .xlsx, .pptx or PDF",
        "other package": "it is another kind of package",
        "image": "it is an image",
        "binary": "it holds no readable text",
    }
    known = f"it is {FORMATS[found].called}; name it {FORMATS[found].suffixes[0]}" if found in FORMATS else ""
    return f"{short} is damaged or not what its name says: {sentences.get(found) or known}."


__all__ = ["SUFFIXES", "read_document"]
