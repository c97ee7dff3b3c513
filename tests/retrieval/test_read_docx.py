import io
import zipfile

import pytest

from retrieval.documents import Document
from retrieval.errors import UnreadableDocumentError
from retrieval.readers import read_document
from tests.retrieval.files import docx, docx_body, docx_with_part


def read(data: bytes) -> Document:
    return read_document(data, name="folder/form.docx")


def blocks(document: Document) -> list[tuple[str, str]]:
    return [(block.kind, document.text[block.start : block.end]) for block in document.blocks]


def test_headings_paragraphs_and_tables_are_kept_in_order() -> None:
    document = read(docx(paragraphs=["Ask first."], table=[["Kind", "Days"], ["Sick", "10"], ["Study", "5"]]))
    assert blocks(document) == [
        ("heading", "Leave"),
        ("paragraph", "Ask first."),
        ("table", "Kind | Days\nKind: Sick; Days: 10\nKind: Study; Days: 5"),
    ]
    assert document.title == "Leave"


def test_list_paragraphs_become_one_list() -> None:
    item = '<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
    assert blocks(read(docx_body(item.format("One") + item.format("Two")))) == [("list", "- One\n- Two")]


PROGRAM = ["def fee(city):", "    if city == 'Oslo':", "        return 120", "", "    return 80"]


def _typed(lines: list[str], *, typeface: str) -> str:
    font = f'<w:rPr><w:rFonts w:ascii="{typeface}"/></w:rPr>'
    runs = (f'<w:r>{font}<w:t xml:space="preserve">{line}</w:t></w:r>' for line in lines)
    return "".join(f"<w:p>{run}</w:p>" for run in runs)


def test_lines_of_a_program_are_code_and_keep_their_indents() -> None:
    after = "<w:p><w:r><w:t>So much for fees.</w:t></w:r></w:p>"
    assert blocks(read(docx_body(_typed(PROGRAM, typeface="Consolas") + after))) == [
        ("code", "\n".join(PROGRAM)),
        ("paragraph", "So much for fees."),
    ]


def test_a_program_within_one_paragraph_of_a_style_for_it_keeps_its_indents() -> None:
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in PROGRAM[:2])
    document = read(docx_body(f'<w:p><w:pPr><w:pStyle w:val="MacroText"/></w:pPr><w:r>{lines}</w:r></w:p>'))
    assert blocks(document) == [("code", "\n".join(PROGRAM[:2]))]


def test_a_letter_typed_in_such_a_typeface_stays_prose() -> None:
    letter = ["Dear colleague,", "    " + "the hotel limit is 120 euros a night in all cities but Oslo. " * 3]
    found = blocks(read(docx_body(_typed(letter, typeface="Courier New"))))
    assert [kind for kind, _ in found] == ["paragraph", "paragraph"]
    assert found[1][1].startswith("the hotel limit")


def _table(*rows: str, more: str = "") -> str:
    return f"<w:tbl>{more}{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def _tc(text: str, properties: str = "", inner: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p>{inner}</w:tc>"


def test_merged_cells_of_a_word_table_keep_the_others_in_their_columns() -> None:
    head = "<w:trPr><w:tblHeader/></w:trPr>"
    wide, start, on = '<w:gridSpan w:val="2"/>', '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    table = _table(
        head + _tc("City") + _tc("Fees", wide),
        head + _tc("") + _tc("2024") + _tc("2025"),
        _tc("Oslo", start) + _tc("1") + _tc("2"),
        _tc("", on) + _tc("3") + _tc("4"),
    )
    assert blocks(read(docx_body(table)))[0][1].split("\n") == [
        "City | Fees 2024 | Fees 2025",
        "City: Oslo; Fees 2024: 1; Fees 2025: 2",
        "City: Oslo; Fees 2024: 3; Fees 2025: 4",
    ]


