"""Answers as Markdown: what the model or a document wrote never becomes a link, an image or a tag."""

import re
from dataclasses import replace
from html import unescape

import pytest
from markdown_it import MarkdownIt

from app.answers import Answer, Citation, Claim, Verdict
from app.citations import attach
from app.web.plain import literal, plain, tamed
from app.web.present import WARNING, answer_markdown, cited_markdown, found_markdown, snippet
from tests.app.passages import passage

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "![pixel](http://evil.example/p.png)",
    "[click](http://evil.example)",
    "[click][1]\n\n[1]: http://evil.example",
    "<http://evil.example>",
    "https://evil.example/?q=secret",
    "www.evil.example",
    "mail me@evil.example",
    "\\<img src=x>",
    "\\[x](http://evil.example)",
    "&lt;img src=x&gt;",
    "`<img src=x>`",
    "```\n<img src=x>\n```",
    "`unclosed <img src=x>",
    "``` <b>x</b>",
    "text `a` <b onclick=x>y</b> `c`",
]
FORBIDDEN = ("<img", "<script", "<a ", "<b", "href=", "src=x>")


def rendered(markdown: str) -> str:
    """Render Markdown as liberally as a browser page may: tags allowed, addresses made links."""
    page: str = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_model_text_makes_no_element_of_its_own(text: str) -> None:
    page = rendered(tamed(text))
    assert not [word for word in FORBIDDEN if word in page]


@pytest.mark.parametrize("text", HOSTILE)
def test_question_shows_exactly_what_was_typed(text: str) -> None:
    page = rendered(literal(text))
    assert not [word for word in FORBIDDEN if word in page]


@pytest.mark.parametrize("text", [*HOSTILE, '" onclick="alert(1)', "</a></span>"])
def test_plain_text_keeps_no_meaning_in_html_or_markdown(text: str) -> None:
    assert "<" not in plain(text)
    assert '"' not in plain(text)
    assert not [word for word in FORBIDDEN if word in rendered(f"<span>{plain(text)}</span>")]


def test_addresses_of_model_text_are_not_made_links() -> None:
    for text in ("https://evil.example", "www.evil.example", "me@evil.example"):
        assert text not in tamed(text)


