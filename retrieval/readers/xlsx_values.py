"""What a number in a spreadsheet looks like: plain, as a percentage, as a date or time; and which cells are white.

Source: ECMA-376 part 1, 18.8.30 (numFmt), 18.17.4 (dates and times).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from lxml import etree

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_BUILT_IN = {9: "0%", 10: "0.00%"} | dict.fromkeys([14, 15, 16, 17, *range(27, 37), *range(50, 59)], "yyyy-mm-dd")
_BUILT_IN |= {18: "h:mm", 19: "h:mm", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm"}
_BUILT_IN |= {45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss"}
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_LAST_DAY = 2_958_466
"""The day after 9999-12-31; a greater number is no date."""
_WHITE = re.compile(r"(?:FF)?FFFFFF", re.IGNORECASE)
_WHITE_THEME = "0"
"""The theme's colour of paper, which is white but in dark designs."""


@dataclass(frozen=True, slots=True)
class _Style:
    format: str
    white: bool


class Styles:
    """The styles of a workbook, by the number a cell gives."""

    def __init__(self, root: etree._Element | None, *, dates_from_1904: bool) -> None:
        """Read the styles part; without one every cell is plain."""
        self.epoch = datetime(1904, 1, 1) if dates_from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - no zone known
        self._styles: list[_Style] = []
        if root is None:
            return
        formats = dict(_BUILT_IN)
        for one in root.iter(f"{_S}numFmt"):
            if one.get("numFmtId", "").isdigit():
                formats[int(one.get("numFmtId", "0"))] = one.get("formatCode", "")
        fonts = [_is_white(font.find(f"{_S}color")) for font in root.iterfind(f"{_S}fonts/{_S}font")]
        fills = [_is_paper(fill) for fill in root.iterfind(f"{_S}fills/{_S}fill")]
        for cell in root.iterfind(f"{_S}cellXfs/{_S}xf"):
            font, fill, number = (_number(cell.get(name)) for name in ("fontId", "fillId", "numFmtId"))
            white = font < len(fonts) and fonts[font] and (fill >= len(fills) or fills[fill])
            self._styles.append(_Style(formats.get(number, ""), white))

    def format_of(self, number: str) -> str:
        """Return the number format of a style, "" for a plain one."""
        return self._styles[_number(number)].format if _number(number) < len(self._styles) else ""

    def is_unseen(self, number: str) -> bool:
        """Whether a cell of this style is white on white."""
        return _number(number) < len(self._styles) and self._styles[_number(number)].white


def shown_number(value: str, code: str, epoch: datetime) -> str:
    """Return a number as its format shows it; what is no number is returned as it is."""
    try:
        number = float(value)
    except ValueError:
        return value
    signs = _QUOTED.sub("", code.split(";", maxsplit=1)[0]).lower()
    if "%" in signs:
        return f"{_plain(number * 100)}%"
    day, hour = bool(re.search(r"[yd]|mmm", signs)), bool(re.search(r"h|ss|\[m", signs))
    if (day or hour) and "general" not in signs and 0 <= number < _LAST_DAY:
        return _moment(number, epoch, day=day, hour=hour)
    return _plain(number)


def _moment(number: float, epoch: datetime, *, day: bool, hour: bool) -> str:
    seconds = round(number * 86_400)
    moment = epoch + timedelta(seconds=seconds)
    if not day:
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return moment.strftime("%Y-%m-%d %H:%M") if hour else moment.strftime("%Y-%m-%d")


def _plain(number: float) -> str:
    """Return a number with the 15 digits a spreadsheet keeps, without an exponent."""
    text = f"{number:.15g}"
    if "e" not in text or "inf" in text:
        return text
    return f"{number:.0f}" if abs(number) >= 1 else f"{number:.20f}".rstrip("0")


def _is_white(color: etree._Element | None) -> bool:
    if color is None:
        return False
    return bool(_WHITE.fullmatch(color.get("rgb", ""))) or (
        color.get("theme") == _WHITE_THEME and not color.get("tint")
    )


def _is_paper(fill: etree._Element) -> bool:
    pattern = fill.find(f"{_S}patternFill")
    if pattern is None:
        return False  # a gradient
    return pattern.get("patternType", "none") == "none" or (
        pattern.get("patternType") == "solid" and _is_white(pattern.find(f"{_S}fgColor"))
    )


def _number(value: str | None) -> int:
    return int(value) if value and value.isdigit() else 0
