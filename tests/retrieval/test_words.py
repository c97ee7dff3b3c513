from hypothesis import given
from hypothesis import strategies as st

from retrieval.words import query_terms, terms


def test_endings_case_and_accents_do_not_matter() -> None:
    assert terms("Policies CAFÉ") == terms("policy cafe")


def test_numbers_and_codes_stay_whole() -> None:
    assert terms("Form SF1012 costs 240") == [*terms("form"), "sf1012", *terms("costs"), "240"]


def test_stop_words_are_left_out_of_a_query() -> None:
    assert query_terms("What is the deadline?") == terms("deadline")


def test_a_query_of_only_stop_words_keeps_them() -> None:
    assert query_terms("to be or not to be") == ["to", "be", "or", "not"]


def test_a_query_without_a_word_has_no_terms() -> None:
    assert query_terms("?!… *^()") == []


def test_scripts_without_spaces_become_pairs() -> None:
    assert terms("北京大学") == ["北京", "京大", "大学"]
    assert set(query_terms("大学")) <= set(terms("北京大学"))


def test_indic_words_stay_whole() -> None:
    assert terms("हिन्दी भाषा") == ["हिन्दी", "भाषा"]


def test_a_long_query_is_cut() -> None:
    assert len(query_terms(" ".join(f"w{number}" for number in range(1000)))) == 64


@given(st.text())
def test_terms_hold_nothing_that_fts5_could_take_for_an_operator(text: str) -> None:
    assert not [term for term in terms(text) if not term or set(term) & set(' "*^():+-\x00')]
