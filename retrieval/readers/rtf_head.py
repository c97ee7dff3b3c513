"""What the head of an RTF file tells of the rest: fonts, styles and colours by their numbers; its title and properties.

Knows no paragraph. Source: Microsoft, Rich Text Format (RTF) Specification 1.9.1.
"""

import re
from collections import defaultdict

from retrieval.readers.code_lines import LONGEST_NAME, is_fixed, names_code
from retrieval.readers.rtf_words import CODE_PAGES, known

KEPT = frozenset({"stylesheet", "title", "subject", "keywords", "doccomm", "category"})
"""Groups whose words are read when they end."""
HEADS = frozenset({"fonttbl", "colortbl", "stylesheet", "info"})
_HEADING = re.compile(r"(?:heading|überschrift|titre|título|titolo|kop)\s*(\d)", re.IGNORECASE)
_WHITE = (255, 255, 255)


class Head:
    """Filled while the head is read, asked while the text is."""

    def __init__(self) -> None:
        """Begin with a file that tells nothing."""
        self.title = ""
        self.properties: list[tuple[str, str]] = []
        self.code_page = "cp1252"
        """Of the whole file."""
        self._code_pages: dict[int, str] = {}
        self._typefaces: defaultdict[int, str] = defaultdict(str)
        self._levels: dict[int, int] = {}
        self._code_styles: set[int] = set()
        self._style = 0
        self._colors: list[tuple[int, int, int]] = []
        self._color = [0, 0, 0]
        self._words: list[str] = []

    def control(self, group: str, word: str, number: int, *, font: int) -> int:
        """Take a control word within a group of the head; return the font that what follows is about, now `font`."""
        match group, word:
            case "fonttbl", "f":
                return number
            case "fonttbl", "fcharset" if number in CODE_PAGES:
                self._code_pages[font] = CODE_PAGES[number]
            case "fonttbl", "cpg":
                self._code_pages[font] = known(f"cp{number}", self.code_page)
            case "colortbl", "red" | "green" | "blue":
                self._color[["red", "green", "blue"].index(word)] = number
            case "stylesheet", "s":
                self._style = number
        return font

    def words(self, group: str, text: str, *, font: int) -> None:
        """Take words within a group of the head."""
        if group == "fonttbl":
            self._typefaces[font] = (self._typefaces[font] + text)[:LONGEST_NAME]
        elif group in KEPT:
            self._words.append(text)

    def next_colors(self, count: int) -> None:
        """End the color that is being told, and so many in all."""
        for _ in range(count):
            self._colors.append((self._color[0], self._color[1], self._color[2]))
            self._color = [0, 0, 0]

    def close(self, group: str) -> None:
        """Keep what the group that ends told: the name of a style, the title."""
        words = "".join(self._words).strip(" ;")
        match group:
            case "stylesheet" if words:
                named = _HEADING.match(words)
                self._levels[self._style] = 1 if words.lower() == "title" else int(named.group(1)) if named else 0
                if names_code(words):
                    self._code_styles.add(self._style)
                self._style = 0
            case "title":
                self.title = words
                self.properties.append(("title", words))
            case "subject" | "keywords" | "category":
                self.properties.append((group, words))
            case "doccomm":
                self.properties.append(("description", words))
        self._words.clear()

    def page_of(self, font: int) -> str:
        """Return the code page of a font."""
        return self._code_pages.get(font, self.code_page)

    def is_fixed(self, font: int) -> bool:
        """Whether all letters of a font are equally wide."""
        return is_fixed(self._typefaces.get(font, ""))

    def is_code(self, style: int) -> bool:
        """Whether a style is named as one for programs."""
        return style in self._code_styles

    def level_of(self, style: int) -> int:
        """Return the level of headings in a style, 0 for other text."""
        return self._levels.get(style, 0)

    def is_white(self, color: int) -> bool:
        """Whether a color is white; 0 is that of the reader's own text."""
        return 0 < color < len(self._colors) and self._colors[color] == _WHITE
