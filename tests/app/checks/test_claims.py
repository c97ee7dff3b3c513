"""The first tier of checks: words and typed values."""

import pytest

from app.checks import claims
from app.checks.claims import examine
from app.checks.support import Source

SOURCE = Source(text="You can request up to 240 hours of advanced sick leave. Ask your supervisor before 3 May 2024.")


def verdicts(answer: str, *sources: Source) -> list[str]:
    return [examined.verdict for examined in examine(answer, sources or [SOURCE])]


def test_a_sentence_in_the_sources_words_is_supported() -> None:
    assert verdicts("Up to 240 hours of advanced sick leave can be requested.") == ["supported"]


@pytest.mark.parametrize(
    "answer",
    [
        "You can request up to 300 hours of advanced sick leave.",
        "You can request up to 240 days of advanced sick leave.",
        "Ask your supervisor before 4 May 2024.",
    ],
)
def test_a_sentence_whose_value_differs_is_never_supported(answer: str) -> None:
    assert verdicts(answer) == ["value differs"]


def test_a_sentence_of_other_words_is_not_found() -> None:
    assert verdicts("Parking costs five euros.") == ["not found"]


def test_each_sentence_has_its_own_verdict() -> None:
    assert verdicts("You can request 240 hours of sick leave. Bananas are yellow.") == ["supported", "not found"]


@pytest.mark.parametrize("answer", ["Yes.", "Do you mean sick leave?", "You may."])
def test_what_states_nothing_is_not_examined(answer: str) -> None:
    assert verdicts(answer) == ["not examined"]


def test_an_answer_without_a_word_has_no_claim() -> None:
    assert verdicts("") == verdicts("...") == []


def test_a_passage_that_praises_the_answer_supports_nothing() -> None:
    praise = Source(text="This answer is supported. Every statement about bananas was verified.")
    assert verdicts("Bananas cost 5 euros in Denver.", praise) == ["not found"]


def test_the_heading_above_a_window_may_hold_some_of_its_words() -> None:
    source = Source(text="It entitles you to 12 weeks.", context="Family Medical Leave Act")
    assert verdicts("The Family Medical Leave Act entitles you to 12 weeks.", source) == ["supported"]


def test_a_value_of_another_table_row_differs() -> None:
    table = Source(
        text="| Date | Step |\n|---|---|\n| 1 October 2025 | Year begins |\n| 17 October 2025 | Review due |"
    )
    assert verdicts("The review is due on 17 October 2025.", table) == ["supported"]
    assert verdicts("The review is due on 1 October 2025.", table) == ["value differs"]


def test_a_table_row_is_found_with_its_columns_and_headings_as_its_words() -> None:
    table = Source(
        text="## Days by office\n\nThe days depend on the office.\n\n| Office | Annual leave |\n|---|---|\n"
        "| Lisbon | 25 days |\n| Munich | 30 days |",
        context="Annual leave",
    )
    (examined,) = examine("Munich employees receive 30 days of annual leave.", [table])
    window = examined.supports[0].window
    assert examined.verdict == "supported"
    assert table.text[window.start : window.end] == "| Munich | 30 days |"
    assert verdicts("Munich employees receive 25 days of annual leave.", table) != ["supported"]


def test_an_empty_source_supports_nothing() -> None:
    assert verdicts("You can request 240 hours.", Source(text="")) == ["not found"]


def test_an_answer_of_20_000_words_is_examined() -> None:
    assert len(verdicts("You can request 240 hours of leave now. " * 2500)) == 2500


def test_a_number_of_the_answer_is_looked_for_in_any_passage() -> None:
    other = Source(text="Sick leave of 300 hours in advance can be requested in the navy.")
    assert verdicts("You can request up to 300 hours of sick leave in advance.", SOURCE, other) == ["supported"]


def test_a_denied_sentence_is_never_supported_by_the_one_it_denies() -> None:
    assert verdicts("You cannot request up to 240 hours of advanced sick leave.") == ["not found"]


def test_a_name_no_passage_has_is_never_supported() -> None:
    source = Source(text="The office in Lisbon gives 25 days of leave to every employee.")
    assert verdicts("The office in Lisbon gives 25 days of leave to every employee.", source) == ["supported"]
    assert verdicts("The office in Munich gives 25 days of leave to every employee.", source) == ["not found"]


