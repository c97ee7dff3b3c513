"""What `inhouse check` and `inhouse eval` do: options in, exit status out.

They need no data directory without `--model`, and no model at all with `--words`.
"""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from app.console.invoking import invoke
from app.console.lines import InputFileError, read_objects
from app.console.terminal import print_value, say
from app.errors import explain

if TYPE_CHECKING:
    from app.checks.nearness import Embed

NOT_DONE = 1


def check(options: argparse.Namespace) -> int:
    """Print what of each answer of a file is found in its passages; one that is no item is told, the others go on."""
    if options.model:
        return _check_with_model(options)
    from app.checks.report import check_items

    status = 0
    for told in check_items(read_objects(options.items), embed=_embed(options)):
        if "error" in told:
            say(str(told["error"]))
            status = NOT_DONE
        print_value(told, command="check", as_json=options.json)
    return status


def _check_with_model(options: argparse.Namespace) -> int:
    """Let the model that answers judge what the first tier is unsure of, in the running Inhouse where there is one."""
    return invoke(options, "check", items=read_objects(options.items))


def _embed(options: argparse.Namespace) -> "Embed | None":
    """Return what tells how near two texts are; None where words alone are asked for, or there is no embedder."""
    if options.words:
        return None
    from app.settings import load_settings
    from app.voices import load_embedder
    from models.errors import ModelError

    try:
        return load_embedder(load_settings()).embed_documents
    except ModelError as error:
        say(f"Scores are told by words alone. {explain(error)}")
        return None


def evaluate(options: argparse.Namespace) -> int:
    """Print what the checks are worth on a set of answers whose support is known."""
    from app.checks.evaluation import figures, timed
    from app.checks.report import check_items

    started = time.perf_counter()
    file = options.dataset / "items.jsonl" if options.dataset.is_dir() else options.dataset
    embed = _embed(options)
    judged, seconds = timed(read_objects(file), lambda items: check_items(items, embed=embed))
    if not any(one.labelled.supported is not None for one in judged):
        raise InputFileError(f'No item of {file} has the "label" grounded or ungrounded.')
    told = {"dataset": _name_of(options.dataset), "metrics": figures(judged, seconds=seconds), "items": len(judged)}
    told["seconds"] = round(time.perf_counter() - started, 3)
    print_value(told, command="eval", as_json=options.json)
    return 0


def evaluate_guard(options: argparse.Namespace) -> int:
    """Print what the guards are worth on texts about which it is known what they hold."""
    from app.guard.evaluation import figures

    started = time.perf_counter()
    rows = read_objects(options.dataset / "items.jsonl" if options.dataset.is_dir() else options.dataset)
    told = {"dataset": _name_of(options.dataset), "metrics": figures(rows), "items": len(rows)}
    told["seconds"] = round(time.perf_counter() - started, 3)
    print_value(told, command="eval", as_json=options.json)
    return 0


def _name_of(dataset: Path) -> str:
    return dataset.resolve().parent.name if dataset.name == "items.jsonl" else dataset.resolve().stem
