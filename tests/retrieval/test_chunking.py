from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from app.settings import Settings
from models.weights import find
from retrieval.chunking import chunk_document
from retrieval.documents import Block, Chunk, Document, TokenOffsets
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import read_document
from retrieval.readers.building import table_lines
from tests.fakes import HashEmbedder
from tests.retrieval.files import pdf
from tests.retrieval.office import zipped

OFFSETS = HashEmbedder().token_offsets
HANDBOOK = """# Handbook

Welcome to the house. It has many rooms.

## Leave

### Sick leave

You can ask for 240 hours. Ask your lead first. Send the form by Friday.

## Travel

Book early.
"""


def words_of(text: str) -> list[str]:
    return [text[start:end] for start, end in OFFSETS(text) if text[start:end] not in {";", "|"}]


def cut(
    text: str, *, max_tokens: int = 40, name: str = "a.md", offsets: TokenOffsets = OFFSETS
) -> tuple[Document, list[Chunk]]:
    document = read_document(text.encode(), name=name)
    return document, chunk_document(document, document_id="d", token_offsets=offsets, max_tokens=max_tokens)


@cache
def minilm_offsets() -> TokenOffsets:
    """Return the real embedder's places of tokens, without the part of it that embeds."""
    tokenizer = Tokenizer.from_file(str(find("minilm", directory=Settings().weights) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: tokenizer.encode(text, add_special_tokens=False).offsets


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
    assert max(len(OFFSETS(chunk.indexed_text)) for chunk in chunks) <= 40


COLUMNS = "| Name of the person | Room in the house | Telephone | Remarks |\n|---|---|---|---|\n"
LONG_ROW = f"| {'word ' * 300}| a | b | c |\n"


def test_a_cell_longer_than_a_chunk_is_cut_and_each_part_repeats_its_column() -> None:
    _, chunks = cut(COLUMNS + LONG_ROW * 2, max_tokens=60)
    assert {chunk.columns for chunk in chunks} == {"", "Name of the person:"}
    assert all(chunk.columns for chunk in chunks if chunk.text.startswith("word"))
    assert max(len(OFFSETS(chunk.indexed_text)) for chunk in chunks) <= 60


def test_a_long_column_name_is_repeated_as_far_as_there_is_room() -> None:
    _, chunks = cut(COLUMNS + LONG_ROW, max_tokens=32)
    assert {chunk.columns for chunk in chunks if chunk.text.startswith("word")} == {"Name of the person:"}
    name = "Whether the lead of the department has agreed to it in writing before it was bought or only after that"
    _, chunks = cut(f"| {name} | b |\n|---|---|\n| {'word ' * 100}| c |\n", max_tokens=32)
    assert any(name.startswith(chunk.columns) and chunk.columns for chunk in chunks)
    assert max(len(OFFSETS(chunk.indexed_text)) for chunk in chunks) <= 32


WIDE = "Name,{}\n{}".format(
    ",".join(f"Column {n}" for n in range(40)),
    "".join(f"Person {p}," + ",".join(f"value {n}" for n in range(40)) + "\n" for p in range(3)),
)
NARROW = "City,Fee,Days\n" + "".join(f"City {n},{n},{n}\n" for n in range(60))


def test_rows_that_fit_are_never_cut() -> None:
    document, chunks = cut(NARROW, name="a.csv", max_tokens=40)
    rows = document.text.split("\n")
    assert len(chunks) > 5
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == rows


def test_a_row_longer_than_a_chunk_is_cut_between_cells_and_its_parts_say_which_row_it_is() -> None:
    _, chunks = cut(WIDE, name="a.csv", max_tokens=40)
    parts = [chunk for chunk in chunks if chunk.columns]
    assert {chunk.columns for chunk in parts} == {"Name: Person 0", "Name: Person 1", "Name: Person 2"}
    assert all(chunk.text.startswith("Column ") for chunk in parts)
    assert max(len(OFFSETS(chunk.indexed_text)) for chunk in chunks) <= 40


def test_a_row_longer_than_a_chunk_stays_whole_where_the_embedder_can_read_it() -> None:
    document = read_document(WIDE.encode(), name="a.csv")
    chunks = chunk_document(document, document_id="d", token_offsets=OFFSETS, max_tokens=40, row_tokens=400)
    assert [chunk.text for chunk in chunks] == document.text.split("\n")
    assert {chunk.columns for chunk in chunks} == {""}


NOTED = f"Name,Role,Notes,Room\nAda,engineer,{'She wrote: read it; then write. ' * 40},12\nBo,cook,none,7\n"


def test_a_part_of_a_long_cell_says_its_row_and_its_column() -> None:
    _, chunks = cut(NOTED, name="a.csv", max_tokens=40)
    within = [chunk for chunk in chunks if "write." in chunk.text and "Notes:" not in chunk.text]
    assert len(within) > 2
    assert {chunk.columns for chunk in within} == {"Name: Ada; Notes:"}
    assert all("Name: Ada; Notes:" in chunk.indexed_text for chunk in within)
    assert "Name: Bo; Role: cook; Notes: none; Room: 7" in chunks[-1].text


def test_a_cell_that_fits_a_part_is_never_cut() -> None:
    cells = [f"{'much ' * 9}{number}" for number in range(30)]
    names = [f"Column {number}" for number in range(30)]
    _, chunks = cut(",".join(names) + "\n" + ",".join(cells) + "\n", name="a.csv", max_tokens=60)
    for name, cell in zip(names, cells, strict=True):
        assert sum(f"{name}: {cell}" in chunk.text for chunk in chunks) == 1


@given(
    st.lists(st.text("ab :;|\n", min_size=1, max_size=12), min_size=1, max_size=5),
    st.lists(st.lists(st.text("word :;|", max_size=60), min_size=1, max_size=6), min_size=1, max_size=4),
)
def test_every_word_of_a_table_is_in_exactly_one_chunk(names: list[str], rows: list[list[str]]) -> None:
    lines = table_lines([names, *rows], heads=1)
    text = "\n".join(lines)
    if not text.strip():
        return
    block = Block(kind="table", start=0, end=len(text))
    document = Document(sha256="", name="a", title="", media_type="", text=text, blocks=(block,))
    chunks = chunk_document(document, document_id="d", token_offsets=OFFSETS, max_tokens=12)
    assert [word for chunk in chunks for word in words_of(chunk.text)] == words_of(text)


def test_a_place_behind_the_pages_of_a_part_has_no_page() -> None:
    data = zipped({"a.pdf": pdf([["# Paper", "", "On page one."]]), "b.txt": "Not on any page. " * 20})
    document = read_document(data, name="a.zip")
    chunks = chunk_document(document, document_id="d", token_offsets=OFFSETS, max_tokens=40)
    assert {chunk.page for chunk in chunks if "On page" in chunk.text} == {1}
    assert {chunk.page for chunk in chunks if "Not on" in chunk.text} == {None}


@pytest.mark.weights
def test_a_heading_without_spaces_leaves_room_for_the_text() -> None:
    offsets = minilm_offsets()
    _, chunks = cut(f"# {'北京市人民政府' * 60}\n\n{'文字' * 300}", max_tokens=120, offsets=offsets)
    assert max(len(offsets(chunk.indexed_text)) for chunk in chunks) <= 120
    assert chunks[-1].text.startswith("文字")
    assert 40 < len(offsets(chunks[-1].headings[-1])) <= 48


def test_an_endless_line_is_cut_between_words() -> None:
    _, chunks = cut("/".join(f"word{number}" for number in range(500)), name="a.txt", max_tokens=40)
    assert all(chunk.text.strip("/").split("/")[-1].startswith("word") for chunk in chunks)
    assert {word for chunk in chunks for word in chunk.text.strip("/").split("/")} == {f"word{n}" for n in range(500)}


MARKDOWN = ["# ", "## ", "\n", "\n\n", COLUMNS, "| a | b | c | d |\n", LONG_ROW, "- item\n", "```\n"]
WORDS = [
    "word ",
    "Ende. ",
    "北京",
    "antidisestablish",
    "e\u0301",
    "x" * 90,
    "-/_",
    "1234",
    "🙂",
    "\u00a0",
    "naïveté ",
    "ß",
]
PIECES = st.sampled_from(MARKDOWN + WORDS)


@pytest.mark.weights
@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(PIECES, st.integers(1, 120)).map(lambda part: part[0] * part[1]), min_size=1, max_size=12),
    st.sampled_from([120, 200, 250]),
)
def test_no_chunk_exceeds_what_the_real_embedder_reads(pieces: list[str], max_tokens: int) -> None:
    offsets = minilm_offsets()
    try:
        _, chunks = cut("".join(pieces), max_tokens=max_tokens, offsets=offsets)
    except UnreadableDocumentError:
        return
    assert max(len(offsets(chunk.indexed_text)) for chunk in chunks) <= max_tokens
