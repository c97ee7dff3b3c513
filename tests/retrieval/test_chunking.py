import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import chunking
from retrieval.chunking import chunk_document
from retrieval.documents import Chunk, Document
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import read_document
from tests.fakes import HashEmbedder

OFFSETS = HashEmbedder().token_offsets
HANDBOOK = """# Handbook

Welcome to the house. It has many rooms.

## Leave

### Sick leave

You can ask for 240 hours. Ask your lead first. Send the form by Friday.

## Travel

Book early.
"""


def cut(text: str, *, max_tokens: int = 40, name: str = "a.md") -> tuple[Document, list[Chunk]]:
    document = read_document(text.encode(), name=name)
    return document, chunk_document(document, document_id="d", token_offsets=OFFSETS, max_tokens=max_tokens)


def test_chunk_text_is_the_document_between_its_offsets() -> None:
    document, chunks = cut(HANDBOOK)
    assert chunks
    assert all(document.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)


def test_chunks_follow_headings_and_carry_their_path() -> None:
    _, chunks = cut(HANDBOOK)
    assert [chunk.headings for chunk in chunks] == [
        ("Handbook",),
        ("Handbook", "Leave", "Sick leave"),
        ("Handbook", "Travel"),
    ]


def test_a_heading_opens_the_chunk_of_its_section() -> None:
    _, chunks = cut(HANDBOOK)
    assert chunks[2].text == "## Travel\n\nBook early."


def test_the_title_leads_the_path_unless_it_is_the_first_heading() -> None:
    _, chunks = cut("---\ntitle: Rules\n---\n# Pets\n\nNo cats.")
    assert chunks[0].headings == ("Rules", "Pets")


def test_ordinals_and_ids_count_from_0() -> None:
    _, chunks = cut(HANDBOOK)
    assert [(chunk.ordinal, chunk.chunk_id) for chunk in chunks] == [(0, "d-0"), (1, "d-1"), (2, "d-2")]


def test_sentences_are_not_cut() -> None:
    sentences = [f"Sentence number {number} says a little thing." for number in range(50)]
    _, chunks = cut(" ".join(sentences), name="a.txt", max_tokens=30)
    assert len(chunks) > 5
    assert all(chunk.text.startswith("Sentence") and chunk.text.endswith("thing.") for chunk in chunks)


def test_a_chunk_with_its_headings_fits_the_embedder() -> None:
    _, chunks = cut(HANDBOOK + "\n\n" + "Many more words follow here. " * 200, max_tokens=40)
    assert max(len(OFFSETS(chunk.indexed_text)) for chunk in chunks) <= 42  # " > " in the path counts as well


def test_an_endless_word_is_cut_so_that_it_can_be_embedded() -> None:
    document, chunks = cut("-".join(["x"] * 500), name="a.txt", max_tokens=40)
    assert max(len(OFFSETS(chunk.text)) for chunk in chunks) <= 40
    assert "".join(chunk.text for chunk in chunks) == document.text


def test_table_rows_are_not_cut_and_later_chunks_know_the_columns() -> None:
    rows = "".join(f"| Person {number} | Room {number} |\n" for number in range(40))
    _, chunks = cut(f"| Name | Room |\n|------|------|\n{rows}", max_tokens=40)
    assert len(chunks) > 3
    assert all(line.endswith("|") for chunk in chunks for line in chunk.text.splitlines())
    assert chunks[0].columns == ""
    assert {chunk.columns for chunk in chunks[1:]} == {"| Name | Room |"}
    assert "| Name | Room |" in chunks[1].indexed_text


def test_list_items_stay_whole() -> None:
    items = "\n".join(f"- Item {number} is about something else" for number in range(30))
    _, chunks = cut(items, max_tokens=30)
    assert all(line.startswith("- Item") and line.endswith("else") for c in chunks for line in c.text.splitlines())


def test_a_document_of_headings_alone_is_one_chunk() -> None:
    _, chunks = cut("# One\n\n## Two\n")
    assert [chunk.text for chunk in chunks] == ["# One\n\n## Two"]


def test_a_chunk_knows_the_page_it_begins_on() -> None:
    from tests.retrieval.files import pdf  # noqa: PLC0415 (only here)

    document = read_document(pdf([["First page text."], ["Second page text."]]), name="a.pdf")
    chunks = chunk_document(document, document_id="d", token_offsets=OFFSETS, max_tokens=4)
    assert {(chunk.page, chunk.text.split()[0]) for chunk in chunks} >= {(1, "First"), (2, "Second")}


@given(
    st.lists(
        st.sampled_from(
            ["# T\n", "word ", "Ende. ", "\n\n", "- a\n", "| a | b |\n", "|-|-|\n", "```\n", "北京。", "\r\n"]
        )
    )
)
def test_every_block_is_in_some_chunk_and_chunks_do_not_overlap(pieces: list[str]) -> None:
    try:
        document, chunks = cut("".join(pieces), max_tokens=12)
    except UnreadableDocumentError:
        return
    covered = [place for chunk in chunks for place in range(chunk.start, chunk.end)]
    assert len(covered) == len(set(covered))
    visible = {
        place
        for block in document.blocks
        for place in range(block.start, block.end)
        if not document.text[place].isspace()
    }
    assert visible <= set(covered)


def test_a_title_that_tells_nothing_is_not_in_the_path() -> None:
    _, chunks = cut("Only text.", name="0017-b.txt")
    assert chunks[0].headings == ()
    _, chunks = cut("Only text.", name="travel-rules.txt")
    assert chunks[0].headings == ("travel rules",)


def test_a_long_document_is_cut_as_a_short_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    text = " ".join(f"Sentence number {number} is here." for number in range(300))
    _, whole = cut(text, name="a.txt")
    monkeypatch.setattr(chunking, "SEGMENT_CHARACTERS", 100)
    assert cut(text, name="a.txt")[1] == whole


def test_a_line_without_an_end_is_cut_in_time() -> None:
    _, chunks = cut("x" * 3 + " y" * 1_000_000, name="a.txt", max_tokens=120)
    assert len(chunks) > 8_000
