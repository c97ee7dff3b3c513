"""What rows and columns are called, and the sentences and rows of sources that name them.

Knows words and values. Each name is looked for among what holds its rarest part, so that a thousand names cost a
thousand short looks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.checks.support import Evidence, Window, words_of
from app.checks.values import Value, found_by, looked_for, missing, values_of

MOST = 1000
"""So many sentences that hold each part of a name are looked at; what stands in more names nothing."""

_ADDRESS = re.compile(r"\]\(([^()]*)\)")
_WORD = re.compile(r"\w+")
_CONTRARY = {"yes": "no", "no": "yes"}


@dataclass(frozen=True, slots=True)
class Name:
    """What a row or a column is called."""

    words: frozenset[str]
    values: tuple[Value, ...]

    @classmethod
    def of(cls, text: str) -> "Name":
        """Return the words and values of a name: a row may be called "2024" or "5 days"."""
        return cls(words_of(text), tuple(values_of(text)))

    def __bool__(self) -> bool:
        """Whether there is anything to be found by."""
        return bool(self.words or self.values)

    def within(self, other: "Name | Window") -> bool:
        """Whether all of it is in another name, or in a window."""
        return bool(self) and self.words <= other.words and not missing(self.values, other.values)

    def same(self, other: "Name") -> bool:
        """Whether two names are one."""
        return self.within(other) and other.within(self)


@dataclass(frozen=True, slots=True)
class Said:
    """What a cell says: its words as they are written, what they name, and the addresses it leads to."""

    written: tuple[str, ...]
    name: Name
    addresses: frozenset[str]

    def within(self, other: "Said") -> bool:
        """Whether another cell says all of this."""
        return set(self.written) <= set(other.written) or self.name.within(other.name)

    def contrary(self, other: "Said") -> bool:
        """Whether one begins with yes and the other with no."""
        return _CONTRARY.get("".join(self.written[:1])) == "".join(other.written[:1])


class Naming:
    """The single sentences and rows of the sources, found by what they name."""

    def __init__(self, evidence: Evidence) -> None:
        """Sort them by their words and values."""
        self.windows = [window for window in evidence.windows if window.sentences == 1]
        self._by_word: dict[str, list[int]] = {}
        self._by_value: dict[str, list[int]] = {}
        for number, window in enumerate(self.windows):
            for word in window.words:
                self._by_word.setdefault(word, []).append(number)
            for key in {key for value in window.values for key in found_by(value)}:
                self._by_value.setdefault(key, []).append(number)
        self._found: dict[Name, list[int]] = {}
        self._names: dict[str, Name] = {}

    def name(self, text: str) -> Name:
        """Return what a text names; each text is read once."""
        if text not in self._names:
            self._names[text] = Name.of(text)
        return self._names[text]

    def said(self, text: str) -> Said:
        """Return what a cell says; the addresses of its links are none of its words."""
        plain = _ADDRESS.sub("]", text)
        return Said(tuple(_WORD.findall(plain.casefold())), self.name(plain), frozenset(_ADDRESS.findall(text)))

    def places(self, name: Name) -> list[int]:
        """Return which windows name it, in order."""
        if name not in self._found:
            words = [self._by_word.get(word, []) for word in name.words]
            holders = min([*words, *map(self._holders, name.values)], key=len, default=[])
            self._found[name] = [
                number for number in holders if len(holders) <= MOST and name.within(self.windows[number])
            ]
        return self._found[name]

    def holding(self, values: Iterable[Value]) -> list[Window]:
        """Return the windows that hold all these values."""
        return [self.windows[number] for number in self.places(Name(frozenset(), tuple(values)))]

    def of(self, name: Name) -> list[Window]:
        """Return the windows that name it."""
        return [self.windows[number] for number in self.places(name)]

    def _holders(self, value: Value) -> Sequence[int]:
        keys = [self._by_value.get(key, []) for key in looked_for(value)]
        return keys[0] if len(keys) == 1 else sorted({number for numbers in keys for number in numbers})