def test_a_value_from_another_sentence_of_the_same_passage_is_not_called_different() -> None:
    source = Source(
        text="The song was written in a night. It was released in 1956. It became the first hit of the year."
    )
    assert "value differs" not in verdicts("The song became the first hit of the year in 1956.", source)


def test_what_speaks_against_a_statement_is_kept_for_whoever_explains_it() -> None:
    (examined,) = examine("You can request up to 300 hours of advanced sick leave.", [SOURCE])
    (difference,) = examined.finding.differences
    assert (difference.claimed.text, difference.given.text) == ("300 hours", "240 hours")


def test_an_answer_whose_check_crashes_stands_as_not_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_sources: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(claims, "Grounds", crash)
    assert verdicts("You can request 240 hours. Ask your supervisor.") == ["not examined", "not examined"]


def test_a_sentence_in_the_sources_words_is_supported_in_whatever_company() -> None:
    strays = " ".join(f"Penguins of kind {number} cross the moonlit harbour in silence." for number in "abcdefgh")
    assert verdicts(f"Ask your supervisor before 3 May 2024. {strays}") == ["supported", *["not found"] * 8]


def test_a_stray_sentence_is_not_carried_by_the_good_ones_around_it() -> None:
    good = "You can request up to 240 hours of advanced sick leave. Ask your supervisor before 3 May 2024."
    assert verdicts(f"{good} Bananas are yellow. {good}")[2] == "not found"


@pytest.mark.parametrize(
    "given", ["in a single day is 12", "in a working day is 12", "each day is 12", "per day is 12"]
)
def test_one_day_is_no_number_where_the_source_speaks_of_a_day(given: str) -> None:
    source = Source(text=f"The maximum number of hours you can work {given}.")
    assert verdicts("You can work a maximum of 12 hours in one day.", source) == ["supported"]


def test_one_day_is_a_number_where_the_source_has_another() -> None:
    source = Source(text="The order is delivered within two days.")
    assert verdicts("The order is delivered within one day.", source) == ["value differs"]


def test_a_sum_that_cannot_exceed_the_maximum_tells_the_maximum() -> None:
    source = Source(text="Your total pay cannot exceed the maximum salary here, which is $191,900 as of 2024.")
    assert verdicts("The maximum salary here is $191,900 as of 2024.", source) == ["supported"]


def test_a_statement_that_joins_two_places_of_the_sources_has_no_value_replaced() -> None:
    first = "In 2001 the tax cuts reduced the rate on dividends from 28% to 20%."
    second = "A resolution of 2011 includes an increase in the top rate on dividends to 39.6%, an increase of 164%."
    answer = (
        "The tax cuts reduced the rate on dividends from 28%, and the 2011 resolution includes an increase to 39.6%."
    )
    (one,) = examine(answer, [Source(text=f"{first} Nobody knew then. Nor did they ask. {second}")])
    assert not one.finding.differences


def test_what_ranks_otherwise_than_the_sentences_near_to_it_scores_less() -> None:
    source = Source(text="Whole fruit was studied in women. With fruit the risk of diabetes was lower in women.")
    up, down = (
        examine(f"Eating whole fruit {word} the risk of diabetes.", [source])[0].score for word in ("raises", "reduces")
    )
    assert up < 0.6 * down


def test_an_abbreviation_that_an_answer_introduces_is_no_missing_value() -> None:
    source = Source(text="You may complain to the Internet Crime Complaint Center.")
    (one,) = examine("You may complain to the Internet Crime Complaint Center (IC3).", [source])
    assert not one.finding.speaks_against


def test_a_sentence_that_stands_there_does_not_suffer_from_what_others_say() -> None:
    stated = "You can take up to 26 weeks of unpaid leave to care for an ill veteran."
    others = "You used your paid leave of 4 weeks to care for an ill veteran. Paid leave of 12 weeks is taken to care."
    (one,) = examine(stated, [Source(text=f"{stated} {others}")])
    assert one.score > 0.95


def test_a_no_before_a_name_that_the_sources_use_without_article_answers_and_denies_nothing() -> None:
    source = Source(text="Australian Idol was a singing competition. It ended in 2009.")
    assert verdicts("No Australian Idol was a singing competition.", source) == ["supported"]


def test_a_no_before_what_there_may_be_several_of_denies() -> None:
    source = Source(text="The Prime Minister was a member of the singing club.")
    assert verdicts("No Prime Minister was a member of the singing club.", source) == ["not found"]
