"""What a person types at a terminal: secrets, and words that agree to something."""

import getpass
import sys


def secret(prompt: str) -> str:
    """Return what a person types without showing it; without a terminal, the next line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def agreed(word: str) -> bool:
    """Whether a person types a word; where nobody is there to ask, whoever runs the command has agreed."""
    return not sys.stdin.isatty() or sys.stdin.readline().strip().lower() == word.lower()
