import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.words import indexed_terms, joined_terms, query_terms, terms, wholes


def test_endings_case_and_accents_do_not_matter() -> None:
    assert terms("Policies CAFÉ") == terms("policy cafe")


def test_numbers_and_codes_stay_whole() -> None:
    assert terms("Form SF1012 costs 240") == [*terms("form"), "sf1012", *terms("costs"), "240"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SF-1012", "SF1012"),
        ("4,711", "4711"),
        ("4.711", "4'711"),
        ("4\u202f711", "4711"),
        ("1,234.56", "1.234,56"),
        ("1,234.56", "1234.56"),
        ("3.5", "3,5"),
        ("v2.3.1", "2.3.1"),
        ("2026-05-01", "20260501"),
        ("R&D", "RD"),
        ("COVID-19", "covid19"),
    ],
)
def test_either_spelling_of_a_number_or_code_finds_the_other(one: str, other: str) -> None:
    assert set(query_terms(one)) & set(indexed_terms(f"See {other}."))
    assert set(query_terms(other)) & set(indexed_terms(f"(See {one})"))


@pytest.mark.parametrize(("one", "other"), [("C++", "C#"), ("C", "C++"), ("3.5", "35"), ("v2.3.1", "v23.1")])
def test_what_a_sign_tells_apart_has_a_term_of_its_own(one: str, other: str) -> None:
    assert set(indexed_terms(one)) - set(indexed_terms(other)) or set(indexed_terms(other)) - set(indexed_terms(one))
    assert joined_terms(one) != joined_terms(other)


@given(st.text())
def test_what_was_found_by_its_words_still_is(text: str) -> None:
    assert indexed_terms(text)[: len(terms(text))] == terms(text)
    assert query_terms(text) == [] or set(query_terms(text)) <= set(indexed_terms(text))


def test_a_whole_names_the_terms_of_its_parts() -> None:
    assert wholes("Is SF-1012 about 1.000.000 euros?") == {"sf1012": ["sf", "1012"], "1000000": ["1", "000"]}
    assert wholes("Is SF1012 about euros?") == {}


def test_words_of_letters_alone_are_not_joined() -> None:
    assert joined_terms("state-of-the-art and/or co-operate. The end.And so on; see report.pdf") == []


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


def test_words_of_other_languages_are_left_out_of_queries_in_these() -> None:
    assert query_terms("Wie viele Tage Urlaub gibt es im Jahr?") == terms("Tage Urlaub Jahr")
    assert query_terms("¿Cuántos días de vacaciones hay en el año?") == terms("días vacaciones año")
    assert query_terms("Combien de jours de congé y a-t-il par an ?") == terms("jours congé an")


def test_words_that_mean_something_in_english_stay_in_english_queries() -> None:
    assert query_terms("Why did the man die in the war?") == terms("man die war")
    assert query_terms("man die") == terms("man die")


def test_a_query_of_only_another_languages_stop_words_keeps_them() -> None:
    assert query_terms("wie ist das") == terms("wie ist das")


def test_names_and_codes_are_found_by_the_same_words() -> None:
    for name in ("SF-1012", "ISO 27001", "O'Brien", "user@example.com", "2026-11-22", "Müller & Söhne", "v2.3.1"):
        assert query_terms(name) == list(dict.fromkeys(indexed_terms(f"See {name}.")[1:]))


def test_arabic_words_are_parted_by_spaces() -> None:
    assert terms("كم نقطة تخلى") == ["كم", "نقطة", "تخلى"]
