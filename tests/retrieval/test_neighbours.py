"""What stands beside a passage is added to it, within its section and its document."""

from dataclasses import replace

import pytest

from retrieval.documents import Passage, SuspectPlace, Suspicion
from retrieval.library import Library
from retrieval.neighbours import Neighbours
from retrieval.retriever import Retriever
from retrieval.screening import Screened
from retrieval.settling import remove_document
from tests.retrieval.files import pdf
from tests.retrieval.learning import COLLECTION, learn

RULES = [f"Gadget {number} must be cleaned on day {number} by the person who used it last." for number in range(40)]
SECTIONS = {"Gadgets": "\n\n".join(RULES), "Parking": "Parking costs five euros.", "Bicycles": "They are free."}
MANUAL = "\n\n".join(f"# {heading}\n\n{text}" for heading, text in SECTIONS.items())


def found(retriever: Retriever, query: str, *, name: str = "manual.md") -> Passage:
    """Return the best passage, of one chunk."""
    passage = retriever.search(query, collection_ids=[COLLECTION], k=1)[0]
    assert passage.document == name
    return passage


def test_a_passage_grows_by_the_chunk_on_either_side(library: Library, retriever: Retriever) -> None:
    learn(library, {"manual.md": MANUAL})
    neighbours = Neighbours(library.chunks.finder)
    passage = found(retriever, "gadget 20 cleaned day 20")
    longer = neighbours.with_next(passage)
    assert longer is not None
    assert longer.text.startswith(passage.text)
    assert len(longer.text) > len(passage.text)
    both = neighbours.with_previous(longer)
    assert both is not None
    assert both.text.endswith(longer.text)
    assert MANUAL[both.start : both.end] == both.text
    assert both.chunk_id == passage.chunk_id


def test_a_passage_does_not_grow_out_of_its_section(library: Library, retriever: Retriever) -> None:
    learn(library, {"manual.md": f"# Lamps\n\nLamps are switched off at night.\n\n{MANUAL}"})
    neighbours = Neighbours(library.chunks.finder)
    longest = found(retriever, "gadget 20 cleaned day 20")
    for grow in (neighbours.with_next, neighbours.with_previous):
        while (longer := grow(longest)) is not None:
            longest = longer
    assert longest.text == "# Gadgets\n\n" + "\n\n".join(RULES)


def test_a_passage_does_not_grow_out_of_its_document(library: Library, retriever: Retriever) -> None:
    learn(library, {"a.txt": "The hotel limit is 120 euros.", "b.txt": "Cats are not allowed."})
    neighbours = Neighbours(library.chunks.finder)
    passage = found(retriever, "hotel limit", name="a.txt")
    assert neighbours.with_next(passage) is None
    assert neighbours.with_previous(passage) is None


def test_a_passage_that_begins_earlier_says_on_which_page(library: Library, retriever: Retriever) -> None:
    filling = ["Gadgets are cleaned daily by whoever used them last and nobody else."] * 12
    learn(library, {"manual.pdf": pdf([filling, ["Broken gadgets go to Ada.", *filling]])})
    neighbours = Neighbours(library.chunks.finder)
    passage = found(retriever, "broken gadgets go to Ada", name="manual.pdf")
    longer = passage
    while (further := neighbours.with_previous(longer)) is not None:
        longer = further
    assert longer.page == 1
    assert longer.page_at(longer.start + longer.text.index("Broken")) == 2


def test_a_passage_of_a_removed_document_stays_as_it_is(library: Library, retriever: Retriever) -> None:
    learn(library, {"manual.md": MANUAL})
    passage = found(retriever, "gadget 20 cleaned day 20")
    remove_document(passage.document_id, collection_id=COLLECTION, chunks=library.chunks, index=library.index)
    assert Neighbours(library.chunks.finder).with_next(passage) is None


CELLS = {name: " ".join(f"{name.lower()} rule {number} applies here." for number in range(40)) for name in "ABCD"}
TABLE = "| Office | " + " | ".join(CELLS) + " |\n|---|---|---|---|---|\n| Oslo | 1 | 2 | 3 | 4 |\n"
TABLE += f"| Lisbon | {' | '.join(CELLS.values())} |\n| Rome | {'closed on Mondays, ' * 20}| 6 | 7 | 8 |\n"


def test_the_parts_of_a_tables_row_are_found_as_the_whole_row(library: Library, retriever: Retriever) -> None:
    learn(library, {"rules.md": TABLE})
    passages = retriever.search("Lisbon c rule 20", collection_ids=[COLLECTION], k=6)
    (row,) = [one for one in passages if "Lisbon" in one.text]
    assert all(cell in row.text for cell in CELLS.values())
    assert row.columns == ""
    assert [one.rank for one in passages] == list(range(1, len(passages) + 1))


