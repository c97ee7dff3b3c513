"""Tell what bytes are from their content. Knows signatures only; parses nothing."""

import codecs
import io
import re
import zipfile
from typing import Literal

Kind = Literal[
    "markdown",
    "text",
    "html",
    "csv",
    "eml",
    "mbox",
    "rtf",
    "pdf",
    "docx",
    "pptx",
    "xlsx",
    "odt",
    "msg",
    "zip",
    "encrypted office",
    "old office",
    "other package",
    "image",
    "binary",
]
WRITTEN: frozenset[Kind] = frozenset({"markdown", "text", "html", "csv", "eml", "mbox"})
"""Kinds that are text; their bytes do not tell them apart."""

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"\x00\x00\x00\x0cJXL")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_MESSAGE = "__properties_version1.0".encode("utf-16-le")
_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8)
_FOLDERS: tuple[tuple[str, Kind], ...] = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_WIDE_TEXT = re.compile(rb"(?:[\t\n\r -~]\x00){4,}|(?:\x00[\t\n\r -~]){4,}")


def sniff(data: bytes) -> Kind:
    """Return what the bytes are; any readable text is "text"."""
    head = data[:1024]
    if head.startswith(_ZIP):
        return _package(data)
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(_OLE):
        return _compound_file(data)
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "image"
    return "text" if _is_text(data[:65536]) else "binary"


def _compound_file(data: bytes) -> Kind:
    if _ENCRYPTED_PACKAGE in data:
        return "encrypted office"
    return "msg" if _MESSAGE in data else "old office"


def _package(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = set(package.namelist())
            declared = package.read("mimetype")[:100] if _is_small(package, "mimetype") else b""
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, RuntimeError, EOFError):
        return "zip"
    if declared.startswith(_OPEN_DOCUMENT):
        return "odt" if declared.startswith(_OPEN_DOCUMENT + b"text") else "other package"
    if not {"[Content_Types].xml", "word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"} & names:
        return "zip"
    office = (kind for folder, kind in _FOLDERS if any(name.startswith(folder) for name in names))
    return next(office, "other package")


def _is_small(package: zipfile.ZipFile, name: str) -> bool:
    return name in package.NameToInfo and package.NameToInfo[name].file_size < 1024  # noqa: PLR2004 (a media type)


def _is_text(sample: bytes) -> bool:
    if sample.startswith(_BYTE_ORDER_MARKS) or _WIDE_TEXT.match(sample):
        return True
    controls = sum(sample.count(bytes([code])) for code in range(32) if code not in b"\t\n\r\f\x1b")
    return controls * 100 <= len(sample)  # 1 %: text with a few stray control characters is still text
