"""What may go out in an answer, decided while it streams: a short window is held back until it is known to be harmless.

Knows characters only: removes the model's own citation marks and remembers them, turns remote images and links into
plain text, and notices a refusal before a word of it is shown. What surely is a block of code stays as it is; in what
only looks like code marks stay and links go, for not every program that shows Markdown agrees. Secrets and the like are
taken out behind it (`app.guard.withheld`).
"""

import re
from collections.abc import Iterator
from typing import Literal

from app.markers import Marker

Kind = Literal["text", "code", "block"]
"""Of a piece of an answer: no code, what looks like code, and what surely is a block of it."""
LONGEST_HELD = 600
"""Characters held back at most for a mark that never closes; addresses of links are rarely longer."""

_OWN_MARK = re.compile(
    r"(?<![ \t])[ \t]*+"
    r"(?:\[\^?(?:passages?|sources?|documents?)?\s*#?\d{1,2}(?:\s*(?:,|-|;|and)\s*(?:passage\s*)?\d{1,2})*\](?!\()"
    r"|\((?:see\s+)?passages?\s+\d{1,2}(?:\s*(?:,|-|and)\s*\d{1,2})*\)"
    r"|【[^】]{0,20}】)"
    r"|</?passages?\b[^<>]{0,200}>",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"!\[([^\]\n]*)\](?:\([^)\n]*\)|\[[^\]\n]*\])")
_LINK = re.compile(r"\[([^\]\n]+)\]\(\s*+<?+([^)\s>]*+)>?[^)\n]*+\)")
_EMBEDDED = re.compile(
    r"<\s*/?\s*(?:img|image|iframe|frame|frameset|script|style|link|object|embed|applet|video|audio|source|svg|math|base|form|input|"
    r"button|textarea|select|meta|template|portal|marquee)\b[^>]*>?|<\s*[a-z][^<>]*\s(?:on\w+|style|src|href|action|formaction)"
    r"\s*=[^>]*>?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b((?:java|vb)script)\s*:(?=\S)|\b(data):(?=[\w.+-]+/[\w.+-]+[;,])", re.IGNORECASE)
"""Addresses that would run something."""
_SCHEMES = ("javascript", "vbscript", "data")
_LINE = re.compile(r"[^\n]*\n|[^\n]+$")
_PREFIX = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t][ \t>]*)*"
_FENCE = re.compile(rf"(?P<before>{_PREFIX})(?P<run>`{{3,}})(?P<rest>[^`\n]*)\n?$")
_MAY_BE_FENCE = re.compile(r"[ \t>*+\-\d.)]*(?:[`~]{0,2}|`{3,}[^`\n]*)$")
_UNLIKE = re.compile(rf"{_PREFIX}(?:<|~~~)")
"""Lines behind which blocks of code may begin and end elsewhere than their fences tell."""
_DEEPEST = 3
"""Spaces before the end of a block."""
_INLINE = re.compile(r"`[^`\n]+`")
_JOINT = re.compile(r"\](?=[(\[:])")
"""What makes of a text in brackets a link or an image, also where the brackets begin lines before."""
_ADDRESS = re.compile(r"[/&:\\]")
_OPEN = re.compile(
    r"(?<![ \t])(?:[ \t]*+(?:!?\[[^\]\n]*(?:\](?:\([^)\n]*|\[[^\]\n]*)?)?|!|<[^<>\n]*|【[^】]*"
    r"|\((?:see\s+)?[a-z]{0,8}[\s\d,and-]*|\b(?:java|vb)script\s*|\bdata:[\w/+.-]*)|[ \t]++)$",
    re.IGNORECASE,
)
"""A mark that has begun at the end of the window and may yet close."""
_LEAD_IN = re.compile(
    r"(?:according to|based on) (?:the |these |this )?(?:given |provided )?"
    r"(?:passages?|documents?|information|texts?|context)\b[^,.]{0,40},\s*",
    re.IGNORECASE,
)
_LEAD_INS = ("according to ", "based on ")
_LONGEST_LEAD_IN = 80
_DRESSING = " \t\n\"'*_`.:>-"


