"""What can go wrong with documents, chunks and the index, each with its sentence and remedy."""


class RetrievalError(Exception):
    """The documents could not be searched. Try again; if it stays, run `inhouse doctor`."""

    status = 500


class UnreadableDocumentError(RetrievalError):
    """The file could not be read as a document."""

    status = 422


class IndexDisagreesError(RetrievalError):
    """The index and the database disagree. Run `inhouse doctor --rebuild-index` to build the index again."""

    status = 503
