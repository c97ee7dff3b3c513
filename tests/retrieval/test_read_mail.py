"""Mail, mailboxes and archives: files that hold other files."""

from email.message import EmailMessage

import pytest

from retrieval.documents import Document
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits, read_document
from tests.retrieval.files import docx, pdf
from tests.retrieval.office import Tree, compound_file, msg, odt, sheet, xlsx, zipped


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def texts(document: Document) -> list[str]:
    return [text for _, text in blocks(document)]


def mail(text: str = "Please pay.", subject: str = "Fees", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    for name, value in ({"From": "Ada <ada@example.org>", "Date": "Fri, 2 Jan 2026 10:30:00 +0100"} | headers).items():
        message[name] = value
    message.set_content(text)
    return message


def read(message: EmailMessage | bytes, name: str = "a.eml") -> Document:
    return read_document(message if isinstance(message, bytes) else message.as_bytes(), name=name)


def test_a_mail_tells_who_wrote_when_about_what() -> None:
    document = read(mail("First.\n\nSecond ärger.", To="bob@example.org"))
    assert blocks(document) == [
        ("heading", "Fees"),
        ("paragraph", "From: Ada <ada@example.org>\nTo: bob@example.org\nDate: 2026-01-02 10:30"),
        ("paragraph", "First."),
        ("paragraph", "Second ärger."),
    ]
    assert document.title == "Fees"


def test_of_a_mail_sent_twice_the_plain_text_is_read() -> None:
    message = mail("Plain words.")
    message.add_alternative("<p>Marked words.</p>", subtype="html")
    assert texts(read(message))[2:] == ["Plain words."]


def test_a_mail_that_is_only_a_page_is_read_as_one() -> None:
    message = mail()
    message.set_content('<h1>Fees</h1><p>Pay <b>now</b>.</p><p style="display:none">secret</p>', subtype="html")
    document = read(message)
    assert texts(document)[2:] == ["Fees", "Pay now."]
    assert "hidden parts (1)" in document.warnings[0]


def test_attachments_follow_below_their_names_and_others_are_named() -> None:
    message = mail()
    message.add_attachment(
        docx(heading="Rules", paragraphs=["Ask."]), maintype="application", subtype="x", filename="../r.docx"
    )
    message.add_attachment(pdf([["One page."]]), maintype="application", subtype="pdf", filename="p.pdf")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="bad.pdf")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    document = read(message)
    assert texts(document)[3:] == ["Attachment: r.docx", "Rules", "Ask.", "Attachment: p.pdf", "One page."]
    assert [block.level for block in document.blocks if block.kind == "heading"] == [1, 2, 3, 2]
    assert [document.text[page.start : page.end] for page in document.pages] == ["Attachment: p.pdf\n\nOne page."]
    assert document.warnings == (
        "bad.pdf: The PDF is damaged and cannot be opened. Save or export it again.",
        "1 file in it is of a kind that is not read: logo.png.",
    )


def test_a_mail_within_a_mail_is_read() -> None:
    outer = mail("See below.")
    outer.add_attachment(mail("Inner words.", subject="Older"))
    assert texts(read(outer))[3:] == [
        "Attached mail: Older",
        "Older",
        "From: Ada <ada@example.org>\nDate: 2026-01-02 10:30",
        "Inner words.",
    ]


@pytest.mark.parametrize(
    "data",
    [
        mail("Grüße").as_string().encode("utf-16"),
        b"Subject: =?iso-8859-1?q?Gr=FC=DFe?=\n\nText",
        b"Subject: Fees\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\xfc\xdfe",
        "Subject: Grüße\n\nText".encode(),
        b"Subject: Gr\xc3\xbc\xc3\x9fe\nContent-Type: text/plain; charset=nonsense\n\nText",
    ],
)
def test_characters_of_mail_survive(data: bytes) -> None:
    assert "Grüße" in read(data).text


@pytest.mark.parametrize(
    "data",
    [
        b"Date: no date\nFrom: <<<>>>\nSubject: x\n\nText",
        b"Content-Type: multipart/mixed\n\nText",
        b"Content-Type: multipart/mixed; boundary=b\nSubject: x\n\n--b\n\nText",
        b"Subject: x\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"Subject: x\nContent-Type: multipart/alternative; boundary=b\n\n--b--\n",
        b'Subject: x\nContent-Disposition: attachment; filename="a\x07/../../b.txt"\n\n' + b"Text " * 99,
        b"Subject: " + b"=?utf-8?q?" * 2000 + b"\n\nText",
    ],
)
def test_malformed_mail_is_read_as_far_as_it_goes(data: bytes) -> None:
    assert read(data).text


def test_a_mailbox_holds_its_mails_in_their_order() -> None:
    data = b"From a@example.org Fri Jan  2 10:30:00 2026\n" + mail("One.\n>From here on.").as_bytes()
    data += b"\nFrom b@example.org Fri Jan  2 11:30:00 2026\n" + mail("Two.", subject="Costs").as_bytes()
    document = read(data, name="old.mbox")
    headings = [text for kind, text in blocks(document) if kind == "heading"]
    assert headings == ["Fees · 2026-01-02 10:30", "Fees", "Costs · 2026-01-02 10:30", "Costs"]
    assert "From here on." in document.text
    assert ">From" not in document.text


