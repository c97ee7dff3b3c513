"""MBOX: the mails of a mailbox, each below its subject and date. Source: RFC 4155, and ">From " as mboxrd writes it."""

import re
from collections.abc import Iterator

from retrieval.readers.building import TextBuilder
from retrieval.readers.content import Content
from retrieval.readers.mail import header, parsed
from retrieval.readers.parts import Parts, PartsBuilder

_BEGIN = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]*\r?\n(?=[!-9;-~]+:|>From )")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_HEAD_BYTES = 65_536


def read(data: bytes, parts: Parts) -> Content:
    """Return the mails in their order."""
    builder = TextBuilder()
    inner = PartsBuilder(builder, parts)
    for number, mail in enumerate(_mails(data), start=1):
        head = parsed(mail[:_HEAD_BYTES])
        subject, date = header(head, "Subject"), header(head, "Date")
        inner.add(mail, f"mail {number}.eml", heading=" · ".join(filter(None, (subject or f"Mail {number}", date))))
    return builder.content(warnings=inner.sentences(), emptiness="holds no mail.")


def _mails(data: bytes) -> Iterator[bytes]:
    places = [(match.start(), match.end()) for match in _BEGIN.finditer(data)]
    for number, (_, start) in enumerate(places, start=1):
        end = places[number][0] if number < len(places) else len(data)
        yield _QUOTED.sub(rb"\1", data[start:end])
