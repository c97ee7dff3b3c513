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


def test_a_table_within_a_layout_table_is_a_table() -> None:
    inner = "<table><tr><th>City</th><th>Fee</th></tr><tr><td>Oslo</td><td>120</td></tr></table>"
    page = f"<table><tr><td><h2>Fees</h2>{inner}<p>As of May.</p></td><td>Beside</td></tr></table>"
    assert blocks(read(page)) == [
        ("heading", "Fees"),
        ("table", "City | Fee\nCity: Oslo; Fee: 120"),
        ("paragraph", "As of May."),
        ("paragraph", "Beside"),
    ]


def test_what_is_marked_as_the_head_of_a_table_names_its_columns_whatever_it_looks_like() -> None:
    long = "What the department has spent on travel within the whole of the year that ended in May"
    page = f"<table><tr><th>7</th><th>{long}</th></tr><tr><td>Oslo</td><td>120</td></tr></table>"
    assert blocks(read(page))[0][1].endswith(f"\n7: Oslo; {long}: 120")


def test_merged_cells_keep_the_others_in_their_columns() -> None:
    page = """<table><thead><tr><th rowspan=2>City</th><th colspan=2>Fees</th></tr><tr><th>2024</th><th>2025</th></tr>
    </thead><tr><td rowspan=2>Oslo</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>
    <tr><td>Rome</td><td colspan=2>5</td></tr></table>"""
    assert blocks(read(page))[0][1].split("\n") == [
        "City | Fees 2024 | Fees 2025",
        "City: Oslo; Fees 2024: 1; Fees 2025: 2",
        "City: Oslo; Fees 2024: 3; Fees 2025: 4",
        "City: Rome; Fees 2024: 5",
    ]


def test_a_head_over_all_columns_is_the_title_of_a_table() -> None:
    page = """<table><tr><th colspan=2>Fees of May</th></tr><tr><th>City</th><th>Fee</th></tr>
    <tr><td>Oslo</td><td>1</td></tr></table>"""
    assert blocks(read(page)) == [("paragraph", "Fees of May"), ("table", "City | Fee\nCity: Oslo; Fee: 1")]


def test_a_cell_that_says_to_reach_over_everything_costs_nothing() -> None:
    page = f"<table>{'<tr><td colspan=9999 rowspan=9999>x</td></tr>' * 2_000}</table>"
    assert max(line.count("x") for line in read(page).text.split("\n")) <= 200


def test_nothing_in_a_page_is_followed() -> None:
    page = '<p>Text</p><img src="file:///etc/passwd"><iframe src="http://169.254.169.254/"></iframe><link href="//x">'
    assert read(page).text == "Text"
