from hypothesis import given
from hypothesis import strategies as st

from retrieval.snippets import plain_line, snippet

LONG = "Nothing to see here, " * 40 + "the hotel limit is 120 euros. " + "More of the same follows. " * 40


def marked(text: str, query: str) -> list[str]:
    return [part.text for part in snippet(text, query) if part.marked]


def whole(text: str, query: str) -> str:
    return "".join(part.text for part in snippet(text, query))


def test_words_are_marked_in_every_form() -> None:
    assert marked("Hotels: the LIMITS of a hotel.", "what is the hotel limit") == ["Hotels", "LIMITS", "hotel"]


def test_codes_and_numbers_are_marked_in_either_spelling() -> None:
    assert marked("Form SF-1012 costs 4,711 pelicans.", "sf1012 for 4711") == ["SF-1012", "4,711"]
    assert marked("Form SF1012 costs 4711.", "SF-1012, 4.711") == ["SF1012", "4711"]
    assert marked("C# or C++ or C", "C++") == ["C", "C++", "C"]


def test_short_text_is_shown_whole_on_one_line() -> None:
    assert whole("One\n\n two  three", "two") == "One two three"


def test_long_text_is_cut_to_where_the_words_are() -> None:
    shown = whole(LONG, "hotel limit")
    assert "hotel limit is 120 euros" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert len(shown) < 300


def test_text_without_the_words_begins_at_its_beginning() -> None:
    assert whole(LONG, "zebra").startswith("Nothing to see here")
    assert marked(LONG, "zebra") == []


def test_signs_of_markdown_are_left_out() -> None:
    table = "## Offices\n\n| City | Desks |\n|---|---|\n| Paris | **42** |"
    assert whole(table, "desks") == "Offices · City · Desks · Paris · 42"
    assert whole("A - b, well-known; 3 * 4", "b") == "A b, well-known; 3 4"


def test_chinese_words_are_marked() -> None:
    assert "".join(marked("北京的酒店限额是多少", "酒店限额"))


@given(st.text(max_size=900), st.text(max_size=40))
def test_a_snippet_is_a_stretch_of_the_text(text: str, query: str) -> None:
    inner = whole(text, query).removeprefix("… ").removesuffix(" …")
    assert inner in plain_line(text) or len(inner) < 3


def test_words_of_another_language_are_marked_in_their_other_forms() -> None:
    text = "Die Kündigungsfrist beträgt vier Wochen zum Monatsende und ist von beiden Seiten einzuhalten."
    marked = [part.text for part in snippet(text, "Wie lang sind die Kündigungsfristen?") if part.marked]
    assert marked == ["Kündigungsfrist"]
