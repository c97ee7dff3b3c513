"""Ports for servers whose address has to be known before they start."""

import random
import socket

PORTS = range(10_000, 32_000)
"""Below those that systems give to connections they open: one of these could be taken again before a server has it."""


def free_port() -> int:
    """Return a port of this machine that nobody uses now, and that nobody gets by chance."""
    while True:
        port = random.choice(PORTS)  # noqa: S311 - a port, not a secret
        with socket.socket() as trying:
            try:
                trying.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
