"""The page Gradio makes, finished: its inline scripts allowed by their hashes only."""

import base64
import hashlib

from app.web.html import finish_page, policy, stranger_page

PAGE = (
    b'<html><head><meta property="og:image" content="https://example.com/x.png" /></head>'
    b'<body><script>first()</script><script src="a.js"></script><script data-x>second()</script></body></html>'
)


def hash_of(script: bytes) -> str:
    """Return a script's hash as a policy names it."""
    return base64.b64encode(hashlib.sha256(script).digest()).decode()


def test_inline_scripts_are_allowed_by_their_hashes() -> None:
    _, allowed = finish_page(PAGE)
    for script in (b"first()", b"second()"):
        assert f"'sha256-{hash_of(script)}'" in allowed
    assert allowed.count("sha256-") == 2


def test_addresses_outside_leave_the_head() -> None:
    page, _ = finish_page(PAGE)
    assert b"example.com" not in page
    assert b"/product/inhouse.css" in page


def test_plain_policy_allows_no_inline_script() -> None:
    assert "script-src 'self';" in policy()


def test_stranger_page_shows_its_sentence_as_text() -> None:
    assert b"&lt;b&gt;" in stranger_page("<b>").body
