"""Make small PDF and DOCX files, good and bad, for tests."""

import io
import zipfile
from collections.abc import Sequence

from docx import Document as WordDocument
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

LINE = 16


def pdf(pages: Sequence[Sequence[str]], *, password: str = "", image_only: bool = False) -> bytes:
    """Return a PDF whose pages hold these lines; a line that begins with # is large and bold."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, encrypt=StandardEncryption(password) if password else None)
    for lines in pages:
        y = 780
        for line in lines:
            heading = line.startswith("# ")
            canvas.setFont("Helvetica-Bold" if heading else "Helvetica", 20 if heading else 11)
            canvas.drawString(72, y, line.removeprefix("# "))
            y -= LINE if line else 2 * LINE
        if image_only:
            canvas.drawInlineImage(_grey_picture(), 72, 300, 200, 200)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def docx(*, heading: str = "Leave", paragraphs: Sequence[str] = (), table: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a Word document with a heading, paragraphs and a table."""
    document = WordDocument()
    document.add_heading(heading, level=1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def docx_with_part(name: str, data: bytes) -> bytes:
    """Return a Word document in which one part has this content."""
    source = zipfile.ZipFile(io.BytesIO(docx(paragraphs=["Honest text."])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for part in source.namelist():
            if part != name:
                package.writestr(part, source.read(part))
        package.writestr(name, data)
    return file.getvalue()


def docx_body(xml: str) -> bytes:
    """Return a Word document with this XML inside its body."""
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{namespace}"><w:body>{xml}</w:body></w:document>'
    return docx_with_part("word/document.xml", body.encode())


def _grey_picture() -> object:
    from PIL import Image  # noqa: PLC0415 (only this page needs it)

    return Image.new("L", (20, 20), 128)
