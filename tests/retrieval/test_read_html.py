from retrieval.documents import Document
from retrieval.readers import read_document
from retrieval.readers.limits import DEPTH

PAGE = """<!doctype html><html><head><title>Travel  rules</title><style>p{}</style></head><body>
<nav>Home | About</nav><script>alert("no")</script><!-- secret comment -->
<main><h1>Travel</h1><p>Book <b>early</b>,<br>always.</p>
<div>Loose text <span style="display:none">hidden words</span></div>
<ul><li>One<ul><li>Inner</li></ul></li><li>Two</li></ul>
<table><caption>Limits</caption><tr><th>City</th><th>Amount</th></tr>
<tr><td>Oslo</td><td>120</td></tr><tr><td>Rome</td><td>90</td></tr></table>
<pre>code
  stays</pre></main></body></html>"""


def read(text: str) -> Document:
    return read_document(text.encode(), name="page.html")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_the_readable_text_is_kept_with_its_structure() -> None:
    assert blocks(read(PAGE)) == [
        ("heading", "Travel"),
        ("paragraph", "Book early,\nalways."),
        ("paragraph", "Loose text"),
        ("list", "- One\n- Inner\n- Two"),
        ("paragraph", "Limits"),
        ("table", "City | Amount\nCity: Oslo; Amount: 120\nCity: Rome; Amount: 90"),
        ("code", "code\n  stays"),
    ]


def test_the_title_element_is_the_title() -> None:
    assert read(PAGE).title == "Travel rules"


def test_scripts_menus_comments_and_hidden_text_are_left_out() -> None:
    text = read(PAGE).text
    assert not [word for word in ("alert", "Home", "secret", "hidden words", "p{}") if word in text]


def test_the_declared_encoding_is_used() -> None:
    data = '<meta charset="iso-8859-1"><p>Café'.encode("iso-8859-1")
    assert "Café" in read_document(data, name="a.htm").text


def test_deep_nesting_ends_and_keeps_what_is_above() -> None:
    deep = "<p>Above.</p>" + "<div>" * 50 * DEPTH + "deep" + "</div>" * 50 * DEPTH
    assert "Above." in read(deep).text


def test_layout_tables_become_paragraphs() -> None:
    page = "<table><tr><td><table><tr><td>Inner cell</td></tr></table></td><td>Beside</td></tr></table>"
    assert [text for _, text in blocks(read(page))] == ["Inner cell", "Beside"]


def test_nothing_in_a_page_is_followed() -> None:
    page = '<p>Text</p><img src="file:///etc/passwd"><iframe src="http://169.254.169.254/"></iframe><link href="//x">'
    assert read(page).text == "Text"
