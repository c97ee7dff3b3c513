"""A text that denies, in the same words, what another one says is noticed; one that only sounds so is not."""

import pytest

from app.checks.polarity import Course, course, denial, reversal, tendency, undenied


def denied(claim: str, given: str) -> bool:
    return denial(tendency(claim), tendency(given)) is not None


def reversed_(claim: str, given: str) -> bool:
    return reversal(tendency(claim), tendency(given)) is not None


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        ("Smoking is not allowed in the canteen.", "Smoking is allowed in the canteen."),
        ("Smoking is allowed in the canteen.", "Smoking isn't allowed in the canteen."),
        ("The protein does not restore aged muscles.", "We show that the protein restores aged muscles."),
        ("Managers never approve trips.", "Managers approve trips."),
        ("The total pay may exceed 900 euros.", "The total pay cannot exceed 900 euros."),
        ("The book was not based on a film.", "The book was based on a film."),
        ("If the forms are not filed, call the office.", "If the forms are filed, call the office."),
        ("You have a card and may enter the archive.", "You have no card and may not enter the archive."),
    ],
)
def test_what_is_denied_by_one_text_and_affirmed_by_the_other_is_noticed(claim: str, given: str) -> None:
    assert denied(claim, given)


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        ("Smoking is not allowed.", "Smoking isn't allowed."),
        ("Trips not only cost money but also time.", "Trips cost money and time."),
        ("The university is the home of mandatory trainings.", "The university isn't just for mandatory trainings."),
        ("No it is allowed in the canteen.", "It is allowed in the canteen."),
        ("That is so. No the canteen is open on Monday.", "The canteen is open on Monday."),
        ("Serve it five days before the hearing.", "Serve it no later than five days before the hearing."),
        ("You avoid costly insurance.", "You do not pay costly insurance."),
        ("Smoking is allowed. Drinking is not, however, allowed.", "Smoking is allowed."),
        ("The canteen is closed.", "Bananas are not yellow."),
        ("Plans require help from sales.", "Plans aren't selectable because they require help from sales."),
        ("Methods must be sent each month.", "Some methods may not be accepted and must be sent each month."),
        ("Agents help you find a house.", "If you don't have an agent to help, you find a house yourself."),
        ("The delimiter is not the default one.", "A delimiter other than the default one is used."),
        ("Poor countries get no treatment at all.", "No treatment is given in poor countries, nor in these."),
        ("The highest fee of the club is 90 euros.", "Your fees cannot exceed the highest fee of the club, 90 euros."),
    ],
)
def test_what_only_sounds_like_a_denial_is_none(claim: str, given: str) -> None:
    assert not denied(claim, given)


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        ("The fee increased in 2024.", "The fee decreased in 2024."),
        ("It is the smallest river of the country.", "It is the largest river of the country."),
        ("Receipts are optional for meals.", "Receipts for meals are required."),
        ("The islands lie in the north atlantic.", "The islands lie in the south atlantic."),
        ("Nurses work full-time in Lisbon.", "Nurses work part-time in Lisbon."),
        ("Inhibition of the enzyme is seen.", "Activation of the enzyme is seen."),
    ],
)
def test_a_word_whose_opposite_stands_beside_the_same_words_is_noticed(claim: str, given: str) -> None:
    assert reversed_(claim, given)
    assert not reversed_(given, given)


def test_an_opposite_that_belongs_to_something_else_is_none() -> None:
    given = "The fee for visitors of the museum in the old town rose, and lower taxes were promised to every company."
    assert not reversed_("The number of trips to distant offices and of bookings made there increased.", given)


def test_each_opposition_names_both_words() -> None:
    found = reversal(tendency("The fee increased."), tendency("The fee decreased."))
    assert found is not None
    assert (found.claimed, found.given) == ("increased", "decreased")


@pytest.mark.parametrize(
    ("claim", "given"),
    [
        ("Deficiency leads to decreased weight gain.", "Deficiency reduces body weight gain."),
        ("The exercise is more effective in reducing pain.", "The exercise is effective in reducing pain."),
        ("It has lower rates of eczema.", "Women at high risk of disease had less eczema."),
        ("Men like it, and women deny it.", "Women deny it."),
    ],
)
def test_an_opposite_of_something_else_in_the_same_words_is_none(claim: str, given: str) -> None:
    assert not reversed_(claim, given)


@pytest.mark.parametrize(
    ("claim", "texts", "told"),
    [
        ("Fruit raises the risk.", ["Fruit lowered the risk.", "A reduction was seen with fruit."], "opposed"),
        ("Fruit raises the risk.", ["Fruit lowered the risk.", "With fruit the risk is higher."], "agreeing"),
        ("Fruit raises the risk.", ["Fruit and risk were studied."], "untold"),
        ("Fruit is sold on Mondays.", ["Fruit was studied."], "agreeing"),
    ],
)
def test_how_several_texts_rank_things_is_told_by_most_of_their_words(
    claim: str, texts: list[str], told: Course
) -> None:
    assert course(tendency(claim), [tendency(text) for text in texts]) == told


def test_a_denial_with_nothing_denied_in_the_text_stands_alone() -> None:
    given = tendency("The river is thought to be important.")
    assert undenied(tendency("The river is not considered important."), given)
    assert not undenied(tendency("The river is considered important."), given)
    assert not undenied(tendency("The river is not wide."), tendency("The river is hardly wide."))
