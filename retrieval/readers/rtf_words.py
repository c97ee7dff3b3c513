"""The words of RTF: what stands for a character, what is passed over with all in it, which code pages fonts have.

Source: Microsoft, Rich Text Format (RTF) Specification 1.9.1.
"""

CHARACTERS = {
    "tab": "\t",
    "line": "\n",
    "nestrow": "\n",
    "footnote": " ",
    "emdash": "\u2014",
    "endash": "\u2013",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "\u2022",
    "lquote": "\u2018",
    "rquote": "\u2019",
    "ldblquote": "\u201c",
    "rdblquote": "\u201d",
}

_PASSED_OVER = """pict object objdata header headerl headerr headerf footer footerl footerr footerf fldinst annotation
    atnid atnauthor atndate atnref atnicn listtable listoverridetable revtbl rsidtbl generator xmlnstbl themedata
    colorschememapping datastore latentstyles pntext listtext bkmkstart bkmkend nonshppict shpinst sp filetbl deleted
    userprops template operator company author comment subject keywords doccomm hlinkbase manager category"""
PASSED_OVER = frozenset(_PASSED_OVER.split())
"""Groups that begin with one of these hold nothing to read; text boxes (`shptxt`) are an exception within `shpinst`."""

CODE_PAGES = {
    0: "cp1252",
    128: "cp932",
    129: "cp949",
    134: "gbk",
    136: "cp950",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    255: "cp437",
}
"""The number of a font's characters (`fcharset`) -> the code page they are in."""


def joined(text: str) -> str:
    """Return the text with characters beyond 65,535, which RTF writes in two halves, put together."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def known(page: str, otherwise: str) -> str:
    """Return a code page where Python knows it, else the other one."""
    try:
        "".encode(page)
    except LookupError:
        return otherwise
    return page
