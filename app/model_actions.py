"""What the `inhouse models` commands do: options in, exit status out."""

import argparse


def list_models(options: argparse.Namespace) -> int:
    """Print the models that are known and those that are here."""
    raise NotImplementedError


fetch_model = use_model = verify_model = remove_model = plan_model = import_model = list_models
