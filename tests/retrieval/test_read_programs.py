"""Programs within documents keep their lines and indents; prose in a typeface for programs stays prose."""

import io
from collections.abc import Sequence
from xml.sax.saxutils import escape

from reportlab.pdfgen.canvas import Canvas

from retrieval.documents import Document
from retrieval.readers import read_document
from retrieval.readers.pdf_lines import Grid
from retrieval.readers.pdf_pages import draw_page
from tests.retrieval.office import pptx, slide

PROGRAM = ["def fee(city):", "    if city == 'Oslo':", "        return 120", "", "    return 80"]


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def rtf(body: str) -> Document:
    head = r"{\rtf1\ansi\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fmodern\fprq1 {\*\panose 02070309}Courier New;}}"
    head += r"{\stylesheet{\s0 Normal;}{\s7\f1 HTML Preformatted;}}"
    return read_document((head + body + "}").encode("latin-1"), name="a.rtf")


def test_lines_of_a_program_in_rtf_keep_their_indents() -> None:
    lines = "".join(rf"{line}\par " for line in PROGRAM)
    found = blocks(rtf(rf"\pard The fee:\par\pard\f1 {lines}\pard\f0 So much for fees.\par"))
    assert found == [("paragraph", "The fee:"), ("code", "\n".join(PROGRAM)), ("paragraph", "So much for fees.")]


def test_line_ends_and_tabs_within_a_paragraph_of_rtf_are_those_of_the_program() -> None:
    found = blocks(rtf(r"\pard{\f1 if late:\line\tab pay(5)\line\tab\tab stop()}\par\pard\plain After it.\par"))
    assert found == [("code", "if late:\n\tpay(5)\n\t\tstop()"), ("paragraph", "After it.")]


def test_a_style_for_programs_makes_them_in_rtf() -> None:
    assert blocks(rtf(r"\pard\s7 if late:\par     pay(5)\par")) == [("code", "if late:\n    pay(5)")]


def test_a_program_in_rtf_comes_before_the_table_and_the_list_below_it() -> None:
    program = r"\pard\f1 if late:\par     pay(5)\par\f0"
    table = r"\trowd\intbl City\cell Fee\cell\row\trowd\intbl Oslo\cell 120\cell\row"
    kinds = [kind for kind, _ in blocks(rtf(rf"{program}{table}\pard{program}\pard\ls1 One\par Two\par"))]
    assert kinds == ["code", "table", "code", "list"]


def test_a_letter_in_rtf_typed_in_such_a_typeface_stays_prose() -> None:
    limit = "the hotel limit is 120 euros a night in all cities but Oslo. " * 3
    found = blocks(rtf(rf"\pard\f1 Dear colleague,\par     {limit}\par"))
    assert [kind for kind, _ in found] == ["paragraph", "paragraph"]
    assert found[1][1].startswith("the hotel limit")


def test_a_line_of_rtf_with_other_letters_among_those_of_a_program_is_prose() -> None:
    found = blocks(rtf(r"\pard{\f1 fee(city)} tells it:\par{\f1     fee('Oslo')} is 120.\par"))
    assert [kind for kind, _ in found] == ["paragraph", "paragraph"]


def test_a_typeface_in_rtf_whose_name_never_ends_is_read() -> None:
    """It took minutes while all of the name was looked through for every piece of text."""
    name, pieces = "a" * 100_000, r"a\b " * 50_000
    data = rf"{{\rtf1{{\fonttbl{{\f0 {name};}}{{\f1 {pieces};}}}}\f0 {pieces}\par}}"
    assert blocks(read_document(data.encode("latin-1"), name="a.rtf")) == [("paragraph", "a" * 50_000)]


def _shape(*paragraphs: str, style: str = "") -> str:
    body = f"<p:txBody><a:bodyPr/><a:lstStyle>{style}</a:lstStyle>{''.join(paragraphs)}</p:txBody>"
    return f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"/><p:nvPr><p:ph idx="1"/></p:nvPr></p:nvSpPr>{body}</p:sp>'


def _typed(line: str, *, typeface: str = "Consolas") -> str:
    latin = f'<a:rPr><a:latin typeface="{typeface}"/></a:rPr>' if typeface else ""
    return f"<a:p><a:r>{latin}<a:t>{escape(line)}</a:t></a:r></a:p>"


def on_slide(shape: str) -> list[tuple[str, str]]:
    return blocks(read_document(pptx([slide(shape)]), name="a.pptx"))[1:]


def test_lines_of_a_program_on_a_slide_keep_their_indents_between_the_points_around_them() -> None:
    points = [_typed(point, typeface="") for point in ("The fee", "is told so:")]
    program = [_typed(line) if line else "<a:p/>" for line in PROGRAM]
    assert on_slide(_shape(*points, *program, _typed("So much for fees.", typeface="Arial"))) == [
        ("list", "- The fee\n- is told so:"),
        ("code", "\n".join(PROGRAM)),
        ("paragraph", "So much for fees."),
    ]


def test_a_program_in_one_paragraph_of_a_slide_keeps_its_lines() -> None:
    typed = '<a:rPr><a:latin typeface="Courier New"/></a:rPr>'
    runs = f"<a:r>{typed}<a:t>if late:</a:t></a:r><a:br/><a:r>{typed}<a:t>\tpay(5)</a:t></a:r>"
    assert on_slide(_shape(f"<a:p>{runs}</a:p>")) == [("code", "if late:\n\tpay(5)")]


def test_the_typeface_of_all_text_of_a_shape_makes_a_program_too() -> None:
    style = '<a:lvl1pPr><a:defRPr><a:latin typeface="Consolas"/></a:defRPr></a:lvl1pPr>'
    lines = [_typed(line, typeface="") for line in ("if late:", "    pay(5)")]
    assert on_slide(_shape(*lines, style=style)) == [("code", "if late:\n    pay(5)")]


