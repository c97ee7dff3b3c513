"""Where a statement is supported best is the same in every run of the program."""

import os
import subprocess
import sys

ASK = """
from app.checks.support import Evidence, Source
pairs = [("amber", "delta")] * 2 + [("basil", "ember")] * 3 + [("cedar", "fjord")] * 4 + [("maple", "nylon")] * 2
filler = " ".join(f"{one.title()} {other}." for one, other in [*pairs, ("onyx", "pearl")])
both = "Amber basil cedar maple onyx here. Delta ember fjord nylon pearl there."
evidence = Evidence([Source(text=f"{both} {filler}")])
statement = "Amber basil cedar maple onyx delta ember fjord nylon pearl."
print(evidence.nearest_sentences(statement, 2), [(one.coverage, one.fit) for one in evidence.supports(statement)])
"""


def test_equally_near_sentences_come_in_one_order_whatever_the_order_of_sets() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", ASK], env=os.environ | {"PYTHONHASHSEED": str(seed)}, capture_output=True, check=True
        ).stdout
        for seed in range(6)
    }
    assert len(told) == 1
