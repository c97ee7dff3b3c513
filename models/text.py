"""Text from the bytes of tokens: whole characters, up to where a stop string begins.

Knows no token and no request.
"""

import codecs
from collections.abc import Sequence


class TextAssembler:
    """Collects the bytes of tokens and gives out text that is whole and stops where it was told to.

    A character's bytes may be spread over several tokens, and a stop string may begin in one token and end in another;
    text that may be the beginning of a stop string is held back until it is known not to be one.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        """Begin an empty text that ends before the first of the stop strings."""
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._stop = tuple(stop)
        self._held = ""
        self.stopped = False

    def push(self, piece: bytes) -> str:
        """Take a token's bytes and return the text that may now be shown, often empty."""
        return self._release(self._decode(piece))

    def finish(self) -> str:
        """Return what is still held back; bytes that never became a character show as U+FFFD."""
        if self.stopped:
            return ""
        return self._release(self._decode(b"", final=True)) + self._held

    def _release(self, fresh: str) -> str:
        text = self._held + fresh
        found = [at for at in (text.find(stop) for stop in self._stop) if at >= 0]
        if found:
            self.stopped = True
            self._held = ""
            return text[: min(found)]
        keep = max((_overlap(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that is a proper beginning of `stop`."""
    longest = min(len(text), len(stop) - 1)
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
