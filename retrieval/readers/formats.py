"""The formats that are read: how their files end, their media types, and what people call them. The one list."""

from dataclasses import dataclass

from retrieval.readers.sniffing import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One kind of file."""

    suffixes: tuple[str, ...]
    """The usual one first."""
    media_type: str
    called: str
    """With its article, as in "it is a PDF"."""


_OFFICE = "application/vnd.openxmlformats-officedocument."

FORMATS: dict[Kind, Format] = {
    "markdown": Format(suffixes=(".md", ".markdown"), media_type="text/markdown", called="Markdown"),
    "text": Format(suffixes=(".txt", ".text"), media_type="text/plain", called="plain text"),
    "html": Format(suffixes=(".html", ".htm", ".xhtml"), media_type="text/html", called="a web page"),
    "csv": Format(suffixes=(".csv", ".tsv"), media_type="text/csv", called="a table in text"),
    "pdf": Format(suffixes=(".pdf",), media_type="application/pdf", called="a PDF"),
    "docx": Format(
        suffixes=(".docx", ".docm"),
        media_type=_OFFICE + "wordprocessingml.document",
        called="a Word document",
    ),
    "pptx": Format(
        suffixes=(".pptx", ".pptm"),
        media_type=_OFFICE + "presentationml.presentation",
        called="a presentation",
    ),
    "xlsx": Format(
        suffixes=(".xlsx", ".xlsm"),
        media_type=_OFFICE + "spreadsheetml.sheet",
        called="a spreadsheet",
    ),
    "odt": Format(
        suffixes=(".odt",), media_type="application/vnd.oasis.opendocument.text", called="an OpenDocument text"
    ),
    "rtf": Format(suffixes=(".rtf",), media_type="application/rtf", called="a document in RTF"),
    "eml": Format(suffixes=(".eml",), media_type="message/rfc822", called="a mail"),
    "msg": Format(suffixes=(".msg",), media_type="application/vnd.ms-outlook", called="a mail of Outlook"),
    "mbox": Format(suffixes=(".mbox", ".mbx"), media_type="application/mbox", called="a mailbox"),
    "zip": Format(suffixes=(".zip",), media_type="application/zip", called="a ZIP archive"),
}
SUFFIXES: dict[str, Kind] = {suffix: kind for kind, one in FORMATS.items() for suffix in one.suffixes}
"""How a file ends -> what it should be."""
