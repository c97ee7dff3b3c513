"""RTF: paragraphs, headings, lists, tables and footnotes of a document in Rich Text Format.

Pictures, objects, fields' instructions and comments are left out; hidden and white text too, with a warning. Short
lines in a typeface for programs are code.
Source: Microsoft, Rich Text Format (RTF) Specification 1.9.1.
"""

import re
from dataclasses import dataclass, replace

from retrieval.readers import clock
from retrieval.readers.building import TextBuilder
from retrieval.readers.code_lines import CodeLines
from retrieval.readers.content import Content
from retrieval.readers.rtf_head import HEADS, KEPT, Head
from retrieval.readers.rtf_words import CHARACTERS, PASSED_OVER, joined, known
from retrieval.readers.titles import first_heading, shown_title

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?"  # a control word and its number
    rb"|\\'([0-9a-fA-F]{2})"  # a byte of a character
    rb"|\\([^a-zA-Z])"  # a control symbol
    rb"|([{}])"
    rb"|[\r\n]+"
    rb"|([^\\{}\r\n]+)"
)
_DEEPEST_LEVEL = 9
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits and forgets at its end."""

    into: str = "text"
    """Where words go: the text, a table of the head of the file, or nowhere ("")."""
    skip: int = 1
    """How many characters stand in for one in Unicode."""
    font: int = 0
    hidden: bool = False
    color: int = 0
    highlighted: bool = False


class _Document:
    """The document as it is put together from words and control words."""

    def __init__(self) -> None:
        self.builder = TextBuilder()
        self.head = Head()
        self._state = _State()
        self._groups: list[_State] = []
        self._starred = False
        self._to_skip = 0
        self._bytes = bytearray()
        self._line: list[str] = []
        self._has_letters_of_any_width = False
        self._code = CodeLines(self.builder)
        self._list: list[str] = []
        self._row: list[str] = []
        self._rows: list[list[str]] = []
        self._heads = 0
        self._is_head = False
        self._in_table = self._is_item = False
        self._level = self._style = self._usual_font = 0

    def group(self, *, opens: bool) -> None:
        """Begin or end a group."""
        self._flush()
        self._to_skip = 0
        if opens:
            self._groups.append(self._state)
            return
        self.head.close(self._state.into)
        self._state = self._groups.pop() if self._groups else _State()

    def words(self, data: bytes) -> None:
        """Take bytes of text; those that only stand in for a character in Unicode are passed over."""
        passed = min(self._to_skip, len(data))
        self._to_skip -= passed
        self._bytes += data[passed:]

    def symbol(self, sign: bytes) -> None:
        """Take a control symbol."""
        if sign == b"*":
            self._starred = True
        elif sign in {b"\n", b"\r"}:
            self.control("par", None)
        elif sign in _SYMBOLS:
            self._flush()
            self._write(_SYMBOLS[sign])

    def control(self, word: str, number: int | None) -> None:
        """Take a control word."""
        if word == "u":
            self._unicode(number or 0)
            return
        self._flush()
        self._to_skip = 0
        starred, self._starred = self._starred, False
        if word == "shptxt":
            self._state = replace(self._state, into="text")
        elif self._state.into == "info" and word in KEPT:
            self._state = replace(self._state, into=word)
        elif word in PASSED_OVER or (starred and word not in {"shppict", "nonesttables"} and word not in HEADS):
            self._leave_out(word)
        elif word in HEADS:
            self._state = replace(self._state, into=word if self._state.into == "text" else "")
        elif word in CHARACTERS:
            self._write(CHARACTERS[word])
        elif self._state.into == "text":
            self._layout(word, number)
        else:
            font = self.head.control(self._state.into, word, number or 0, font=self._state.font)
            self._state = replace(self._state, font=font)

    def finish(self) -> None:
        """Write what is still open."""
        self._flush()
        self._end_paragraph()
        self._end_table()
        self._end_list()
        self._code.end()

    def _layout(self, word: str, number: int | None) -> None:
        """Take a word about paragraphs, or hand it on."""
        match word:
            case "par" | "sect" | "page":
                self._end_paragraph()
            case "pard":
                self._in_table = self._is_item = False
                self._level = self._style = 0
            case "outlinelevel" if number is not None and 0 <= number < _DEEPEST_LEVEL:
                self._level = number + 1
            case "s":
                self._style = number or 0
            case "ls":
                self._is_item = True
            case "cell" | "nestcell" | "row" | "intbl" | "trowd" | "trhdr":
                self._table(word)
            case _:
                self._character(word, number, on=number != 0)

    def _table(self, word: str) -> None:
        if word in {"trowd", "trhdr"}:  # a row begins, and perhaps names the columns
            self._is_head = word == "trhdr"
        elif word == "row":
            self._code.end()
            self._heads += self._is_head and self._heads == len(self._rows)
            self._rows.append(self._row)
            self._row, self._in_table = [], True
        elif word == "intbl":
            self._in_table = True
        else:
            self._row.append(" ".join("".join(self._line).split()))
            self._line.clear()
            self._has_letters_of_any_width = False

    def _character(self, word: str, number: int | None, *, on: bool) -> None:
        match word:
            case "v":
                self._state = replace(self._state, hidden=on)
            case "cf":
                self._state = replace(self._state, color=number or 0)
            case "highlight" | "cb" | "chcbpat":
                self._state = replace(self._state, highlighted=bool(number))
            case "plain":
                self._state = replace(self._state, font=self._usual_font, hidden=False, color=0, highlighted=False)
            case "f" | "deff":
                self._usual_font = self._usual_font if word == "f" else number or 0
                self._state = replace(self._state, font=number or 0)
            case "ansicpg":
                self.head.code_page = known(f"cp{number}", self.head.code_page)
            case "uc":
                self._state = replace(self._state, skip=min(max(number or 0, 0), 8))

    def _leave_out(self, word: str) -> None:
        if word == "annotation":
            self.builder.left_out["comments"] += 1
        self._state = replace(self._state, into="")

    def _unicode(self, number: int) -> None:
        self._flush()
        unit = number % 65_536
        self._write(chr(unit))
        self._to_skip = self._state.skip

    def _flush(self) -> None:
        if not self._bytes:
            return
        data, self._bytes = bytes(self._bytes), bytearray()
        if self._state.into == "colortbl":
            self.head.next_colors(data.count(b";"))
            return
        self._write(data.decode(self.head.page_of(self._state.font), errors="replace"))

    def _write(self, text: str) -> None:
        state = self._state
        if state.into != "text":
            self.head.words(state.into, text, font=state.font)
        elif state.hidden or (not state.highlighted and self.head.is_white(state.color)):
            if text.strip():
                self.builder.left_out["hidden text" if state.hidden else "white text"] += 1
        else:
            self._line.append(text)
            self._has_letters_of_any_width |= bool(text.strip()) and not self.head.is_fixed(state.font)

    def _end_paragraph(self) -> None:
        text = joined("".join(self._line))
        fixed = self.head.is_code(self._style) or not self._has_letters_of_any_width
        self._line.clear()
        self._has_letters_of_any_width = False
        if self._in_table:
            self._line = [text, " "] if text else []
            return
        self._end_table()
        level = self._level or self.head.level_of(self._style)
        if self._is_item and not level:
            self._code.end()
            if text.strip():
                self._list.append(f"- {' '.join(text.split())}")
            return
        self._end_list()
        if not self._code.goes_on(text, fixed=fixed and not level):
            self.builder.add("heading" if level else "paragraph", text, level=level)

    def _end_list(self) -> None:
        self.builder.add("list", "\n".join(self._list))
        self._list.clear()

    def _end_table(self) -> None:
        if self._rows:
            self._end_list()
            self.builder.add_table(self._rows, heads=self._heads % len(self._rows))
            self._rows, self._heads = [], 0


def read(data: bytes) -> Content:
    """Return the text of the document and its blocks."""
    document = _Document()
    place, warnings = 0, []
    while place < len(data):
        token = _TOKEN.match(data, place)
        place = token.end() if token else place + 1
        if token is None:
            continue
        if token[1] == b"bin":
            place += max(int(token[2] or 0), 0)
        else:
            _take(document, token)
        if document.builder.full or clock.is_over():
            warnings.append("Only the first part of the file was read: it is too large.")
            break
    document.finish()
    builder = document.builder
    builder.note_properties(document.head.properties)
    title = first_heading(builder) or shown_title(document.head.title, builder.text)
    return builder.content(title=title, warnings=warnings)


def _take(document: _Document, token: "re.Match[bytes]") -> None:
    word, number, byte, sign, brace, words = token.groups()
    if word:
        document.control(word.decode(), int(number) if number else None)
    elif byte:
        document.words(bytes([int(byte, 16)]))
    elif sign:
        document.symbol(sign)
    elif brace:
        document.group(opens=brace == b"{")
    elif words:
        document.words(words)
