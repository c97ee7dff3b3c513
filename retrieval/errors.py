"""What can go wrong with documents, chunks and the index, each with its sentence and remedy."""


class RetrievalError(Exception):
    """The documents could not be searched. Try again; if it stays, run `inhouse doctor`."""

    status = 500


class UnreadableDocumentError(RetrievalError):
    """The file could not be read as a document."""

    status = 422


class IndexDamagedError(RetrievalError):
    """The vector index cannot be read or written. Run `inhouse doctor --rebuild-index` to build it again."""

    status = 503


class EmbedderChangedError(RetrievalError):
    """The index was made with another embedder than the settings name. Set it back, or build the index again."""

    status = 409


class StorageFullError(RetrievalError):
    """The disk is full, so nothing more was stored. Free some space and run the same ingest again."""

    status = 507


class UnreachablePathError(RetrievalError):
    """The path cannot be read."""

    status = 422


class FolderGoneError(RetrievalError):
    """The folder vanished while it was being read. Nothing was removed; make it available and try again."""

    status = 422


class UnknownKindError(RetrievalError):
    """There is no such kind of document."""

    status = 422


class ReaderMissingError(RetrievalError):
    """The process that reads files could not be started. Close other programs and try again."""

    status = 503


class ReadingStoppedError(RetrievalError):
    """Inhouse is closing, so the file was not read. Load it again after the next start."""

    status = 503
