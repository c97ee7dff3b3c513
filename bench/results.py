"""How benchmarks of the engine tell their results: all as JSON, or the machine and then a line for each."""

import json
from collections.abc import Sequence
from typing import Any

from models import device


def shown(results: Sequence[dict[str, Any]], *, model: str, as_json: bool) -> Sequence[dict[str, Any]]:
    """Print the results with the machine as JSON, or the machine alone; return those still to be printed as lines."""
    machine = device.look()
    if as_json:
        about = {"cores": machine.cores, "features": machine.features, "model": model}
        print(json.dumps({"machine": about, "results": list(results)}))
        return []
    print(device.describe(machine))
    return results
