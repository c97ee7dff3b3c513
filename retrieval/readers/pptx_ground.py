"""Whether a slide lies on plain white, so that white words on it are words nobody sees.

Careful: a picture, a filled shape or any background but the theme's white makes it another ground.
Source: ECMA-376 part 1, 19.3.1 (backgrounds), 20.1.6 (themes).
"""

from collections.abc import Iterator

from lxml import etree

from retrieval.readers.package import Package

_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_FILLS = ("solidFill", "gradFill", "pattFill", "blipFill")
_WHITE = {"FFFFFF", "bg1", "window", "lt1"}


def is_plain_white(package: Package, part: str) -> bool:
    """Whether the slide of this part, its layout and its master show nothing but white behind their words."""
    return all(_is_white(root) for root in _grounds(package, part))


def is_white(run: etree._Element) -> bool:
    """Whether a run of text is white by its own properties."""
    colour = run.find(f"{_A}rPr/{_A}solidFill")
    return colour is not None and _is_white_colour(colour)


def _grounds(package: Package, part: str) -> Iterator[etree._Element]:
    """Yield the slide, its layout, the layout's master, and the colours of the master's theme."""
    kinds = iter(("slideLayout", "slideMaster", "theme"))
    while part:
        root = package.xml(part)
        if root is None:
            return
        yield root
        part = next(iter(package.parts_of(part, next(kinds, ""))), "")


def _is_white(root: etree._Element) -> bool:
    if str(root.tag).endswith("}theme"):
        light = root.find(f"{_A}themeElements/{_A}clrScheme/{_A}lt1")
        return light is None or _is_white_colour(light)
    if any(True for _ in root.iter(f"{_P}pic", f"{_P}blipFill", f"{_A}blipFill", f"{_A}tbl")):
        return False
    fills = (each.find(f"{_A}{fill}") for each in root.iter(f"{_P}spPr", f"{_P}bgPr") for fill in _FILLS)
    styled = (each.get("idx") not in {None, "0"} for each in root.iter(f"{_A}fillRef"))
    chosen = (_is_white_colour(each) for each in root.iter(f"{_P}bgRef"))
    return all(fill is None or _is_white_colour(fill) for fill in fills) and not any(styled) and all(chosen)


def _is_white_colour(element: etree._Element) -> bool:
    return any(each.get("val") in _WHITE and len(each) == 0 for each in element)
