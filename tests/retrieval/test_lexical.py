"""BM25 over counts of terms."""

import numpy as np
import pytest

from retrieval.lexical import Frequencies, TermCounts, bm25

COMMON = Frequencies(rows=100, of_term={"sf": 9, "1012": 3, "sf1012": 2}, costs={})


def scores(*counts: tuple[int, int, int], wholes: dict[str, list[str]]) -> list[float]:
    held = TermCounts(counts=np.array(counts), lengths=np.full(len(counts), 10))
    return list(bm25(COMMON, held, wholes=wholes))


def test_of_a_code_and_its_parts_only_what_scores_more_counts() -> None:
    apart = scores((1, 1, 0), (0, 0, 1), wholes={})
    together = scores((1, 1, 0), (0, 0, 1), (1, 1, 1), wholes={"sf1012": ["sf", "1012"]})
    assert together == pytest.approx([*apart, max(apart)])


def test_a_whole_that_nobody_asked_the_index_for_changes_nothing() -> None:
    assert scores((1, 1, 1), wholes={"c++": ["c"]}) == scores((1, 1, 1), wholes={})
