"""Recognise the text of a scanned page with Tesseract, where it is installed.

Knows pictures only. The picture goes to the program through a pipe and its text comes back through another; nothing is
written to a file.
"""

import os
import shutil
import subprocess
from functools import cache

from retrieval.readers import limits

_FIRST_LANGUAGE = "eng"
_LANGUAGES = 3
"""Each further one makes recognition as much slower."""
_PASSED_ON = ("PATH", "SYSTEMROOT", "TESSDATA_PREFIX")


def is_available() -> bool:
    """Whether Tesseract and at least one language are installed."""
    return bool(_languages())


def recognise(pixels: bytes, *, width: int, height: int) -> str | None:
    """Return the text of a picture, paragraphs parted by empty lines; None where that failed or took too long.

    Args:
        pixels: one byte of grey each, row by row.
        width: pixels of a row.
        height: rows.
    """
    languages = _languages()
    written = [name for name in languages if name != "osd"][:_LANGUAGES]
    turned = "1" if "osd" in languages else "3"  # 1 also tells which way up the page is
    picture = f"P5 {width} {height} 255\n".encode() + pixels
    return _run("-", "-", "-l", "+".join(written), "--psm", turned, "--dpi", str(limits.DOTS_PER_INCH), picture=picture)


@cache
def _languages() -> tuple[str, ...]:
    listed = _run("--list-langs") if shutil.which("tesseract") else ""
    names = [line.strip() for line in (listed or "").splitlines()[1:] if "/" not in line and line.strip()]
    names.sort(key=lambda name: name != _FIRST_LANGUAGE)
    return tuple(names) if any(name != "osd" for name in names) else ()


def _run(*arguments: str, picture: bytes = b"") -> str | None:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - no part of the document is an argument
            [shutil.which("tesseract") or "tesseract", *arguments],
            input=picture,
            capture_output=True,
            timeout=limits.PAGE_SECONDS,
            env=environment | {"OMP_THREAD_LIMIT": "1"},  # its threads only get in each other's way
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace").replace("\f", "")