class OutputGuard:
    """The window between the model and the reader, for one answer."""

    def __init__(self, *, refusal: str = "") -> None:
        """Watch one answer.

        Args:
            refusal: the words that, at the beginning, mean that the model declines; "" watches for none.
        """
        self._refusal = refusal.lower()
        self._held = ""
        self._began = False
        self.refused = False
        """True once the answer began with the refusal; nothing of it was or will be let out."""
        self.markers: list[Marker] = []
        """The model's own citations that were taken away; their places count in what was let out."""
        self._let = 0
        self._last = ""
        """The last character that was let out."""
        self._line_begins = True
        """Whether what is let out next begins a line."""
        self._block = 0
        """How many backticks the block of code began with in which what was let out ends; 0 outside of any."""
        self._plain = True
        """Whether blocks of code began and ended where every reader of Markdown sees them do so."""

    def feed(self, text: str) -> str:
        """Take the next piece of the model's text; return what may be shown now."""
        self._held += text
        if self._undecided():
            return ""
        self._drop_lead_in()
        open_mark = _OPEN.search(self._held)
        decided = min(open_mark.start() if open_mark else len(self._held), self._open_code(), _open_scheme(self._held))
        if len(self._held) - decided > LONGEST_HELD:
            # What closes later must find nothing that it closes.
            self._held = self._held.replace("[", "(").replace("]", ")")
            self._plain = False
            decided = len(self._held)
        return self._let_out(decided)

    def finish(self) -> str:
        """Return the last of what may be shown, once the model has ended."""
        if self._undecided(ended=True):
            return ""
        self._drop_lead_in()
        return self._let_out(len(self._held)).rstrip()

    def _undecided(self, *, ended: bool = False) -> bool:
        """Whether what came so far is a refusal, or may still become one."""
        if self._began or self.refused:
            return self.refused
        start = self._held.lstrip(_DRESSING).lower()
        if self._refusal and start.startswith(self._refusal):
            self.refused = True
        return self.refused or (not ended and (self._refusal.startswith(start) or not start or _may_lead_in(start)))

    def _drop_lead_in(self) -> None:
        """Take away "According to the passage," at the beginning: every answer is."""
        if not self._began and (lead_in := _LEAD_IN.match(self._held.lstrip())):
            rest = self._held.lstrip()[lead_in.end() :]
            self._held = rest[:1].upper() + rest[1:]

    def _let_out(self, characters: int) -> str:
        """Release the first characters of the window, made harmless."""
        window, self._held = self._held[:characters], self._held[characters:]
        shown = ""
        for part, kind in self._parts(window):
            if kind == "text":
                self.markers += _markers(part, self._let + len(shown))
            text = part if kind == "block" else _harmless(part) if kind == "text" else _unlinked(part)
            apart = kind != "block" and _JOINT.match((shown or self._last)[-1:] + text[:1])
            shown += f" {text}" if apart else text
        if not self._began:
            shown = shown.lstrip()
        self._let += len(shown)
        self._last = shown[-1:] or self._last
        self._began = self._began or bool(shown)
        return shown

    def _open_code(self) -> int:
        """Return where code, or a fence of it, begins at the end of the window that has not closed on its line."""
        begin = self._held.rfind("\n") + 1
        if (begin or self._line_begins) and _MAY_BE_FENCE.match(self._held, begin):
            return begin
        end = max([begin, *(code.end() for code in _INLINE.finditer(self._held, begin))])
        opened = re.search(r"`[^`\n]*$", self._held[end:])
        return end + opened.start() if opened else len(self._held)

    def _parts(self, window: str) -> Iterator[tuple[str, Kind]]:
        """Yield the window in pieces; in what looks like code a "[1]" is no citation."""
        for line in _LINE.findall(window):
            fence = _FENCE.match(line) if self._line_begins else None
            self._line_begins = line.endswith("\n")
            self._plain = self._plain and "\r" not in line
            if self._block:
                closes = fence is not None and self._closes(fence)
                yield line, "block" if self._plain and not closes else "code"
                self._block = 0 if closes else self._block
                continue
            opens = fence is not None and self._line_begins
            self._plain = self._plain and not _UNLIKE.match(line) and not (fence is not None and fence["before"])
            if fence is not None and opens:
                self._block = len(fence["run"])
                yield line, "code"
            else:
                yield from _pieces(line)

    def _closes(self, fence: re.Match[str]) -> bool:
        """Whether a fence ends the present block."""
        inside = self._plain and (fence["before"].strip(" ") or len(fence["before"]) > _DEEPEST)
        return not inside and not fence["rest"].strip() and len(fence["run"]) >= self._block


def _pieces(line: str) -> Iterator[tuple[str, Kind]]:
    end = 0
    for code in _INLINE.finditer(line):
        yield line[end : code.start()], "text"
        yield code[0], "code"
        end = code.end()
    yield line[end:], "text"


def _open_scheme(text: str) -> int:
    """Return where a last word begins that may become "javascript:" or "data:"."""
    word = re.search(r"\b[A-Za-z]{1,10}$", text)
    begins = word is not None and any(scheme.startswith(word[0].lower()) for scheme in _SCHEMES)
    return word.start() if word and begins else len(text)


def _may_lead_in(start: str) -> bool:
    """Whether a beginning may still become "according to the passage,"."""
    begins = any(one.startswith(start[: len(one)]) for one in _LEAD_INS)
    return begins and len(start) < _LONGEST_LEAD_IN and not re.search(r"[,.]\s*\S", start)


def _markers(text: str, before: int) -> list[Marker]:
    """Return the citations in a piece of text; so many characters were let out before it."""
    return [
        Marker(place=before + len(_harmless(text[: mark.start()])), passage=int(number))
        for mark in _OWN_MARK.finditer(text)
        if mark.group().lstrip()[0] in "[("
        for number in re.findall(r"\d+", mark.group())
    ]


def _harmless(text: str) -> str:
    """Return the text without own marks, with images as their description and links as text beside their address."""
    text = _OWN_MARK.sub("", text)
    text = _IMAGE.sub(lambda image: image[1], text)
    text = _LINK.sub(lambda link: link[1] if link[1] == link[2] or not link[2] else f"{link[1]} ({link[2]})", text)
    text = _SCHEME.sub(lambda scheme: f"{scheme[1] or scheme[2]} :", _EMBEDDED.sub("", text))
    return _JOINT.sub("] ", text)


def _unlinked(code: str) -> str:
    """Return what looks like code such that it holds no link and no image should it be none."""
    if not _ADDRESS.search(code):
        return code
    text = _EMBEDDED.sub(lambda tag: f"< {tag[0][1:]}", code)
    return _JOINT.sub("] ", _SCHEME.sub(lambda scheme: f"{scheme[1] or scheme[2]} :", text))
