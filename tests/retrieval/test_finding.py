from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, Row, create_engine, text

from retrieval import retriever as retrieving
from retrieval.documents import FloatVector
from retrieval.errors import UnknownKindError
from retrieval.filters import EVERYTHING, KINDS, Filter, kind_of
from retrieval.finding import Finder, Hit, counted
from retrieval.index import VectorIndex
from retrieval.lexical import Frequencies, choosing_expression
from retrieval.library import Library
from retrieval.readers.formats import FORMATS
from retrieval.retriever import Retriever
from retrieval.words import Stems
from tests.fakes import HashEmbedder
from tests.retrieval.learning import COLLECTION, learn

TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)


@pytest.fixture
def finder(engine: Engine) -> Finder:
    return Finder(engine)


def owner() -> Row[tuple[str]]:
    with create_engine("sqlite://").connect() as connection:
        return connection.execute(text("SELECT 'd' AS document_id")).one()


OWNER = owner()


def alone(*terms: str) -> Stems:
    """Return terms that are the same in every language."""
    return {term: (term,) for term in terms}


def test_a_term_is_held_by_whatever_holds_one_of_its_stems(library: Library, finder: Finder) -> None:
    learn(library, {"a.txt": "hotel", "b.txt": "inn inn hotel", "c.txt": "train"})
    stems = {"hotel": ("hotel", "inn"), "train": ("train",)}
    matches = finder.lexical(stems, collection_ids=[COLLECTION], limit=10)
    assert matches.common.of_term == {"hotel": 2, "train": 1}
    held = counted(stems, finder.hits([], sorted(matches.numbers)))
    assert held.counts.tolist() == [[1, 0], [3, 0], [0, 1]]
    assert choosing_expression({"hotel": 2, "train": 1}, stems) == '"train" OR ("hotel" OR "inn")'


@given(st.lists(st.sampled_from(["a", "b", "ab", "ba", "a1"]), min_size=1, max_size=30))
def test_terms_are_counted_as_whole_words(words: list[str]) -> None:
    held = counted(alone("a", "ab", "z"), [Hit(number=1, chunk_id="c", owner=OWNER, terms=" ".join(words))])
    assert held.counts.tolist() == [[words.count("a"), words.count("ab"), 0]]
    assert held.lengths.tolist() == [len(words)]


def test_surroundings_end_with_the_document(library: Library, finder: Finder) -> None:
    learn(library, {"a.txt": "apple pie.", "b.txt": "apple tart.", "c.txt": "apple cake."})
    hits = finder.hits([], range(1 << 32, (1 << 32) + 3))
    around = finder.surroundings(alone("appl"), hits, reach=2)
    assert around.counts.tolist() == [[1], [1], [1]]


def test_words_are_counted_in_the_collections_searched_only(library: Library, finder: Finder) -> None:
    learn(library, {"a.txt": "hotel", "b.txt": "train"}, collection_id="first")
    learn(library, {f"{number}.txt": f"hotel {number}" for number in range(20)}, collection_id="between")
    learn(library, {"c.txt": "hotel"}, collection_id="last")
    matches = finder.lexical(alone("hotel", "train", "plane"), collection_ids=["first", "last"], limit=10)
    assert matches.common.rows == 3
    assert matches.common.of_term == {"hotel": 2, "train": 1, "plane": 0}
    assert {hit.owner.collection_id for hit in finder.hits([], matches.numbers)} == {"first", "last"}


