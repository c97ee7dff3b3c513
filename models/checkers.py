"""A model made to judge claims, of whichever make: a CrossEncoder's folder, or a GGUF file.

Knows which of both a path means; the rest is `models.checker` and `models.file_checker`.
"""

from pathlib import Path

from models import file_checker
from models.checker import CHECKER
from models.gguf import in_file


def check_checker(path: Path) -> None:
    """See that a folder or a file is a checker, without loading it.

    Raises:
        ModelMissingError, ModelFileDamagedError, NotCheckerError: it is not, or not there.
    """
    if in_file(path):
        file_checker.check(path)
    else:
        CHECKER.check(path)
