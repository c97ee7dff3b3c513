"""Open an office package (a ZIP of XML parts) without being hurt by it: sizes, ratios and entities are bounded."""

import io
import zipfile
import zlib

from lxml import etree

from retrieval.errors import UnreadableDocumentError
from retrieval.readers import limits

_HEAD_BYTES = 4096
_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
)


class Package:
    """The parts of one package; nothing is unpacked to disk and no name in it is used as a path."""

    def __init__(self, data: bytes) -> None:
        """Open the package and refuse one whose parts inflate beyond the limits.

        Raises:
            UnreadableDocumentError: it is damaged, encrypted or inflates too much.
        """
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise UnreadableDocumentError("The file is damaged: its package cannot be opened.") from error
        parts = self._zip.infolist()
        if sum(part.file_size for part in parts) > limits.INFLATED_BYTES or any(map(_is_bomb, parts)):
            raise UnreadableDocumentError("The file inflates to far more than an honest document; it was not read.")

    def names(self) -> list[str]:
        """Return the names of the parts."""
        return self._zip.namelist()

    def xml(self, name: str) -> etree._Element | None:
        """Return the root of an XML part, or None where there is no such part.

        Raises:
            UnreadableDocumentError: the part is damaged, or defines entities, which no honest package does.
        """
        try:
            data = self._zip.read(name)
        except KeyError:
            return None
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise UnreadableDocumentError("The file is damaged: a part of it cannot be unpacked.") from error
        if b"<!DOCTYPE" in data[:_HEAD_BYTES].replace(b"\x00", b""):
            raise UnreadableDocumentError(
                "The file defines XML entities, which no honest document does; it was not read."
            )
        try:
            return etree.fromstring(data, parser=_PARSER)
        except etree.XMLSyntaxError as error:
            raise UnreadableDocumentError("The file is damaged: a part of it is not valid XML.") from error


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    large = part.file_size > 2**20 and part.file_size > limits.INFLATION_RATIO * max(part.compress_size, 1)
    return large or part.file_size > limits.PART_BYTES
