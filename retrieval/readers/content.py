"""What a reader returns: a document before it has a name."""

from dataclasses import dataclass

from retrieval.documents import Block, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A file's text and structure; no blocks means that nothing in it could be read."""

    text: str
    blocks: tuple[Block, ...]
    title: str = ""
    pages: tuple[Page, ...] = ()
    encoding: str = ""
    """How its characters were written, where the format leaves a choice."""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences that need nobody's attention: what only its properties say."""
    emptiness: str = "holds no text."
    """When there are no blocks: why, as the end of a sentence that begins with the file's name."""
