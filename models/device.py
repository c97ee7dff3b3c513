"""What this machine offers a model: cores really available, memory, processor features.

Knows no model and no setting.
"""

import os

import psutil


def cores() -> int:
    """Return how many cores this process may really use: not more than its affinity and its container allow.

    Hyper-threads of one core count once: two threads of a model on one core are slower than one.
    """
    return max(1, psutil.cpu_count(logical=False) or os.cpu_count() or 1)
