"""Programs within documents keep their lines and indents; prose in a typeface for programs stays prose."""

from xml.sax.saxutils import escape

from retrieval.documents import Document
from retrieval.readers import read_document
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
