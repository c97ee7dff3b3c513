"""What a file says of itself where nobody looks who reads it: subject, keywords, properties. Noted, never indexed.

Knows the places where office files, PDFs, pages and mail keep it; what only names a program or a number says nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from retrieval.readers.package import OPTIONS, Package

Said = tuple[str, str]
"""What a property is called, in words for a person, and what it says."""

_SHOWN_CHARACTERS = 80
_MOST = 12
"""Properties that are named in one note."""
_LOOKED_AT = 200_000
"""Characters of the text in which a property's words may stand: then nothing is hidden."""
_WORD = re.compile(r"[^\W\d_]{3}|[^\W\d_\x00-\u2fff]")
_PROGRAM = re.compile(
    r"(?:unspecified|untitled|anonymous|true|false|none|(?:word|powerpoint|microsoft)[\w -]* (?:document|presentation)|"
    r"microsoft (?:word|powerpoint|excel) - .*|(?:generated|created|produced|made|converted) (?:by|with|using|from) .*|"
    r"https?://\S+|[\da-f{}x-]{16,})",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"^_|MSIP_Label|ContentType|^(?:AppVersion|ScaleCrop|LinksUpToDate|MediaServiceKeyPoints|KSO)")
"""Names of properties that programs keep for themselves."""
_CORE = {
    "subject": "subject",
    "keywords": "keywords",
    "keyword": "keywords",
    "description": "description",
    "category": "category",
    "contentStatus": "status",
    "title": "title",
}
_USER_DEFINED = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}"
_DC, _PDF = "{http://purl.org/dc/elements/1.1/}", "{http://ns.adobe.com/pdf/1.3/}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XMP = {f"{_DC}description": "description", f"{_DC}subject": "keywords", f"{_DC}title": "title"}
_XMP_BYTES = 2**20


def note(said: Iterable[Said], *, text: str) -> str:
    """Return the sentence about what a file's properties say and its text does not; "" where that is nothing."""
    shown = " ".join(text[:_LOOKED_AT].split()).casefold()
    told: dict[str, str] = {}
    for name, value in said:
        words = " ".join(value.split())
        if _WORD.search(words) and not _PROGRAM.fullmatch(words) and words.casefold() not in shown:
            told.setdefault(words.casefold(), f"{name} “{_shortened(words)}”")
    if not told:
        return ""
    more = ", …" if len(told) > _MOST else ""
    return f"Only its properties say this, and it was not indexed: {', '.join([*told.values()][:_MOST])}{more}."


def of_package(package: Package) -> Iterator[Said]:
    """Yield what the core and custom properties of an office file say."""
    core = package.xml("docProps/core.xml")
    yield from _of_elements(core) if core is not None else ()
    custom = package.xml("docProps/custom.xml")
    for each in custom.iterchildren("*") if custom is not None else ():
        name = each.get("name", "")
        if not _MACHINE.search(name):
            yield f"property {_shortened(name)}", "".join(map(str, each.itertext()))


def of_open_document(meta: etree._Element | None) -> Iterator[Said]:
    """Yield what the properties of an OpenDocument file say."""
    if meta is None:
        return
    for inner in meta:
        yield from _of_elements(inner)
        for each in inner.iterchildren(f"{_USER_DEFINED}user-defined"):
            yield f"property {_shortened(each.get(f'{_USER_DEFINED}name', ''))}", "".join(map(str, each.itertext()))


def of_pdf(told: Mapping[str, str], data: bytes) -> Iterator[Said]:
    """Yield what the properties of a PDF say, those in its XMP packet too."""
    for name in ("Subject", "Keywords", "Title"):
        yield name.lower(), str(told.get(name, ""))
    start = data.find(b"<rdf:RDF")
    end = data.find(b"</rdf:RDF>", start, start + _XMP_BYTES)
    if start < 0 or end < 0:
        return
    try:
        packet = etree.fromstring(data[start : end + len(b"</rdf:RDF>")], parser=etree.XMLParser(**OPTIONS))
    except (etree.XMLSyntaxError, ValueError):  # its names are declared further up, or it is damaged
        return
    for element in packet.iter(*_XMP):
        for item in element.iter(f"{_RDF}li"):
            yield _XMP[str(element.tag)], item.text or ""
    for element in packet.iter(f"{_RDF}Description"):
        yield "keywords", element.get(f"{_PDF}Keywords", "") or element.findtext(f"{_PDF}Keywords", "")


def of_page(root: etree._Element) -> Iterator[Said]:
    """Yield what a web page says of itself to programs."""
    for element in root.iter("meta"):
        name = (element.get("name") or element.get("property") or "").lower().removeprefix("og:")
        if name in {"description", "keywords", "subject", "abstract", "summary"}:
            yield name, element.get("content") or ""


def of_front_matter(matter: str) -> Iterator[Said]:
    """Yield what the lines above a Markdown text say of it."""
    name = ""
    for line in matter.splitlines():
        found = re.match(r"([A-Za-z][\w -]*):[ \t]*(.*)", line)
        if found:
            name = found[1].lower()
        value = found[2] if found else line.strip().removeprefix("- ")
        if name in {"description", "keywords", "tags", "summary", "subject", "abstract", "excerpt"}:
            yield name, value.strip("[]'\" >|")


def _of_elements(parent: etree._Element) -> Iterator[Said]:
    for element in parent:
        name = str(element.tag).rpartition("}")[2]
        if name in _CORE:
            yield _CORE[name], element.text or ""


def _shortened(words: str) -> str:
    return words if len(words) <= _SHOWN_CHARACTERS else f"{words[: _SHOWN_CHARACTERS - 1].rstrip()}…"
