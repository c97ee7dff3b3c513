"""Which addresses in an answer may become links: https, a host that was allowed or one below it, and no trick.

Knows texts only. Everything that could read otherwise to a person than to a browser stays text: names and passwords
before the host, ports, numbers for hosts, other scripts and their xn-- forms, trailing dots, backslashes. Where a
server sends whoever follows a link cannot be known from its address.
"""

import re
from collections.abc import Collection, Iterator

from app.settings import is_host

LONGEST = 2_000
ADDRESS = re.compile(r"(?<![\w.+/@:%-])https://([A-Za-z0-9._~/?#&=%+,;:@!-]+)", re.ASCII)
TRAILING = ".,;:!?_"
"""What ends a sentence or an emphasis rather than an address."""
AFTER = re.compile(r"[\s)\]>\"'*|]|\Z")
"""What may follow: anything else is a part of the address that we do not take."""


def links(text: str, hosts: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield from where to where in a text an address stands that may become a link, in order."""
    if not hosts:
        return
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(TRAILING)
        if AFTER.match(text, found.end()) and len(address) <= LONGEST and may_lead_to(address, hosts):
            yield found.start(), found.start() + len(address)


def may_lead_to(address: str, hosts: Collection[str]) -> bool:
    """Whether an address found in a text leads to an allowed host or one below it."""
    if not address.startswith("https://"):
        return False
    name = re.split(r"[/?#]", address.removeprefix("https://"), maxsplit=1)[0].lower()
    if not is_host(name):
        return False
    return any(name == host or (name.endswith("." + host) and _is_plain(name.removesuffix(host))) for host in hosts)


def _is_plain(labels: str) -> bool:
    """Whether none of these labels stands for letters of another script."""
    return not any(label.startswith("xn--") for label in labels.split("."))