def test_a_word_in_very_many_chunks_is_counted_by_its_first_ones(
    library: Library, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.lexical.MOST_COUNTED", 10)
    learn(library, {f"{number:02}.txt": f"hotel {number}" for number in range(40)})
    assert finder.lexical(alone("hotel"), collection_ids=[COLLECTION], limit=5).common.of_term == {"hotel": 40}


def test_common_words_do_not_choose_beside_rare_ones() -> None:
    assert choosing_expression({"rare": 5, "common": 50_000, "absent": 0}) == '"rare"'
    assert choosing_expression({"common": 50_000, "wide": 60_000}) == '"common" AND "wide"'


def test_a_rare_word_weighs_more() -> None:
    common = Frequencies(rows=100, of_term={"rare": 1, "usual": 90}, costs={})
    assert common.weight("rare") > common.weight("usual") > 0


FILES = {
    "hr/leave.md": "# Leave\n\nThe limit is thirty days of leave.",
    "travel.txt": "The limit is 120 euros a night.",
    "prices.csv": "thing,limit\nlamp,12\n",
    "100%.html": "<title>Half_way</title><p>The limit is one hundred percent.</p>",
}


def names(retriever: Retriever, only: Filter) -> set[str]:
    return {passage.document for passage in retriever.search("limit", collection_ids=[COLLECTION], only=only)}


@pytest.mark.parametrize("exact", [1_000, 0])
@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (EVERYTHING, set(FILES)),
        (Filter(name="LEAVE"), {"hr/leave.md"}),
        (Filter(name="hr/"), {"hr/leave.md"}),
        (Filter(name="half_way"), {"100%.html"}),
        (Filter(name="%"), {"100%.html"}),
        (Filter(name="nobody"), set()),
        (Filter(kinds=("table", "web")), {"prices.csv", "100%.html"}),
        (Filter(kinds=("text",), name="travel"), {"travel.txt"}),
        (Filter(after=TODAY - DAY, before=TODAY + DAY), set(FILES)),
        (Filter(after=TODAY + DAY + DAY), set()),
        (Filter(before=TODAY - DAY - DAY), set()),
    ],
)
def test_a_filter_leaves_only_what_it_lets_through(
    library: Library,
    retriever: Retriever,
    monkeypatch: pytest.MonkeyPatch,
    only: Filter,
    expected: set[str],
    exact: int,
) -> None:
    monkeypatch.setattr(retrieving, "EXACT", exact)
    learn(library, FILES)
    assert names(retriever, only) == expected


def test_a_narrow_filter_finds_what_many_others_would_hide(library: Library, retriever: Retriever) -> None:
    learn(library, {f"{number}.txt": f"The limit is {number} euros." for number in range(150)})
    learn(library, {"far.md": "A text about gardens, which once has the word limit somewhere."})
    assert names(retriever, Filter(name="far.md")) == {"far.md"}


def test_a_filter_stays_within_the_collections_searched(library: Library, retriever: Retriever) -> None:
    learn(library, FILES, collection_id="other")
    learn(library, {"a.txt": "Nothing."})
    assert names(retriever, Filter(name="travel")) == set()


def test_a_kind_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownKindError, match="pdf"):
        Filter(kinds=("novel",))


def test_every_format_that_is_read_has_a_kind() -> None:
    read = {one.media_type for name, one in FORMATS.items() if name != "zip"}
    assert {kind_of(media_type) for media_type in read} == set(KINDS)
    assert kind_of("image/png") == ""


def test_a_collection_deleted_during_a_search_holds_nothing(library: Library) -> None:
    learn(library, FILES)

    def embed(query: str) -> FloatVector:
        library.chunks.remove_collection(COLLECTION)
        library.index.drop(COLLECTION)
        return HashEmbedder().embed_query(query)

    retriever = Retriever(chunks=library.chunks, index=library.index, embed_query=embed)
    assert retriever.search("limit", collection_ids=[COLLECTION]) == []


def test_a_collection_dropped_between_opening_and_asking_is_empty(index: VectorIndex) -> None:
    vector = np.eye(4, dtype=np.float32)
    index.put("k", ["a"], vector[:1])
    index._client.delete_collection(next(iter(index._collections.values())).name)
    assert index.nearest("k", vector[0], limit=3) == []
    index.put("k", ["a"], vector[:1])
    index._client.delete_collection(next(iter(index._collections.values())).name)
    assert index.cosines("k", vector[0], ["a"]) == {}