def test_points_in_a_typeface_for_programs_stay_points() -> None:
    assert on_slide(_shape(_typed("Late trips"), _typed("Hotels"))) == [("list", "- Late trips\n- Hotels")]


WIDE = ["The fee is told by a function.", "Call it with the name of a city."]


def pdf(*pages: Sequence[tuple[str, Sequence[str]]], left: Sequence[int] = (72,)) -> bytes:
    """Return a PDF of A4 whose pages hold runs of lines, each in a typeface, and have these margins in turn."""
    file = io.BytesIO()
    canvas = Canvas(file)
    for number, page in enumerate(pages):
        y = 780
        for typeface, lines in page:
            for line in lines:
                canvas.setFont(typeface, 10)
                canvas.drawString(left[number % len(left)], y, line)
                y -= 13
            y -= 10
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def in_pdf(data: bytes) -> list[tuple[str, str]]:
    return blocks(read_document(data, name="a.pdf"))


def test_lines_of_a_program_on_a_page_keep_their_indents_and_empty_lines() -> None:
    assert in_pdf(pdf([("Helvetica", WIDE), ("Courier", PROGRAM), ("Helvetica", ["So much for fees."])])) == [
        ("paragraph", " ".join(WIDE)),
        ("code", "\n".join(PROGRAM)),
        ("paragraph", "So much for fees."),
    ]


def test_words_of_a_program_on_a_page_stay_below_each_other() -> None:
    lines = ["struct fee {", "    int  amount;    /* in euros */", "    char city[80];  /* its name */", "};"]
    assert in_pdf(pdf([("Courier-Bold", lines)])) == [("code", "\n".join(lines))]


def test_program_that_goes_on_over_a_page_keeps_its_indents_there() -> None:
    pages = [("Helvetica", WIDE), ("Courier", PROGRAM[:1])], [("Courier", PROGRAM[1:3])]
    parts = [("code", PROGRAM[0]), ("code", "\n".join(PROGRAM[1:3]))]
    assert in_pdf(pdf(*pages))[1:] == parts
    other_margin = in_pdf(pdf(*pages, left=(72, 93)))[1:]
    assert other_margin == [parts[0], ("code", "if city == 'Oslo':\n    return 120")]


def test_settings_are_a_program_too() -> None:
    lines = ["services:", "  web:", "    image: house", "    ports:", '      - "80:80"']
    assert in_pdf(pdf([("Courier", lines), ("Times-Roman", WIDE)]))[0] == ("code", "\n".join(lines))


def test_a_letter_on_a_page_in_such_a_typeface_stays_prose() -> None:
    letter = [
        "    Dear colleagues, the hotel limit is 120 euros a night in",
        "all cities but Oslo. Please keep the receipts of your trips;",
        "the office asks for them (see the rules, page 4).",
        "    Whoever travels by train pays first and is paid back in",
        "the month after, or earlier where that is needed.",
    ]
    assert {kind for kind, _ in in_pdf(pdf([("Courier", letter)]))} == {"paragraph"}


def test_a_table_on_a_page_in_such_a_typeface_stays_a_table() -> None:
    rows = [f"{city:24}{fee:>12}" for city, fee in (("City", "Fee"), ("Oslo", "120"), ("  Rome", "90"), ("Bern", "80"))]
    (table,) = in_pdf(pdf([("Courier", rows)]))
    assert table == ("table", "City | Fee\nCity: Oslo; Fee: 120\nCity: Rome; Fee: 90\nCity: Bern; Fee: 80")


def test_lines_of_prose_that_begin_with_a_word_of_a_program_stay_prose() -> None:
    file = io.BytesIO()
    canvas = Canvas(file)
    for y, left, word, rest in ((700, 72, "fee(city)", "tells the fee;"), (687, 90, "fee()", "tells the usual one.")):
        canvas.setFont("Courier", 10)
        canvas.drawString(left, y, word)
        canvas.setFont("Helvetica", 10)
        canvas.drawString(left + 62, y, rest)
    canvas.save()
    assert in_pdf(file.getvalue()) == [("paragraph", "fee(city) tells the fee; fee() tells the usual one.")]


def test_an_indented_line_of_a_program_is_marked_where_it_stands_on_its_page() -> None:
    data = pdf([("Helvetica", WIDE), ("Courier", PROGRAM), ("Helvetica", ["So much for fees."])])
    document = read_document(data, name="a.pdf")
    quote = "    if city == 'Oslo':\n        return 120"
    assert quote in document.text
    drawn = draw_page(data, page=1, pixels=800, quote=quote)
    assert drawn.exact
    first, second = drawn.marks
    letter = 6 / 595.3  # of the width of the page: Courier is 0.6 of its size wide
    assert abs(second.left - first.left - 4 * letter) < letter / 10
    assert abs(first.width - 18 * letter) < letter / 10
    assert first.top < second.top


def test_a_program_that_is_turned_keeps_its_words_and_gets_no_indents() -> None:
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.translate(300, 300)
    canvas.rotate(90)
    for place, line in enumerate(PROGRAM):
        canvas.setFont("Courier", 10)
        canvas.drawString(0, -13 * place, line)
    canvas.save()
    found = in_pdf(file.getvalue())
    assert {kind for kind, _ in found} == {"paragraph"}
    assert "return 120" in found[-1][1]


def test_indents_have_an_end_however_narrow_letters_are_set() -> None:
    assert Grid(text="x", left=0, bottom=0, advance=0.5).letters(3e38) == 100
    assert Grid(text="x", left=0, bottom=0, advance=6).letters(-3e38) == 0
