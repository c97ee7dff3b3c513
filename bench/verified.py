"""Whether a verified answer is found first by who asks its question in other words, and by nobody else.

The answerable questions of kb_18f become verified answers with the sentence that answers each; they are asked in the
other words below, and in their own. Everybody else is asked as well: the ten questions nobody can answer, and the
questions of wikiqa beside each other, of which none is another in other words but many are about the same thing.
Run: `python -m bench.verified [--data ../shared/data]` (two minutes).
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from app.settings import Settings
from bench.sets import load_set, read_lines
from models.embedder import Embedder
from retrieval.documents import FloatMatrix

OTHER_WORDS = {
    "00": "What is the maximum amount of advanced sick leave I may request?",
    "01": "How many weeks without pay can I take under FMLA each year?",
    "02": "For how long can I take FMLA leave to care for a wounded service member who is a relative?",
    "03": "At what pay level am I no longer eligible for overtime?",
    "04": "How much federal service do I need to get paid parental leave?",
    "05": "I am adopting a baby: how long is my paid leave?",
    "06": "What is the work obligation after taking paid parental leave?",
    "07": "Do I have to inform PeopleOps about a temporary relocation of 3 months?",
    "08": "What is the phone number to book travel at the last minute?",
    "09": "When is the deadline for submitting my voucher after a trip?",
    "10": "How many days until a travel voucher is reviewed?",
    "11": "When will my new Concur account be ready?",
    "12": "Within what time do I have to report a possible security incident to GSA IT?",
    "13": "Does the time to report an incident start at its discovery or at the moment it occurred?",
    "14": "When can I expect my ordered business cards?",
    "15": "How many characters does the passcode of my work phone need at least?",
    "16": "What time are the office hours for Qualtrics held?",
    "17": "How frequently do I need to sign in to Qualtrics to not lose my license?",
    "18": "How long is OCE's initial survey review?",
    "19": "What number of hours per pay period does full time mean?",
    "20": "What is the maximum number of hours per day with a flexible work schedule?",
    "21": "How many hours a week does Tock allow by default?",
    "22": "May I separate from TTS on a federal holiday?",
    "23": "By what date do I have to hand in the self-assessment for FY25?",
    "24": "What projected negative leave balance makes me eligible for leave sharing?",
    "25": "At what time does the renewal of a term appointment happen?",
}
"""Written down before any of them was tried."""
LIMITS = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)


def cosines(embedder: Embedder, asked: list[str], held: list[str]) -> FloatMatrix:
    """Return the cosine of each question with each text, shape (asked, held)."""
    return np.asarray(embedder.embed_documents(asked) @ embedder.embed_documents(held).T, np.float32)


def share_at(limit: float, cosine: FloatMatrix, right: FloatMatrix) -> float:
    """Return the share of the questions whose nearest verified question is at the limit or above, and right or wrong.

    Args:
        limit: the cosine from which on a question counts as the same.
        cosine: of each question asked (rows) with each verified one.
        right: 1 for the pairs that are counted.
    """
    nearest = cosine.argmax(axis=1)
    rows = np.arange(len(cosine))
    return float(np.mean((cosine[rows, nearest] >= limit) & (right[rows, nearest] > 0)))


def main() -> int:
    """Compare the questions and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    embedder = Embedder.load(Settings().weights / "all-MiniLM-L6-v2")
    items = list(read_lines(options.data / "kb_18f" / "questions.jsonl"))
    answered = [item for item in items if item["answerable"]]
    held = [item["text"] for item in answered]
    own = np.eye(len(held), dtype=np.float32)
    others = [item["text"] for item in items if not item["answerable"]]
    asked = [OTHER_WORDS[item["_id"][-2:]] for item in answered]
    wiki = list(dict.fromkeys(load_set(options.data / "wikiqa").queries.values()))
    ways = {
        "in other words, its own answer": (cosines(embedder, asked, held), own),
        "in other words, another answer": (cosines(embedder, asked, held), 1 - own),
        "nobody can answer": (cosines(embedder, others, held), np.ones((len(others), len(held)), np.float32)),
        "wikiqa, of all the other questions": (
            cosines(embedder, wiki, wiki) - 2 * np.eye(len(wiki), dtype=np.float32),
            np.ones((len(wiki), len(wiki)), np.float32),
        ),
    }
    print(f"{'share for whom one comes first, from':38}" + "".join(f"{limit:7.2f}" for limit in LIMITS))
    for name, (cosine, right) in ways.items():
        print(f"{name:38}" + "".join(f"{share_at(limit, cosine, right):7.2f}" for limit in LIMITS))
    return 0


if __name__ == "__main__":
    sys.exit(main())
