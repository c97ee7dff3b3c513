"""ZIP: the files of an archive, each below its name. Nothing is unpacked to disk; no name leads anywhere."""

from pathlib import PurePosixPath

from retrieval.errors import UnreadableDocumentError
from retrieval.names import safe_name
from retrieval.readers.building import TextBuilder
from retrieval.readers.content import Content
from retrieval.readers.formats import SUFFIXES
from retrieval.readers.package import Package
from retrieval.readers.parts import Parts, PartsBuilder


def read(data: bytes, parts: Parts) -> Content:
    """Return the files of the archive that are read, by name."""
    package = Package(data)
    if package.encrypted:
        raise UnreadableDocumentError("The archive is protected by a password. Save it without one and try again.")
    builder = TextBuilder()
    inner = PartsBuilder(builder, parts)
    for name in sorted(set(package.names())):
        if not _is_passed_over(name):
            _add(inner, package, name)
    return builder.content(warnings=inner.sentences(), emptiness="holds no file that could be read.")


def _add(inner: PartsBuilder, package: Package, name: str) -> None:
    unknown = PurePosixPath(safe_name(name)).suffix.lower() not in SUFFIXES
    try:
        data = b"" if unknown else package.read(name) or b""
    except UnreadableDocumentError as error:
        inner.warnings.append(f"{safe_name(name)}: {error}")
        return
    inner.add(data, name, unknown=unknown)


def _is_passed_over(name: str) -> bool:
    """Whether a name is that of a folder, or of a file that ordinary folders hide as well."""
    parts = name.replace("\\", "/").split("/")
    return not parts[-1] or "__MACOSX" in parts or parts[-1].startswith((".", "~$"))
