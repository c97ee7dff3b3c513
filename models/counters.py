"""What the engine counts. Knows nothing else."""

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """What the engine has done since it started."""

    steps: int = 0
    read_tokens: int = 0
    """Prompt tokens computed."""
    cached_tokens: int = 0
    """Prompt tokens that needed no computing, because a slot still held them."""
    written_tokens: int = 0
    drafted_tokens: int = 0
    """Tokens guessed by prompt lookup."""
    accepted_tokens: int = 0
    """Those of them that the model chose too: written without a step of their own."""
    saved: int = 0
    """Conversations that left their slot for a file."""
    restored: int = 0
    """Those that came back from one."""
    finished: int = 0
    cancelled: int = 0
