"""What a ZIP file is written into while its bytes are already on their way: nothing is held, nothing gone back to."""


class Sink:
    """Takes what is written and gives it away; nothing can be gone back to."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take bytes in; returns how many."""
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Needed of a file."""

    def taken(self) -> bytes:
        """Give away what was written since the last time."""
        data, self._parts = b"".join(self._parts), []
        return data
