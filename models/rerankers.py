"""A model that puts texts in order, of whichever make: a CrossEncoder's folder, or a GGUF file.

Knows which of both a path means; the rest is `models.reranker` and `models.file_reranker`.
"""

from pathlib import Path

from models import file_reranker
from models.file_model import Rest, never
from models.file_reranker import FileReranker
from models.gguf import in_file
from models.reranker import RERANKER, Reranker


def check_reranker(path: Path) -> None:
    """See that a folder or a file is a reranker, without loading it.

    Raises:
        ModelMissingError, ModelFileDamagedError, NotRerankerError: it is not, or not there.
    """
    if in_file(path):
        file_reranker.check(path)
    else:
        RERANKER.check(path)


def load_reranker(
    path: Path, *, threads: int, gpu_layers: int | None = None, rest: Rest = never
) -> Reranker | FileReranker:
    """Load a folder, with torch in this process, or a file as `FileReranker` does.

    Raises:
        ModelError: it is no reranker or cannot be loaded, with its sentence.
    """
    if in_file(path):
        return FileReranker(path, threads=threads, gpu_layers=gpu_layers, rest=rest)
    return Reranker.load(path)
