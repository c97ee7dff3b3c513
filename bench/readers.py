"""What becomes of every file of a folder, and how much of its text is read, against extractions that share no code.

Recall counts characters (without white space) and words: how many that another extraction finds are in our text too.
Other extractions: pypdf, python-docx, the standard library's parsers of HTML and mail, the bare text of XML parts.
Run: `python -m bench.readers [FOLDER]`.
"""

import argparse
import csv
import email
import email.policy
import io
import re
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import pypdf

from bench.sets import counted, interval
from retrieval.documents import Document
from retrieval.errors import UnreadableDocumentError
from retrieval.readers.isolated import Reader

GOAL = 0.97
FEWEST_CHARACTERS = 20
"""A file in which another extraction finds less has no text layer."""


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        """Count where nothing is shown."""
        self._silent += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        """Count where nothing is shown."""
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        """Keep what is shown."""
        if not self._silent:
            self.words.append(data)


def of_html(data: bytes) -> str:
    """Return the text between the tags."""
    parser = _Words()
    found = re.search(rb'charset="?([\w-]+)', data)
    try:
        parser.feed(data.decode(found.group(1).decode() if found else "utf-8"))
    except UnicodeDecodeError:
        parser.feed(data.decode("cp1252", "replace"))
    return " ".join(parser.words)


def of_pdf(data: bytes) -> str:
    """Return what pypdf finds."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def of_docx(data: bytes) -> str:
    """Return the paragraphs and cells python-docx finds."""
    document = docx.Document(io.BytesIO(data))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    unique = dict.fromkeys(cells)
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *unique])


def of_parts(data: bytes, names: str, tag: str) -> str:
    """Return the text of an element in the parts of a package whose names match."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        roots = [ET.fromstring(package.read(name)) for name in package.namelist() if re.match(names, name)]  # noqa: S314
    return "\n".join(element.text or "" for root in roots for element in root.iter() if element.tag.endswith(tag))


def of_mail(data: bytes) -> str:
    """Return subject and text of a mail."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16").encode()
    message = email.message_from_bytes(data, policy=email.policy.default)
    body = message.get_body(("plain", "html"))
    content = body.get_content() if body else ""
    html = body is not None and body.get_content_type() == "text/html"
    return f"{message['subject']} {of_html(content.encode()) if html else content}"


def of_csv(data: bytes) -> str:
    """Return the cells."""
    return " ".join(cell for row in csv.reader(io.StringIO(data.decode())) for cell in row)


OTHERS: dict[str, Callable[[bytes], str]] = {
    ".pdf": of_pdf,
    ".docx": of_docx,
    ".xlsx": lambda data: of_parts(data, r"xl/sharedStrings", "}t"),
    ".pptx": lambda data: of_parts(data, r"ppt/slides/slide\d+\.xml", "}t"),
    ".html": of_html,
    ".eml": of_mail,
    ".csv": of_csv,
}


def recall(ours: Counter[str], other: Counter[str]) -> float:
    """Return the share of the other's that is among ours."""
    return (ours & other).total() / max(other.total(), 1)


def characters(text: str) -> Counter[str]:
    """Return how often each character stands in a text; spaces and signs for a cut word do not count."""
    return Counter(re.sub(r"[\s\u00ad\ufffe\x00-\x1f-]", "", text))


def words(text: str) -> Counter[str]:
    """Return how often each word stands in a text."""
    return Counter(re.findall(r"\w+", re.sub(r"(?<=\w)-\s*\n\s*", "", text).casefold()))


def line(path: Path, reader: Reader) -> tuple[str, float | None]:
    """Return the line of the table about one file, and its recall where that can be told."""
    data, begun = path.read_bytes(), time.perf_counter()
    try:
        document = reader.read(data, name=path.name)
    except UnreadableDocumentError as error:
        return f"{path.name:42} refused  {error}", None
    took = time.perf_counter() - begun
    state = "warnings" if document.warnings else "read"
    share, told = _shares(path, data, document)
    return f"{path.name:42} {state:8} {len(document.text):8,} {took:6.2f} s {told} {' '.join(document.warnings)}", share


def _shares(path: Path, data: bytes, document: Document) -> tuple[float | None, str]:
    try:
        other = OTHERS.get(path.suffix, lambda _: "")(data)
    except Exception as error:  # noqa: BLE001 - a damaged file the other one cannot open
        return None, f"({type(error).__name__})"
    if len(other.split()) == 0 or len(other) < FEWEST_CHARACTERS:
        return None, " " * 16
    share = recall(characters(document.text), characters(other))
    return share, f"{share:.3f} {recall(words(document.text), words(other)):.3f}     "


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("../shared/data/docfiles/files"))
    options = parser.parse_args()
    reader = Reader()
    print(f"{'file':42} state    characters  seconds, recall of characters and words, warnings")
    shares = []
    for path in sorted(options.folder.iterdir()):
        shown, share = line(path, reader)
        print(shown)
        shares += [] if share is None else [share]
    reader.close()
    good = sum(share >= GOAL for share in shares)
    mean, low, high = interval(shares)
    print(f"files at {GOAL} or more: {counted(good, len(shares))}")
    print(f"mean {mean:.4f} ({low:.4f} to {high:.4f}), least {min(shares):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
