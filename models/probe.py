"""Prove, in a process that may die of it, that the engine can decode a token of a model, or embed a word with it.

A build that does not fit the processor, a broken driver or a cunning file kills a process without a word; so before
a model is used for the first time a child process tries it. `python -m models.probe NAME|PATH` is that child.
"""

import argparse
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from platformdirs import user_cache_path

from models.adapters import model_of
from models.errors import ModelError, ModelFileDamagedError
from models.gguf import read_header
from models.kinds import kind_of
from models.weights import find

SECONDS = 300
"""A model that has not decoded one token by then will not answer questions either."""


class EngineDiedError(ModelError):
    """The engine died while it tried this model. Run `make run CPU=portable`, or choose another model."""

    status = 503


def prove(path: Path) -> None:
    """See a child process decode one token of a model, template and all, or embed one word.

    Raises:
        EngineDiedError: when the child was killed by a fault, or did not come to an end.
        ModelFileDamagedError: when the engine refused the file; the sentence says why.
    """
    command = [sys.executable, "-m", "models.probe", str(path.absolute())]  # the child works in another folder
    root = Path(__file__).resolve().parent.parent
    try:
        child = subprocess.run(command, capture_output=True, timeout=SECONDS, cwd=root, check=False)  # noqa: S603 - ourselves
    except subprocess.TimeoutExpired as error:
        raise EngineDiedError(f"The engine did not answer with {path.name} within {SECONDS} s.") from error
    if child.returncode == 1:
        lines = child.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ModelFileDamagedError(lines[-1] if lines else f"The engine cannot use {path.name}.")
    if child.returncode:
        raise EngineDiedError(
            f"The engine died while it tried {path.name} (status {child.returncode}). "
            "Run `make run CPU=portable`, or choose another model."
        )


def try_model(path: Path) -> None:
    """Do with a model what it is for, once.

    Raises:
        ModelError: with its sentence.
    """
    kind = kind_of(read_header(path))
    if kind == "chat":
        decode_one_token(path)
    elif kind == "embedder":
        embed_one_word(path)
    else:
        score_one_text(path)


def embed_one_word(path: Path) -> None:
    """Load an embedding model here and now, and embed one word.

    Raises:
        ModelError: with its sentence.
    """
    from models.pooling import Pooling  # noqa: PLC0415 - the command must first read its arguments
    from models.vocabulary import tokenizer_of  # noqa: PLC0415

    tokens = tokenizer_of(path).encode("Hello").ids
    model = Pooling(path, threads=1)
    try:
        model.embed([[*model.begin, *tokens, *model.end]])
    finally:
        model.close()


def score_one_text(path: Path) -> None:
    """Load a reranking model as search does, and let it score a word.

    Raises:
        ModelError: with its sentence.
    """
    from models.file_reranker import FileReranker  # noqa: PLC0415 - the command must first read its arguments

    with closing(FileReranker(path, threads=1)) as reranker:
        reranker("Hello", ["Hello"])


def decode_one_token(path: Path) -> None:
    """Load a model here and now, render its chat template and decode one token.

    Raises:
        ModelError: with its sentence.
    """
    from langchain_core.messages import HumanMessage  # noqa: PLC0415 - the command must first read its arguments

    from models.chat import LocalChat  # noqa: PLC0415
    from models.loading import start_here  # noqa: PLC0415
    from models.plan import Wish  # noqa: PLC0415

    engine = start_here(path, Wish(context_tokens=512, slots=1))
    try:
        LocalChat(engine=engine, max_tokens=1).invoke([HumanMessage(content="Hello")])
    finally:
        engine.close()


def main(arguments: list[str] | None = None) -> int:
    """Try a model; 0 when it did what it is for, 1 with a sentence on standard error when it could not."""
    parser = argparse.ArgumentParser(prog="python -m models.probe", description="Try a model once.")
    parser.add_argument("model", help="a name of the catalogue, or the path of a GGUF file")
    parser.add_argument("--weights", type=Path, default=user_cache_path("inhouse", appauthor=False) / "weights")
    chosen = parser.parse_args(arguments)
    try:
        try_model(find(model_of(chosen.model), directory=chosen.weights))
    except ModelError as error:
        sys.stderr.write(f"{error or (error.__doc__ or '').splitlines()[0]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
