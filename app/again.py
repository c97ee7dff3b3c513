"""What came of asking a question again: plain values, stored with the answer that was double-checked."""

from dataclasses import dataclass
from typing import Literal

Says = Literal["same", "more", "less", "else"]
"""What an answer says beside another one to the same question: the same; the same and a further value; the same
without one of its values; something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Answers that say the same as each other."""

    text: str
    """The first of them."""
    count: int
    says: Says
    """Beside the answer that is double-checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubleCheck:
    """How the answers to a question that was asked again compare with the first one."""

    asked: int
    """How many answers came; 0: none in time."""
    groups: tuple[Group, ...]
    """The largest first."""
    reworded: int = 0
    """How many of them were asked for in other words."""

    def count(self, says: Says) -> int:
        """Return how many of the answers say this beside the first one."""
        return sum(group.count for group in self.groups if group.says == says)

    @property
    def agree(self) -> int:
        """How many said the same."""
        return self.count("same")
