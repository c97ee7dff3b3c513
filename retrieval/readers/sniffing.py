"""Tell what bytes are from their content. Knows signatures only; parses nothing."""

import io
import zipfile
from typing import Literal

Kind = Literal[
    "markdown", "text", "html", "pdf", "docx", "encrypted office", "old office", "other package", "image", "binary"
]

_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"\x00\x00\x00\x0cJXL")
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")


def sniff(data: bytes) -> Kind:
    """Return what the bytes are; any readable text is "text"."""
    head = data[:1024]
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _package(data)
    if head.startswith(_OLE):
        return "encrypted office" if _ENCRYPTED_PACKAGE in data else "old office"
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "image"
    return "text" if _is_text(data[:65536]) else "binary"


def _package(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return "other package"
    return "docx" if any(name.startswith("word/") for name in names) else "other package"


def _is_text(sample: bytes) -> bool:
    if sample.startswith(_BYTE_ORDER_MARKS):
        return True
    controls = sum(sample.count(bytes([code])) for code in range(32) if code not in b"\t\n\r\f\x1b")
    return controls * 100 <= len(sample)  # 1 %: text with a few stray control characters is still text
