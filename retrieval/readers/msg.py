"""MSG: one mail as Outlook saves it: who wrote to whom, when, about what; its text; its attachments.

Source: Microsoft [MS-OXMSG] (the file), [MS-OXPROPS] (the numbers of properties), [MS-OXRTFCP] (compressed RTF).
"""

import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import PurePosixPath

import olefile

from retrieval.errors import UnreadableDocumentError
from retrieval.names import safe_name
from retrieval.readers import limits, rtf
from retrieval.readers.building import TextBuilder
from retrieval.readers.content import Content
from retrieval.readers.encodings import decode_text
from retrieval.readers.formats import SUFFIXES
from retrieval.readers.mail import write_head, write_html, write_plain
from retrieval.readers.parts import Parts, PartsBuilder

_SUBJECT, _BODY, _HTML, _RTF = 0x0037, 0x1000, 0x1013, 0x1009
_SENDER, _ADDRESS, _TO, _CC = 0x0C1A, 0x5D01, 0x0E04, 0x0E03
_SENT, _RECEIVED = 0x0039, 0x0E06
_LONG_NAME, _NAME, _DATA = 0x3707, 0x3704, 0x3701
_TEXT, _OLD_TEXT, _BINARY, _TIME = 0x001F, 0x001E, 0x0102, 0x0040
_PROPERTY = struct.Struct("<HHI8s")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_ATTACHMENT = "__attach_version1.0_"
_FIRST_WORDS = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b"
    rb"\i\u\tab\tx"
)
"""What compressed RTF begins its dictionary with."""


def read(data: bytes, parts: Parts) -> Content:
    """Return the mail: its subject as heading, its sender and date, its text, then its attachments."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            return _mail(_Storage(file, ()), parts)
    except UnreadableDocumentError:
        raise
    except Exception as error:  # whatever olefile stumbles over in a damaged file
        raise UnreadableDocumentError("The mail is damaged and cannot be opened. Save it again.") from error


class _Storage:
    """One mail or attachment within the file: its properties by number."""

    def __init__(self, file: olefile.OleFileIO, path: tuple[str, ...]) -> None:
        self._file = file
        self._path = path

    def text(self, number: int) -> str:
        """Return a text property, "" where there is none."""
        wide = self._stream(f"__substg1.0_{number:04X}{_TEXT:04X}")
        if wide is not None:
            return wide.decode("utf-16-le", errors="replace").rstrip("\x00")
        old = self._stream(f"__substg1.0_{number:04X}{_OLD_TEXT:04X}")
        return decode_text(old)[0].rstrip("\x00") if old else ""

    def binary(self, number: int) -> bytes:
        """Return a binary property, b"" where there is none."""
        return self._stream(f"__substg1.0_{number:04X}{_BINARY:04X}") or b""

    def time(self, number: int) -> str:
        """Return a time property as people read it, "" where there is none."""
        data = self._stream("__properties_version1.0") or b""
        for start in (32, 24, 8):  # of a mail, of a mail within a mail, of anything else
            for offset in range(start, len(data) - _PROPERTY.size + 1, _PROPERTY.size):
                kind, found, _, value = _PROPERTY.unpack_from(data, offset)
                if (kind, found) == (_TIME, number):
                    ticks = int.from_bytes(value, "little")
                    return (_EPOCH + timedelta(microseconds=ticks // 10)).strftime("%Y-%m-%d %H:%M")
        return ""

    def attachments(self) -> Iterator["_Storage"]:
        """Yield the storages of the attachments."""
        depth = len(self._path)
        names = {
            entry[depth]
            for entry in self._file.listdir(streams=True, storages=True)
            if len(entry) > depth and tuple(entry[:depth]) == self._path and entry[depth].startswith(_ATTACHMENT)
        }
        for name in sorted(names):
            yield _Storage(self._file, (*self._path, name))

    def inner_mail(self) -> "_Storage | None":
        """Return the mail that is attached here, None where it is a file."""
        path = (*self._path, f"__substg1.0_{_DATA:04X}000D")
        return _Storage(self._file, path) if self._file.exists([*path, "__properties_version1.0"]) else None

    def _stream(self, name: str) -> bytes | None:
        path = [*self._path, name]
        if not self._file.exists(path) or self._file.get_size(path) > limits.PART_BYTES:
            return None
        data: bytes = self._file.openstream(path).read()
        return data


def _mail(storage: _Storage, parts: Parts) -> Content:
    builder = TextBuilder()
    inner = PartsBuilder(builder, parts)
    subject = storage.text(_SUBJECT)
    sender, address = storage.text(_SENDER), storage.text(_ADDRESS)
    whole = f"{sender} <{address}>" if sender and address and sender != address else sender or address
    sent = storage.time(_SENT) or storage.time(_RECEIVED)
    fields = [("From", whole), ("To", storage.text(_TO)), ("Cc", storage.text(_CC)), ("Date", sent)]
    write_head(builder, subject, fields)
    _write_body(storage, builder, inner)
    for attachment in storage.attachments():
        _attach(attachment, inner)
    return builder.content(title=subject, warnings=inner.sentences(), emptiness="holds no mail with any text.")


def _write_body(storage: _Storage, builder: TextBuilder, inner: PartsBuilder) -> None:
    if text := storage.text(_BODY).strip():
        write_plain(builder, text)
    elif page := storage.binary(_HTML) or storage.text(_HTML).encode(errors="replace"):
        write_html(builder, page, inner)
    elif packed := storage.binary(_RTF):
        content = rtf.read(_unpacked(packed))
        builder.add_content("", content, level=0)
        inner.warnings += content.warnings


def _attach(storage: _Storage, inner: PartsBuilder) -> None:
    held = storage.inner_mail()
    if held is not None:
        subject = held.text(_SUBJECT) or "mail"
        inner.add_read(partial(_mail, held), safe_name(subject), heading=f"Attached mail: {subject}", level=2)
        return
    name = safe_name(storage.text(_LONG_NAME) or storage.text(_NAME))
    unknown = PurePosixPath(name).suffix.lower() not in SUFFIXES
    data = b"" if unknown else storage.binary(_DATA)
    inner.add(data, name, heading=f"Attachment: {name}", level=2, unknown=unknown)


def _unpacked(data: bytes) -> bytes:
    """Return compressed RTF as RTF."""
    if data[8:12] == b"MELA":
        return data[16:]
    window = bytearray(_FIRST_WORDS.ljust(4096, b" "))
    out, write, place = bytearray(), len(_FIRST_WORDS), 16
    while place < len(data) and len(out) < limits.PART_BYTES:
        flags, place = data[place], place + 1
        for bit in range(8):
            piece, length = data[place : place + 1], 1
            if flags >> bit & 1:
                pair = int.from_bytes(data[place : place + 2], "big")
                start, length = pair >> 4, (pair & 15) + 2
                if start == write % 4096 or place + 2 > len(data):
                    return bytes(out)
            place += 2 if flags >> bit & 1 else 1
            for step in range(length if flags >> bit & 1 else len(piece)):
                byte = window[(start + step) % 4096] if flags >> bit & 1 else piece[0]
                window[write % 4096] = byte
                out.append(byte)
                write += 1
    return bytes(out)
