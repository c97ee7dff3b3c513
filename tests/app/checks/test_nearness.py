"""What an embedder says of a statement changes the score of its answer, and no verdict."""

import pytest

from app.checks.claims import examine
from app.checks.nearness import MIDDLE, SHARE, nearer
from app.checks.report import check_item
from app.checks.support import Source
from app.settings import Settings
from app.voices import load_embedder
from tests.fakes import HashEmbedder

LEAVE = "You can request up to 240 hours of advanced sick leave. Ask your supervisor first."
NEAR = "Up to 240 hours of advanced sick leave can be requested."
EMBED = HashEmbedder().embed_documents


def test_a_statement_near_its_window_scores_more_and_one_far_from_it_less() -> None:
    sources = [Source(text=LEAVE)]
    examined = examine(f"{NEAR} Bananas are yellow fruit from Ecuador.", sources)
    near, far = nearer(examined, sources, EMBED)
    assert near > examined[0].score
    assert far < examined[1].score
    assert abs(near - examined[0].score) <= SHARE * (1 - MIDDLE) + 1e-6


def test_the_score_changes_and_the_verdicts_do_not() -> None:
    item = {"id": "1", "answer": NEAR, "passages": [LEAVE]}
    words, meaning = check_item(item), check_item(item, embed=EMBED)
    assert meaning["score"] > words["score"]
    assert (meaning["claims"], meaning["supported"]) == (words["claims"], words["supported"])


@pytest.mark.parametrize("item", [{"answer": "", "passages": [LEAVE]}, {"answer": NEAR, "passages": [""]}])
def test_where_nothing_can_be_compared_nothing_is_embedded(item: dict[str, object]) -> None:
    def never(_texts: object) -> object:
        raise AssertionError

    given = {"id": "1", **item}
    assert check_item(given, embed=never)["score"] == check_item(given)["score"]  # type: ignore[arg-type]


@pytest.mark.weights
def test_the_real_embedder_finds_other_words_for_the_same_nearer_than_another_thing() -> None:
    embed = load_embedder(Settings()).embed_documents
    sources = [Source(text="Whoever falls ill must tell their manager by nine in the morning.")]
    same = examine("Employees who are sick have to inform the supervisor before 9 am.", sources)
    other = examine("Employees who are bored have to inform the pilot before 9 am.", sources)
    gains = [nearer(one, sources, embed)[0] - one[0].score for one in (same, other)]
    assert gains[0] > gains[1]
