"""What an embedder says of a statement changes the score of its answer, and no verdict."""

from collections.abc import Sequence

import pytest

from app.checks.claims import examine
from app.checks.nearness import MIDDLE, SHARE, WINDOW_CHARACTERS, nearer
from app.checks.report import check_item, check_items
from app.checks.support import Source
from app.settings import Settings
from app.voices import load_embedder
from retrieval.documents import FloatMatrix
from tests.fakes import HashEmbedder

LEAVE = "You can request up to 240 hours of advanced sick leave. Ask your supervisor first."
NEAR = "Up to 240 hours of advanced sick leave can be requested."
EMBED = HashEmbedder().embed_documents


def never(_texts: Sequence[str]) -> FloatMatrix:
    raise AssertionError


def test_a_statement_near_its_window_scores_more_and_one_far_from_it_less() -> None:
    sources = [Source(text=LEAVE)]
    one, other = examine(NEAR, sources), examine("Bananas are yellow fruit from Ecuador.", sources)
    (near,), (far,) = nearer([(one, sources), (other, sources)], EMBED)
    assert near > one[0].score
    assert far < other[0].score
    assert abs(near - one[0].score) <= SHARE * (1 - MIDDLE) + 1e-6


def test_a_changed_number_gains_nothing_by_lying_near() -> None:
    item = {"id": "1", "answer": NEAR.replace("240", "260"), "passages": [LEAVE]}
    assert check_item(item, embed=EMBED)["score"] == check_item(item)["score"]


def test_an_answer_of_several_statements_is_told_by_its_words() -> None:
    item = {"id": "1", "answer": f"{NEAR} Ask your supervisor first.", "passages": [LEAVE]}
    assert check_item(item, embed=never)["score"] == check_item(item)["score"]


def test_of_a_long_window_the_beginning_is_embedded() -> None:
    seen: list[str] = []

    def embed(texts: Sequence[str]) -> FloatMatrix:
        seen.extend(texts)
        return EMBED(texts)

    long = "You can request up to 240 hours of advanced sick leave, " + "and ask, " * 60 + "says the handbook."
    check_item({"id": "1", "answer": NEAR, "passages": [long]}, embed=embed)
    assert max(map(len, seen)) == WINDOW_CHARACTERS


def test_many_items_are_told_in_order_like_each_alone_and_embedded_together() -> None:
    calls: list[int] = []

    def embed(texts: Sequence[str]) -> FloatMatrix:
        calls.append(len(texts))
        return EMBED(texts)

    good = [{"id": str(n), "answer": f"{NEAR} {'Ask first.' * (n % 2)}", "passages": [LEAVE]} for n in range(5)]
    told = list(check_items([*good[:2], {"id": "bad"}, *good[2:]], embed=embed))
    assert [one["id"] for one in told] == ["0", "1", "bad", "2", "3", "4"]
    assert "error" in told[2]
    assert len(calls) == 1
    scores = [one["score"] for one in told if "error" not in one]
    assert scores == pytest.approx([check_item(item, embed=EMBED)["score"] for item in good])


def test_the_score_changes_and_the_verdicts_do_not() -> None:
    item = {"id": "1", "answer": NEAR, "passages": [LEAVE]}
    words, meaning = check_item(item), check_item(item, embed=EMBED)
    assert meaning["score"] > words["score"]
    assert (meaning["claims"], meaning["supported"]) == (words["claims"], words["supported"])


@pytest.mark.parametrize("item", [{"answer": "", "passages": [LEAVE]}, {"answer": NEAR, "passages": [""]}])
def test_where_nothing_can_be_compared_nothing_is_embedded(item: dict[str, object]) -> None:
    given = {"id": "1", **item}
    assert check_item(given, embed=never)["score"] == check_item(given)["score"]


@pytest.mark.weights
def test_the_real_embedder_finds_other_words_for_the_same_nearer_than_another_thing() -> None:
    embed = load_embedder(Settings()).embed_documents
    sources = [Source(text="Whoever falls ill must tell their manager by nine in the morning.")]
    same = examine("Employees who are sick have to inform the supervisor before 9 am.", sources)
    other = examine("Employees who are bored have to inform the pilot before 9 am.", sources)
    gains = [nearer([(one, sources)], embed)[0][0] - one[0].score for one in (same, other)]
    assert gains[0] > gains[1]
