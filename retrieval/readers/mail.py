"""EML: one mail: who wrote to whom, when, about what; its text; its attachments.

Of a text that was sent plain and as HTML, the plain one is read.
"""

import codecs
import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import PurePosixPath
from typing import cast

from retrieval.names import safe_name
from retrieval.readers import html
from retrieval.readers.building import TextBuilder
from retrieval.readers.content import Content
from retrieval.readers.encodings import decode_text
from retrieval.readers.formats import SUFFIXES
from retrieval.readers.parts import Parts, PartsBuilder
from retrieval.readers.plain import paragraphs

_HEADERS = ("From", "To", "Cc", "Date")
_UNSHOWN = ("Comments", "Keywords")
"""Headers with words that no mail program shows; the rest names machines and ways."""
_HEADER_CHARACTERS = 2_000
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(data: bytes, parts: Parts) -> Content:
    """Return the mail: its subject as heading, its sender and date, its text, then its attachments."""
    return _content(parsed(data), parts)


def _content(message: EmailMessage, parts: Parts) -> Content:
    builder = TextBuilder()
    inner = PartsBuilder(builder, parts)
    subject = header(message, "Subject")
    write_head(builder, subject, [(name, header(message, name)) for name in _HEADERS])
    before = len(builder.blocks)
    attached = list(_write_bodies(message, builder, inner))
    for part in attached:
        _attach(part, inner)
    if len(builder.blocks) == before and not subject:
        return Content(text="", blocks=(), warnings=inner.sentences(), emptiness="holds no mail with any text.")
    builder.note_properties((name.lower(), header(message, name)) for name in _UNSHOWN)
    return builder.content(title=subject, warnings=inner.sentences())


def parsed(data: bytes) -> EmailMessage:
    """Return the bytes as a mail; a mail saved as UTF-16 too."""
    if data.startswith(_WIDE_MARKS):
        data = decode_text(data)[0].encode()
    return email.message_from_bytes(data, policy=email.policy.default)


def header(message: EmailMessage, name: str) -> str:
    """Return a header as people read it, "" where there is none or it cannot be understood."""
    try:
        value = " ".join(str(message.get(name, "")).split())
        if name == "Date" and value:
            return parsedate_to_datetime(value).strftime("%Y-%m-%d %H:%M")
    except Exception:  # noqa: BLE001 - the standard library's parser of headers raises whatever it stumbles over
        return " ".join(str(dict(message.raw_items()).get(name, "")).split())[:_HEADER_CHARACTERS]
    return value[:_HEADER_CHARACTERS]


def write_head(builder: TextBuilder, subject: str, fields: list[tuple[str, str]]) -> None:
    """Write the subject as a heading and below it who wrote to whom and when."""
    builder.add("heading", subject, level=1)
    builder.add("paragraph", "\n".join(f"{name}: {value}" for name, value in fields if value))


def write_plain(builder: TextBuilder, text: str) -> None:
    """Write the paragraphs of a plain text."""
    for block in paragraphs(text.replace("\r\n", "\n").replace("\r", "\n")):
        builder.add("paragraph", block)


def write_html(builder: TextBuilder, data: bytes, inner: PartsBuilder) -> None:
    """Write the text of a mail that is a page."""
    content = html.read(data)
    builder.add_content("", content, level=0)
    inner.warnings += content.warnings
    builder.notes += content.notes


def _write_bodies(message: EmailMessage, builder: TextBuilder, inner: PartsBuilder) -> Iterator[EmailMessage]:
    """Write what the mail says; yield its attachments."""
    for part in _leaves(message):
        kind = part.get_content_type()
        named = bool(part.get_filename()) or part.get_content_disposition() == "attachment"
        if named or kind == "message/rfc822" or part.get_content_maintype() not in {"text", "multipart"}:
            yield part
        elif kind == "text/html":
            write_html(builder, _bytes(part), inner)
        else:
            write_plain(builder, decode_text(_bytes(part), declared=part.get_content_charset() or "")[0])


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that are no groups of parts; of alternatives the one that is plain, else the last."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        payload = part.get_payload()
        if part.get_content_maintype() != "multipart" or not isinstance(payload, list):
            yield part
            continue
        inside = cast("list[EmailMessage]", payload)
        if part.get_content_subtype() == "alternative":
            plain = [each for each in inside if each.get_content_type() == "text/plain" and _bytes(each).strip()]
            inside = plain[:1] or inside[-1:]
        waiting = [*inside, *waiting]


def _attach(part: EmailMessage, inner: PartsBuilder) -> None:
    payload = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
        held = cast("EmailMessage", payload[0])
        subject = header(held, "Subject") or "mail"
        inner.add_read(partial(_content, held), safe_name(subject), heading=f"Attached mail: {subject}", level=2)
        return
    name = safe_name(_name(part))
    unknown = PurePosixPath(name).suffix.lower() not in SUFFIXES
    inner.add(b"" if unknown else _bytes(part), name, heading=f"Attachment: {name}", level=2, unknown=unknown)


def _name(part: EmailMessage) -> str:
    try:
        return part.get_filename() or f"unnamed.{part.get_content_subtype()}"
    except Exception:  # noqa: BLE001 - as in `header`
        return "unnamed"


def _bytes(part: EmailMessage) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - as in `header`
        return b""
    return data if isinstance(data, bytes) else b""