@pytest.mark.parametrize("cell", CELLS)
def test_a_row_is_whole_whichever_of_its_parts_was_found(library: Library, retriever: Retriever, cell: str) -> None:
    learn(library, {"rules.md": TABLE})
    (row,) = retriever.search(f"{cell} rule 20 applies here", collection_ids=[COLLECTION], k=1)
    assert "Office: Lisbon | A: a rule 0" in row.text
    assert "d rule 39 applies here." in row.text


def test_what_was_found_beside_a_row_stays_when_its_parts_are_joined(library: Library, retriever: Retriever) -> None:
    learn(library, {"rules.md": TABLE})
    (found,) = retriever.search("Lisbon c rule 20", collection_ids=[COLLECTION], k=1)
    chunks = sorted(library.chunks.chunks_of(found.document_id), key=lambda chunk: chunk.ordinal)
    parts = [chunk for chunk in chunks if "Lisbon" in chunk.columns]
    first_part, last_part, behind = parts[0], parts[-1], chunks[parts[-1].ordinal + 1]
    assert not behind.columns
    beginning = replace(found, chunk_id=first_part.chunk_id, start=first_part.start, end=first_part.end)
    ending = replace(found, chunk_id=last_part.chunk_id, start=last_part.start, end=behind.end)
    (joined,) = Neighbours(library.chunks.finder).whole_rows([beginning, ending])
    assert all(cell in joined.text for cell in (*CELLS.values(), "Rome"))


def test_a_row_longer_than_anybody_reads_stays_in_parts(
    library: Library, retriever: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.neighbours.LONGEST_ROW", 1_000)
    learn(library, {"rules.md": TABLE})
    parts = retriever.search("Lisbon c rule 20", collection_ids=[COLLECTION], k=6)
    assert sum("Lisbon" in one.text or "Lisbon" in one.columns for one in parts) > 1


OFFICES = [
    f"| Office {letter} | {number} days of leave | desk {letter * 40} |" for number, letter in enumerate("ABCDEFGHIJKL")
]
LEAVE = (
    "# Leave\n\n| Office | Leave | Desk |\n|---|---|---|\n"
    + "\n".join(OFFICES)
    + "\n\nAsk Ada.\n\n# Parking\n\nIt is free."
)


@pytest.mark.parametrize("order", [1, -1])
def test_passages_between_which_a_table_was_cut_become_one(library: Library, retriever: Retriever, order: int) -> None:
    learn(library, {"leave.md": LEAVE})
    (found,) = retriever.search("office A leave", collection_ids=[COLLECTION], k=1)
    chunks = sorted(library.chunks.chunks_of(found.document_id), key=lambda chunk: chunk.ordinal)
    parts = [replace(found, chunk_id=one.chunk_id, start=one.start, end=one.end, text=one.text) for one in chunks]
    *rows, parking = parts
    assert len(rows) > 2
    table, other = Neighbours(library.chunks.finder).whole_tables([*rows[::order], parking])
    assert all(f"Office {letter} |" in table.text for letter in "ABCDEFGHIJKL")
    assert (table.rank, other.rank) == (1, 2)
    assert other.text == parking.text


def test_a_sheets_rows_become_one_passage_and_two_tables_do_not(library: Library, retriever: Retriever) -> None:
    rows = [f"Office: {letter}{letter * 60}; Leave: {number} days" for number, letter in enumerate("ABCDEFGH")]
    learn(library, {"leave.txt": "\n".join(rows)})
    (whole,) = retriever.search("office leave", collection_ids=[COLLECTION], k=1)
    text = "\n".join(rows)
    cut, other = text.index("\nOffice: D"), text.index("\nOffice: G")
    first = replace(whole, start=0, end=cut, text=text[:cut])
    second = replace(whole, start=cut + 1, end=other, text=text[cut + 1 : other])
    neighbours = Neighbours(library.chunks.finder)
    assert [one.text for one in neighbours.whole_tables([first, second])] == [text[:other]]
    foreign = replace(second, text=second.text.replace("Office: ", "City: "))
    elsewhere = replace(second, document_id="another")
    assert len(neighbours.whole_tables([first, foreign])) == 2
    assert len(neighbours.whole_tables([first, elsewhere])) == 2


def test_passages_outside_of_tables_stay_as_they_are(library: Library, retriever: Retriever) -> None:
    learn(library, {"manual.md": MANUAL})
    found = retriever.search("gadget 20 cleaned day 20", collection_ids=[COLLECTION])
    assert Neighbours(library.chunks.finder).whole_rows(found) == found


def test_a_passage_of_a_document_that_went_into_quarantine_stays_as_it_is(
    library: Library, retriever: Retriever
) -> None:
    learn(library, {"manual.md": MANUAL})
    passage = found(retriever, "gadget 20 cleaned day 20")
    order = SuspectPlace(quote="Say yes.", start=0, end=8, page=None, reasons=("an order",))
    assert library.quarantine.judged(
        passage.document_id, Screened(version="2", suspicion=Suspicion(score=1.0, places=(order,)))
    )
    assert Neighbours(library.chunks.finder).with_next(passage) is None
    assert Neighbours(library.chunks.finder).with_previous(passage) is None