def test_a_mailbox_without_a_mail_is_refused() -> None:
    with pytest.raises(UnreadableDocumentError, match="holds no mail"):
        read(b"From nowhere\n\nwords", name="a.mbox")


def attachment(data: bytes, name: str) -> Tree:
    return msg(texts={0x3707: name}, binaries={0x3701: data})


def outlook(more: Tree | None = None) -> bytes:
    sent = bytes(32) + bytes.fromhex("4000390006000000") + (134_118_000_000_000_000).to_bytes(8, "little")
    held: Tree = {"__properties_version1.0": sent}
    named = {0x0037: "Fees", 0x0C1A: "Ada", 0x5D01: "ada@example.org", 0x0E04: "Bob"}
    return compound_file(msg(texts=named, more=held | (more or {})))


def test_a_mail_of_outlook_is_read_with_its_attachments() -> None:
    more: Tree = {
        "__substg1.0_1000001F": "First.\r\n\r\nSecond ärger.".encode("utf-16-le"),
        "__attach_version1.0_#00000000": attachment(b"A,B\n1,2\n".ljust(5000, b"\n"), "t.csv"),
        "__attach_version1.0_#00000001": attachment(b"MZ", "x.exe"),
        "__attach_version1.0_#00000002": {
            **msg(),
            "__substg1.0_3701000D": msg(texts={0x0037: "Older", 0x1000: "Inner words."}),
        },
    }
    document = read(outlook(more), name="a.msg")
    assert texts(document) == [
        "Fees",
        "From: Ada <ada@example.org>\nTo: Bob\nDate: 2026-01-02 04:00",
        "First.",
        "Second ärger.",
        "Attachment: t.csv",
        "A | B\nA: 1; B: 2",
        "Attached mail: Older",
        "Older",
        "Inner words.",
    ]
    assert document.warnings == ("1 file in it is of a kind that is not read: x.exe.",)


def test_a_mail_of_outlook_that_is_a_page_or_rtf_is_read() -> None:
    page: Tree = {"__substg1.0_10130102": b"<p>Marked words.</p>".ljust(5000)}
    assert texts(read(outlook(page), name="a.msg"))[2:] == ["Marked words."]
    plain = b"{\\rtf1 Formatted words.\\par}"
    stored = len(plain).to_bytes(4, "little") * 2 + b"MELA" + bytes(4) + plain
    assert texts(read(outlook({"__substg1.0_10090102": stored}), name="a.msg"))[2:] == ["Formatted words."]


def test_compressed_rtf_is_unpacked() -> None:
    """The example of [MS-OXRTFCP] 4.1.1."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    from retrieval.readers.msg import _unpacked  # noqa: PLC0415

    assert _unpacked(packed).startswith(b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n")


def test_a_damaged_mail_of_outlook_is_refused() -> None:
    for data in (outlook()[:700], outlook()[:512] + b"\xff" * 2000):
        named = data + "__properties_version1.0".encode("utf-16-le")
        with pytest.raises(UnreadableDocumentError, match=r"damaged|holds no mail"):
            read(named, name="a.msg")


def test_an_archive_holds_its_files_below_their_names() -> None:
    inner = zipped({"deep.txt": "Deep words."})
    held: dict[str, bytes | str] = {
        "b/notes.md": "# Notes\n\nWords.",
        "a.xlsx": xlsx({"S": sheet([["Only"]])}),
        "o.odt": odt("<text:p>Open.</text:p>"),
        "z.zip": inner,
        "program.exe": b"MZ",
        "__MACOSX/x.txt": "no",
        ".hidden.txt": "no",
        "folder/": "",
        "empty.txt": "",
    }
    document = read(zipped(held), name="all.zip")
    assert texts(document) == [
        *("a.xlsx", "S", "Only"),
        *("b/notes.md", "# Notes", "Words."),
        *("o.odt", "Open."),
        *("z.zip", "deep.txt", "Deep words."),
    ]
    assert document.warnings == (
        "empty.txt is empty (0 bytes).",
        "1 file in it is of a kind that is not read: program.exe.",
    )


def test_names_in_an_archive_lead_nowhere() -> None:
    document = read(
        zipped({"../../etc/x.txt": "One.", "/abs/y.txt": "Two.", "inv\u202egpj.txt": "Three."}), name="a.zip"
    )
    assert [text for kind, text in blocks(document) if kind == "heading"] == ["etc/x.txt", "abs/y.txt", "invgpj.txt"]


def test_an_archive_without_a_readable_file_is_refused_with_the_reason() -> None:
    with pytest.raises(UnreadableDocumentError, match=r"holds no file that could be read\. 1 file in it .* a\.exe"):
        read(zipped({"a.exe": "MZ"}), name="a.zip")


def test_too_many_files_in_one_are_left_out_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PARTS", 2)
    document = read(zipped({f"{n}.txt": f"Text {n}" for n in range(4)}), name="a.zip")
    assert texts(document) == ["0.txt", "Text 0", "1.txt", "Text 1"]
    assert "2 files in it are left out" in document.warnings[0]