def test_emphasis_lists_tables_and_code_of_the_model_stay() -> None:
    page = rendered(tamed("**Bold** and `code`\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
    assert all(part in page for part in ("<strong>", "<code>", "<li>", "<td>"))


def answer(text: str, *claims: tuple[str, Verdict, tuple[int, ...]], **fields: object) -> Answer:
    """Return an answer whose claims are these parts of its text."""
    placed = tuple(
        Claim(
            text=part,
            start=text.index(part),
            end=text.index(part) + len(part),
            verdict=verdict,
            score=0.5,
            citations=numbers,
        )
        for part, verdict, numbers in claims
    )
    numbers = sorted({number for claim in placed for number in claim.citations})
    citations = tuple(
        Citation(
            n=number,
            collection_id="c",
            document_id="d",
            document="leave.md",
            title='Leave "policy" <b>',
            page=3,
            start=0,
            end=5,
            quote="Quote",
        )
        for number in numbers
    )
    values: dict[str, object] = {"answer_id": "a1", "question": "q", "query": "q", "text": text}
    return Answer(**(values | {"citations": citations, "claims": placed} | fields))  # type: ignore[arg-type]


def test_citation_stands_after_its_sentence_and_leads_to_its_place() -> None:
    shown = answer_markdown(answer("Ten days. More text.", ("Ten days.", "supported", (1,))))
    assert shown.startswith('Ten days.<a class="cite" href="#citation/a1/1"')
    assert "page 3" in shown.replace("&#32;", " ")


def test_card_of_a_document_without_pages_names_the_section() -> None:
    given = answer("Ten days.", ("Ten days.", "supported", (1,)))
    cited = replace(given.citations[0], page=None, headings=("Rules", "Leave", "Sick <b>"))
    shown = cited_markdown(replace(given, citations=(cited,)))
    assert "Section: Leave > Sick <b>" in unescape(shown)
    assert "<b>" not in shown
    assert "Section" not in cited_markdown(given)
    assert "Section" not in cited_markdown(replace(given, citations=(replace(cited, headings=()),)))


def test_marks_in_a_table_leave_it_a_table() -> None:
    text = "| office | desks |\n|---|---|\n| Paris | 42 |\n\nMore."
    parts = ["| office | desks |\n|---|---|", "| Paris | 42 |"]
    shown = rendered(answer_markdown(answer(text, *[(part, "supported", (1,)) for part in parts])))
    assert shown.count("<th>") == shown.count("<td>") == 2
    assert shown.count('class="cite"') == 2


def test_a_false_number_is_marked_at_its_cell_and_the_table_stays_one() -> None:
    text = "| City | Annual leave | Desks |\n|---|---|---|\n| Munich | 28 days | 7 |\n| Lisbon | 25 days | 12 |"
    source = passage("Munich gives 30 days of annual leave and has 7 desks. Lisbon gives 25 days of annual leave. "
        "Lisbon has 12 desks.")  # fmt: skip
    citations, claims = attach(text, [source], question="How much leave is there?")
    shown = rendered(answer_markdown(replace(answer(text), citations=citations, claims=claims)))
    cells = re.findall("<td>(.*?)</td>", shown)
    assert [cell.split("<")[0] for cell in cells] == ["Munich", "28 days", "7", "Lisbon", "25 days", "12"]
    assert ["value differs" in cell for cell in cells] == [False, True, False, False, False, False]
    assert ['class="cite"' in cell for cell in cells] == [False, True, True, False, True, True]
    assert "1 of 4 statements with a value that differs from the sources" in shown


def test_marks_of_cells_with_code_emphasis_and_no_closing_bar_leave_the_table_a_table() -> None:
    text = "| Office | Desks |\n|---|---|\n| Munich | **42** |\n| Lisbon | `12` |\n| Porto | 9\n\nMore."
    _, claims = attach(text, [passage("Munich has 7 desks.")], question="How many desks?")
    shown = rendered(answer_markdown(replace(answer(text), claims=claims)))
    assert shown.count("<td>") == 6
    assert [cell.count('class="mark') for cell in re.findall("<td>(.*?)</td>", shown)] == [0, 1, 0, 1, 0, 1]
    assert "<p>More." in shown


@pytest.mark.parametrize(("first", "others"), [("> ", "> "), ("- Offices:\n\n  ", "  "), ("1. ", "   ")])
def test_marks_in_a_table_of_a_list_item_or_a_quote_leave_it_a_table(first: str, others: str) -> None:
    lines = ["| Office | Desks |", "|---|---|", "| Munich | 42 |", "| Lisbon | 12 |"]
    text = "\n".join([first + lines[0], *(others + line for line in lines[1:]), "", "More."])
    _, claims = attach(text, [passage("Munich has 7 desks. Lisbon has 12 desks.")], question="How many desks?")
    shown = rendered(answer_markdown(replace(answer(text), claims=claims)))
    cells = re.findall("<td>(.*?)</td>", shown)
    assert [cell.split(" <")[0] for cell in cells] == ["Munich", "42", "Lisbon", "12"]
    assert [cell.count('class="mark') for cell in cells] == [0, 1, 0, 0]
    assert re.search("<(li|blockquote)>", shown)


def test_marks_of_cells_with_bars_stand_in_their_cells() -> None:
    text = "| Command | Desks | Rooms |\n|---|---|---|\n| `a\\|b` | `42\\|43` | 3 |\n| Munich | `42|43` |\n\nMore."
    _, claims = attach(text, [passage("Munich has 7 desks and 3 rooms.")], question="How many desks?")
    shown = rendered(answer_markdown(replace(answer(text), claims=claims)))
    cells = re.findall("<td>(.*?)</td>", shown)
    assert [re.sub("<.*", "", cell.replace("<code>", "")).strip() for cell in cells] == [
        "a|b", "42|43", "3", "Munich", "`42", "43`"
    ]  # fmt: skip
    assert [cell.count('class="mark') for cell in cells][4:] == [1, 1]


def test_what_is_put_below_an_answer_whose_code_is_not_closed_stands_outside_of_it() -> None:
    for text in ("- Run:\n\n  ```\n  a", "~~~\na", "````\n```\na"):
        shown = rendered(answer_markdown(answer(text, ("a", "not found", ()))))
        assert '<div class="badge' in shown


@pytest.mark.parametrize("text", ["Run this:\n\n```\na < b\n```\n\nMore.", "Run this:\n\n```\na < b"])
def test_marks_of_code_stand_below_it(text: str) -> None:
    shown = rendered(answer_markdown(answer(text, ("a < b", "not found", ()), ("Run", "supported", (1,)))))
    code = shown[shown.index("<code>") : shown.index("</code>")]
    assert "mark" not in code
    assert "badge" not in code
    assert "a &lt;" in code
    assert 'class="mark not-found"' in shown
    assert '<div class="badge partly">' in shown


def test_citation_of_no_known_number_is_left_out() -> None:
    given = answer("Ten days.", ("Ten days.", "supported", (1,)))
    bare = Answer(answer_id="a", question="q", query="q", text=given.text, citations=(), claims=given.claims)
    assert "cite" not in answer_markdown(bare)


@pytest.mark.parametrize(
    ("verdict", "word"),
    [("not found", "not in the sources"), ("value differs", "value differs"), ("contradicted", "contradicted")],
)
def test_doubtful_sentence_is_marked_in_words(verdict: Verdict, word: str) -> None:
    shown = answer_markdown(answer("Ten days. Twenty days.", ("Twenty days.", verdict, ())))
    assert f"{word}</a>" in shown


def test_badge_counts_statements() -> None:
    both = answer("One. Two.", ("One.", "supported", (1,)), ("Two.", "not found", ()))
    assert "1 of 2 statements not found in the sources" in answer_markdown(both)
    good = answer("One. Two.", ("One.", "supported", (1,)), ("Two.", "supported", (1,)))
    assert "All 2 statements were found in the sources" in answer_markdown(good)


def test_answer_that_states_nothing_gets_no_badge() -> None:
    assert "badge" not in answer_markdown(answer("Which one?", ("Which one?", "not examined", ())))


def test_statement_that_was_not_examined_is_said_to_be_so() -> None:
    shown = answer_markdown(answer("Paris has 42 desks.", ("Paris has 42 desks.", "not examined", ())))
    assert "Not examined against the sources" in shown


def test_same_place_is_named_once_with_all_its_numbers() -> None:
    shown = answer_markdown(answer("One. Two.", ("One.", "supported", (1,)), ("Two.", "supported", (2,))))
    assert shown.count('class="source"') == 1


def test_title_of_a_document_cannot_leave_its_attribute() -> None:
    shown = answer_markdown(answer("One.", ("One.", "supported", (1,))))
    assert "<b>" not in shown
    assert '"policy"' not in shown


def test_refusal_shows_the_nearest_quotes() -> None:
    refused = answer("No document answers this.", outcome="abstained", nearest=(passage("Closed on Monday."),))
    shown = answer_markdown(refused)
    assert "<blockquote>" in shown
    assert "Closed on Monday" in shown
    assert "#passage/" in shown


def test_a_question_back_shows_what_may_be_meant_and_no_statements() -> None:
    near = (passage("Opens at nine."), passage("Closed."))
    titles = tuple(dict.fromkeys(one.title or one.document for one in near))
    asked = answer("Which <b>library</b> do you mean?", outcome="asked", nearest=near, choices=titles)
    shown = answer_markdown(asked)
    assert "<b>" not in shown
    assert "A question back" in shown
    assert "#passage/" in shown
    assert "statement" not in shown


def test_stopped_answer_says_so_with_its_reason() -> None:
    shown = answer_markdown(answer("Half an", outcome="stopped", flags=("Stopped before the answer was finished.",)))
    assert "Stopped before the answer was finished" in shown


def test_general_answer_is_marked_before_its_text() -> None:
    shown = answer_markdown(answer("Paris is a city.", general=True))
    assert shown.index("General answer") < shown.index("Paris")


def test_found_passages_are_links_to_their_places() -> None:
    shown = found_markdown([passage("Text <b>bold</b> [x](http://evil.example)")])
    assert 'href="#passage/' in shown
    assert "<b>" not in shown
    assert "evil.example)" not in shown


def test_answer_without_citation_lists_the_nearest_passages() -> None:
    assert "#passage/" in cited_markdown(answer("No.", outcome="abstained", nearest=(passage("Nearest."),)))


def test_long_passage_is_cut_at_a_word() -> None:
    assert snippet("word " * 200).endswith("word …")


def test_table_in_a_snippet_is_told_cell_by_cell_without_its_rule() -> None:
    table = "## Gifts\n\n| Worth | What to do |\n|---|:-:|\n| up to €50 | accept |\n| more | ask first. |\n\nAsk."
    assert unescape(snippet(table)) == "Gifts · Worth · What to do · up to €50 · accept · more · ask first. Ask."


def test_heading_in_a_snippet_is_parted_from_its_text() -> None:
    assert unescape(snippet("## Paris\n\nIt has\n42 desks.\n\nIt opens.")) == "Paris · It has 42 desks. It opens."


@pytest.mark.parametrize(
    ("policy", "warned"), [("show", False), ("warn", True), ("regenerate", False), ("quote", True)]
)
def test_a_fault_that_was_found_afterwards_is_warned_of_where_the_policy_is_strict(
    policy: str, *, warned: bool
) -> None:
    shown = answer_markdown(answer("Ten days.", ("Ten days.", "contradicted", (1,)), policy=policy))
    assert (WARNING in shown) is warned


def test_the_badge_says_how_many_statements_are_still_being_examined() -> None:
    told = answer("Ten days.", ("Ten days.", "supported", (1,)))
    assert "2 statements still being examined" in answer_markdown(told, left=2)
    assert "still being examined" not in answer_markdown(told)


SAID = "The answer holds personal data: a name. Pass it on with care."


def test_what_a_person_should_know_about_personal_data_stands_above_the_answer() -> None:
    told = answer_markdown(
        Answer(answer_id="a", question="q", query="q", text="It is Ada.", citations=(), claims=(), flags=(SAID,))
    )
    assert told.startswith('<div class="banner warned">The answer holds personal data')
