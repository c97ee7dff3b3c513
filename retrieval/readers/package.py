"""Open a package (a ZIP of parts) without being hurt by it: sizes, ratios and entities are bounded."""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits

_HEAD_BYTES = 4096
OPTIONS = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
}
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A part another one refers to."""

    kind: str
    """The last word of its type, such as "slide"."""
    part: str
    """Its name in the package."""


class Package:
    """The parts of one package; nothing is unpacked to disk and no name in it is used as a path."""

    def __init__(self, data: bytes) -> None:
        """Open the package and refuse one whose parts inflate beyond the limits.

        Raises:
            UnreadableDocumentError: it is damaged, encrypted or inflates too much.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGED as error:
            raise UnreadableDocumentError("The file is damaged: its package cannot be opened.") from error
        parts = self._zip.infolist()
        if sum(part.file_size for part in parts) > limits.INFLATED_BYTES or any(map(_is_bomb, parts)):
            raise UnreadableDocumentError("The file inflates to far more than an honest document; it was not read.")
        self.encrypted = any(part.flag_bits & 1 for part in parts)
        """Whether a part needs a password."""

    def names(self) -> list[str]:
        """Return the names of the parts."""
        return self._zip.namelist()

    def size(self, name: str) -> int:
        """Return how many bytes a part says to hold."""
        return self._zip.getinfo(name).file_size

    def read(self, name: str) -> bytes | None:
        """Return a part, or None where there is no such part.

        Raises:
            UnreadableDocumentError: it is damaged or needs a password.
        """
        try:
            return self._zip.read(name)
        except KeyError:
            return None
        except _DAMAGED as error:
            raise UnreadableDocumentError("The file is damaged: a part of it cannot be unpacked.") from error

    def xml(self, name: str) -> etree._Element | None:
        """Return the root of an XML part, or None where there is no such part.

        Raises:
            UnreadableDocumentError: the part is damaged, or defines entities, which no honest package does.
        """
        data = self._plain_xml(name)
        if data is None:
            return None
        try:
            return etree.fromstring(data, parser=etree.XMLParser(**OPTIONS))
        except etree.XMLSyntaxError as error:
            raise UnreadableDocumentError("The file is damaged: a part of it is not valid XML.") from error

    def elements(self, name: str, *tags: str) -> Iterator[etree._Element]:
        """Yield the elements of these tags one after the other, each only until the next: for parts of any size.

        Raises:
            UnreadableDocumentError: as `xml` does.
        """
        data = self._plain_xml(name)
        if data is None:
            return
        try:
            for _, element in etree.iterparse(io.BytesIO(data), tag=tags, **OPTIONS):
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise UnreadableDocumentError("The file is damaged: a part of it is not valid XML.") from error

    def related(self, part: str) -> dict[str, Related]:
        """Return id -> part for those a part refers to within the package; "" for the package itself."""
        folder, name = posixpath.split(part)
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = {}
        for one in root.iter(_RELATIONSHIP) if root is not None else ():
            target = posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            if one.get("TargetMode") != "External" and target in self._zip.NameToInfo:
                found[one.get("Id", "")] = Related(kind=one.get("Type", "").rpartition("/")[2], part=target)
        return found

    def parts_of(self, part: str, kind: str) -> list[str]:
        """Return the names of the parts of a kind that a part refers to; "" for the package itself."""
        return [related.part for related in self.related(part).values() if related.kind == kind]

    def main_part(self, usual: str) -> str:
        """Return the name of the part that holds an office document itself."""
        return next(iter(self.parts_of("", "officeDocument")), usual)

    def _plain_xml(self, name: str) -> bytes | None:
        data = self.read(name)
        if data and b"<!DOCTYPE" in data[:_HEAD_BYTES].replace(b"\x00", b""):
            raise UnreadableDocumentError(
                "The file defines XML entities, which no honest document does; it was not read."
            )
        return data


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    large = part.file_size > 2**20 and part.file_size > limits.INFLATION_RATIO * max(part.compress_size, 1)
    return large or part.file_size > limits.PART_BYTES
