"""Personal data in a text: its places and types. What is surer wins where two were found in one place.

Knows text only: not whose data it is, nor what follows from it (`app.guard.privacy`).
"""

from app.guard.addresses import find_addresses
from app.guard.found import Found, without_overlaps
from app.guard.numbers import find_numbers, find_telephones
from app.guard.persons import find_persons


def find_personal(text: str) -> list[Found]:
    """Return the personal data of a text in its order; no two places overlap."""
    sure = list(find_numbers(text))
    addresses = list(find_addresses(text))
    found = without_overlaps([*sure, *addresses, *find_telephones(text)])
    return without_overlaps([*found, *find_persons(text, found)])
