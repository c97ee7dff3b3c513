"""Which addresses become links: allowed hosts by https; every trick stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.guard.links import links, may_lead_to
from app.guard.outputs import OutputGuard
from app.settings import Settings
from app.web.plain import tamed

HOSTS = ("intranet.example", "docs.firm.example")
LINK = '<a class="outside" href="{}" target="_blank" rel="noopener noreferrer">'


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in links(text, HOSTS)]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("See https://intranet.example/forms.", "https://intranet.example/forms"),
        ("The form (https://intranet.example/f?a=1&b=2#top).", "https://intranet.example/f?a=1&b=2#top"),
        ("https://Docs.Firm.Example", "https://Docs.Firm.Example"),
        ("at https://a.b.intranet.example/@person, or", "https://a.b.intranet.example/@person"),
        ("**https://intranet.example/x**", "https://intranet.example/x"),
        ("| https://intranet.example/x | 3 |", "https://intranet.example/x"),
        ("https://intranet.example?next=https://evil.example/", "https://intranet.example?next=https://evil.example/"),
    ],
)
def test_an_allowed_address_is_found_without_what_ends_the_sentence(text: str, address: str) -> None:
    assert found(text) == [address]


@pytest.mark.parametrize(
    "text",
    [
        "http://intranet.example/",
        "HTTPS://intranet.example/",
        "ftp://intranet.example/",
        "//intranet.example/",
        "javascript:https://intranet.example/",
        "https://evil.example/",
        "https://evilintranet.example/",
        "https://intranet.example.evil.example/",
        "https://firm.example/",
        "https://intranet.example@evil.example/",
        "https://user:word@intranet.example/",
        "https://evil.example:intranet.example@evil.example/",
        "https://intranet.example:443/",
        "https://intranet.example:8443/",
        "https://intranet.example:/",
        "https://intranet.example./",
        "https://.intranet.example/",
        "https://a..intranet.example/",
        "https://intranet.example\\@evil.example/",
        "https://evil.example\\.intranet.example/",
        "https://evil.example%2f.intranet.example/",
        "https://evil.example%00.intranet.example/",
        "https:///intranet.example/",
        "https:intranet.example/",
        "https:\\\\intranet.example/",
        "https://intr\u0430net.example/",  # a Cyrillic letter
        "https://intranet.example\u2024evil.example/",  # a dot of another kind
        "https://intranet\u3002example/",
        "https://\u202eelpmaxe.tenartni/",
        "https://intranet.example\u2044evil/",  # a slash of another kind
        "https://xn--intrnet-3fg.example/",
        "https://xn--80ak6aa92e.intranet.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://intranet.example/\u65e5\u672c",
        "https://intranet.example/[a](b)",
        "https://-.intranet.example/",
        "https://" + "a" * 70 + ".intranet.example/",
        "https://intranet.example/" + "a" * 2_100,
        "evil.example/https://intranet.example/",
        "mailto:a@https://intranet.example/",
    ],
)
def test_a_trick_stays_text(text: str) -> None:
    assert found(text) == []
    assert "<a " not in tamed(text, HOSTS)
    assert "<a " not in tamed(f"Look at [this]({text}) and ![that]({text}).", HOSTS)


def test_an_address_in_another_script_is_allowed_only_by_name() -> None:
    assert may_lead_to("https://xn--brger-kva.example/x", ["xn--brger-kva.example"])
    assert not may_lead_to("https://xn--80ak6aa92e.xn--brger-kva.example/", ["xn--brger-kva.example"])


def test_without_allowed_hosts_everything_is_text() -> None:
    assert "<a " not in tamed("https://intranet.example/")


def test_a_link_shows_its_whole_address_and_gives_nothing_away() -> None:
    shown = tamed("See https://intranet.example/a_b?c=1&d=2, please.", HOSTS)
    assert LINK.format("https://intranet.example/a_b?c=1&amp;d=2") in shown
    assert shown.startswith("See ")
    assert shown.endswith("</a>, please.")
    assert "intranet&#46;example&#47;a&#95;b" in shown


def test_in_code_an_address_is_text() -> None:
    for text in (
        "`https://intranet.example/`",
        "```\nhttps://intranet.example/\n```",
        "```\nhttps://intranet.example/",
    ):
        assert "<a " not in tamed(text, HOSTS)


@pytest.mark.parametrize("step", [1, 3, 1000])
def test_a_link_of_the_models_says_where_it_leads_and_its_pictures_stay_away(step: int) -> None:
    text = "Fill [your bank](https://intranet.example/f) in. ![x](https://intranet.example/x.png?q=1) [a](http://b.example)"
    guard = OutputGuard()
    let = "".join([*(guard.feed(text[at : at + step]) for at in range(0, len(text), step)), guard.finish()])
    shown = tamed(let, HOSTS)
    assert shown.count("<a ") == 1
    assert "your bank (" + LINK.format("https://intranet.example/f") in shown
    assert "x.png" not in shown
    assert "<img" not in shown


@given(st.text(alphabet="https:/.@\\intranet.exampleevil%[]()#?-\u0430 ", max_size=60))
def test_whatever_is_written_a_link_leads_to_an_allowed_host(rest: str) -> None:
    text = f"https://{rest}"
    for address in found(text):
        name = address.removeprefix("https://").partition("/")[0].partition("?")[0].partition("#")[0]
        assert name == "intranet.example" or name.endswith(".intranet.example") or "docs.firm" in name
        assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789.-")


@pytest.mark.parametrize(
    "name", ["https://a.example", "a.example:443", "*.example", "a.example.", "A.example", "1.2.3.4", ""]
)
def test_the_setting_takes_host_names_only(name: str) -> None:
    with pytest.raises(ValueError, match="no host name such as"):
        Settings(link_hosts=(name,))


def test_the_setting_takes_host_names() -> None:
    assert Settings(link_hosts=("wiki", "intranet.example.com", "xn--brger-kva.example")).link_hosts