def test_the_last_columns_of_a_table_may_have_no_name() -> None:
    table = _table(_tc("City") + _tc("Fee") + _tc(""), _tc("Oslo") + _tc("120") + _tc("in May"))
    assert blocks(read(docx_body(table)))[0][1] == "City | Fee\nCity: Oslo; Fee: 120; in May"


def test_a_table_within_a_table_has_names_of_its_own() -> None:
    inner = _table(_tc("City") + _tc("Fee"), _tc("Oslo") + _tc("120"))
    assert blocks(read(docx_body(_table(_tc("Left") + _tc("Above", inner=inner))))) == [
        ("paragraph", "Left"),
        ("paragraph", "Above"),
        ("table", "City | Fee\nCity: Oslo; Fee: 120"),
    ]


def test_deleted_text_is_left_out_and_inserted_text_kept() -> None:
    body = "<w:p><w:ins><w:r><w:t>new </w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del></w:p>"
    assert read(docx_body(body)).text == "new"


def test_hidden_text_is_left_out_with_a_warning() -> None:
    body = "<w:p><w:r><w:t>Seen.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>Unseen.</w:t></w:r></w:p>"
    document = read(docx_body(body))
    assert document.text == "Seen."
    assert "Hidden text" in document.warnings[0]


def test_content_controls_and_text_boxes_are_read_once() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In a box</w:t></w:r></w:p></w:txbxContent>"
    body = (
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>Controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        f"<w:p><w:r><w:t>Beside</w:t></w:r><w:r>{box}</w:r></w:p>"
    )
    assert [text for _, text in blocks(read(docx_body(body)))] == ["Controlled", "Beside", "In a box"]


def test_a_document_of_images_alone_says_so() -> None:
    data = docx_with_part("word/document.xml", docx_body_without_text())
    with_picture = _add(data, "word/media/image1.png", b"\x89PNG")
    with pytest.raises(UnreadableDocumentError, match="only images"):
        read(with_picture)


def test_a_part_that_inflates_too_much_is_refused() -> None:
    bomb = docx_with_part("word/document.xml", b"<x>" + b" " * 50_000_000 + b"</x>")
    assert len(bomb) < 200_000
    with pytest.raises(UnreadableDocumentError, match="inflates"):
        read(bomb)


def test_entities_are_refused_before_they_grow() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]><x>&l9;</x>'
    with pytest.raises(UnreadableDocumentError, match="entities"):
        read(docx_with_part("word/document.xml", xml.encode()))


def test_an_external_entity_is_not_read() -> None:
    xml = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
    with pytest.raises(UnreadableDocumentError, match="entities"):
        read(docx_with_part("word/document.xml", xml.encode()))


def test_damaged_files_are_refused() -> None:
    whole = docx(paragraphs=["Some text that is long enough to be cut."])
    with pytest.raises(UnreadableDocumentError, match="damaged"):
        read(whole[: len(whole) // 2])
    with pytest.raises(UnreadableDocumentError, match="not valid XML"):
        read(docx_with_part("word/document.xml", b"<unclosed>"))


def test_a_flipped_byte_is_refused_or_read_but_never_crashes() -> None:
    whole = bytearray(docx(paragraphs=["Some text."]))
    for place in range(0, len(whole), 97):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        try:
            read(bytes(broken))
        except UnreadableDocumentError as error:
            assert str(error)  # noqa: PT017 (both ways are right)


def test_an_encrypted_office_file_says_that_it_needs_a_password() -> None:
    data = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    with pytest.raises(UnreadableDocumentError, match="password"):
        read(data)


def test_a_spreadsheet_named_docx_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("xl/workbook.xml", "<x/>")
    with pytest.raises(UnreadableDocumentError, match=r"it is a spreadsheet; name it \.xlsx"):
        read(data.getvalue())


def docx_body_without_text() -> bytes:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return f'<w:document xmlns:w="{namespace}"><w:body/></w:document>'.encode()


def _add(data: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a") as package:
        package.writestr(name, content)
    return file.getvalue()
