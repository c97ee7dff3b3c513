"""What looks like code is left as it is only where the page shows it as code."""

import pytest
from markdown_it import MarkdownIt

from app.web.plain import JOINER, tamed
from app.web.verbatim import code_in, covering

LINK = "[x](http://evil.example/a)"
NO_CODE = [
    f"| a | b |\n|---|---|\n| `x|{LINK}` | 2 |",
    f"``a {LINK}` b",
    f"text ``` {LINK}",
    "text ``` ![x](http://evil.example/p.png)\n\nmore",
    f"text\n``` {LINK}",
    f"`a\n\n{LINK}`",
    f"a `{LINK}``",
    f"- a\n  ```\n{LINK}",
    f"> ```\n{LINK}\n> ```",
    f"text\n    ```\n    {LINK}\n\n    ```",
    f"    ~~~\n    a\n\n{LINK}\n    ~~~",
    f"```  a---|---\n|---|---|\n{LINK}---|---",
    f"~~``*{LINK}*``",
    f"*``*{LINK}``",
    f"*~~~`{LINK}```*`",
    f"`` ` {LINK} ``{LINK}`",
    f"~~~\n~~~\n{LINK}",
]


def rendered(markdown: str) -> str:
    page: str = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(markdown)
    return page


@pytest.mark.parametrize("text", NO_CODE)
def test_what_only_looks_like_code_makes_no_link_and_no_image(text: str) -> None:
    """Each made one, here or on the page (marked, which ends cells and emphasis within code)."""
    told = tamed(text)
    assert "[x](" not in told
    assert "<a " not in rendered(told)
    assert "<img" not in rendered(told)


@pytest.mark.parametrize(
    "code",
    [
        "`f(a)[0](b)`",
        "`` f(a)[0](b) ``",
        "```\ncurl https://example.org/?a=b@c\n```",
        "```sh\nf(a)[0](b)\n\n\n```",
        "1. Run\n\n   ```sh\n   f(a)[0](b)\n\n   x\n   ```",
        "- Run\n  - This:\n    ```\n    f(a)[0](b)\n    ```",
        "~~~\n```\nf(a)[0](b)\n~~~",
        "```\nf(a)[0](b)\n",
    ],
)
def test_code_of_the_page_can_be_copied_as_it_is(code: str) -> None:
    assert tamed(f"Text.\n\n{code}") == f"Text.\n\n{code}"
    assert len(code_in(code)) == 1


def test_code_that_may_be_none_shows_the_same_and_leads_nowhere() -> None:
    text = "> ```\n> f(a)[0](b) https://example.org\n> ```"
    assert tamed(text).replace(JOINER, "") == text
    assert "](" not in tamed(text)


def test_a_bar_ends_a_cell_within_code_and_an_escaped_one_does_not() -> None:
    shown = rendered(tamed("| a | b | c |\n|---|---|---|\n| `x|y` | 2 |\n| `x\\|y` | p\\|q | r\\\\|"))
    assert shown.count("<td>") == 6
    assert "<td>`x</td>\n<td>y`</td>" in shown
    assert "<td><code>x|y</code></td>\n<td>p|q</td>" in shown


def test_a_bar_within_code_outside_of_tables_stays_code() -> None:
    assert "<code>a || b</code>" in rendered(tamed("Use `a || b` here."))


def test_a_place_within_code_is_covered_and_one_before_or_behind_it_is_not() -> None:
    codes = code_in("a `b c` d `e`")
    assert [covering(codes, place) is not None for place in (0, 2, 3, 7, 8, 10, 13)] == [
        False, False, True, True, False, False, True
    ]  # fmt: skip


@pytest.mark.parametrize(
    "piece", ["`", "``` ", "a `b` ", "| `a|b` ", "```\n", "`` ` ", "- ```\n", "> ", "|---|\n", "    ```\n\n"]
)
def test_60_000_characters_are_read_in_time_that_grows_with_them(piece: str) -> None:
    assert isinstance(tamed(piece * (60_000 // len(piece))), str)
