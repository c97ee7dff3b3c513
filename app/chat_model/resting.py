"""When a chat model that nobody asks gives its memory back: after a while, or when other programs need it.

Knows seconds and one question about the machine; no model.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

QUIET_SECONDS = 60.0
"""A model nobody has asked for so long is unloaded when other programs need the memory."""
LOOK_AT_MEMORY_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The rule of one product."""

    after: float | None = None
    """Seconds without an answer; None: it is not unloaded for being idle."""
    short: Callable[[], bool] | None = None
    """Whether the machine has hardly any memory left; None: nobody looks."""

    def wait(self, idle: float) -> float | None:
        """Return in how many seconds to look again at a model that has been idle for so long; 0: it is to rest now.

        None where it never is.
        """
        left = math.inf if self.after is None else self.after - idle
        if left <= 0 or (self.short and idle >= QUIET_SECONDS and self.short()):
            return 0.0
        if self.short:
            return min(left, LOOK_AT_MEMORY_SECONDS)
        return None if left == math.inf else left


NEVER = Rest()
