"""The file behind a document over HTTP: its pages as pictures, and the original to keep."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers import LOCAL_ACTOR
from app.api.originals import attachment
from retrieval.sources import bytes_source
from tests.retrieval.files import pdf
from tests.served import Doors, open_doors

SECRET = "The zeppelin allowance is 4711 pelicans a month."
DATA = pdf([["# Allowances", "", "Nothing here."], [SECRET, "Other words follow.", SECRET]])


@pytest.fixture(scope="module", name="doors")
def _doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    home = tmp_path_factory.mktemp("home")
    with open_doors(home) as opened:
        learn_pdf(opened)
        yield opened


def learn_pdf(doors: Doors) -> None:
    handbook = doors.product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id
    list(doors.product.knowledge.learn([bytes_source("pay/allowances.pdf", DATA)], collection_id=handbook))


def document(doors: Doors, name: str) -> str:
    handbook = doors.product.collections.by_name(LOCAL_ACTOR, "Handbook").collection_id
    return next(one.document_id for one in doors.product.chunks.documents(handbook) if one.name == name)


def test_page_is_a_picture_with_the_place_marked_that_is_meant(doors: Doors) -> None:
    document_id = document(doors, "pay/allowances.pdf")
    found = doors.product.chunks.document(document_id)
    assert found
    text = found[1].text
    tops = []
    for start in (text.index(SECRET), text.rindex(SECRET)):
        answer = doors.browser().get(
            f"/api/documents/{document_id}/pages/2", params={"start": start, "end": start + len(SECRET)}
        )
        assert answer.headers["cache-control"] == "no-store"
        page = answer.json()
        assert base64.b64decode(page["picture"].removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
        assert (page["page"], page["pages"], page["exact"]) == (2, 2, True)
        (mark,) = page["marks"]
        tops.append(mark["top"])
    assert tops[0] < tops[1]


def test_page_without_the_cited_place_has_no_mark(doors: Doors) -> None:
    document_id = document(doors, "pay/allowances.pdf")
    page = doors.browser().get(f"/api/documents/{document_id}/pages/1", params={"start": 0, "end": 0}).json()
    assert page["marks"] == []


def test_page_that_is_not_there_is_a_sentence(doors: Doors) -> None:
    path = f"/api/documents/{document(doors, 'pay/allowances.pdf')}/pages/"
    for number in ("3", "0", "-1", str(10**30)):
        answer = doors.browser().get(path + number)
        assert answer.status_code == 422
        assert "2 pages" in answer.json()["error"]["message"]


def test_only_pdfs_have_pages(doors: Doors) -> None:
    answer = doors.browser().get(f"/api/documents/{document(doors, 'offices.md')}/pages/1")
    assert answer.status_code == 404
    assert "PDF" in answer.json()["error"]["message"]


def test_view_says_what_can_be_shown(doors: Doors) -> None:
    pdf_view = doors.browser().get(f"/api/documents/{document(doors, 'pay/allowances.pdf')}").json()
    assert (pdf_view["drawn"], pdf_view["original"]) == (True, True)
    text_view = doors.browser().get(f"/api/documents/{document(doors, 'offices.md')}").json()
    assert (text_view["drawn"], text_view["original"]) == (False, True)
    assert text_view["added"].startswith("20")


def test_original_is_downloaded_and_never_shown(doors: Doors) -> None:
    answer = doors.browser().get(f"/api/documents/{document(doors, 'pay/allowances.pdf')}/original")
    assert answer.content == DATA
    assert answer.headers["content-disposition"].startswith('attachment; filename="allowances.pdf"')
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("rest", ["/pages/1", "/original", ""])
def test_nobody_else_gets_a_page_or_an_original(doors: Doors, rest: str) -> None:
    path = f"/api/documents/{document(doors, 'pay/allowances.pdf')}{rest}"
    assert doors.stranger().get(path).status_code == 401
    assert doors.browser().get(f"/api/documents/unknown{rest}").status_code == 404


@pytest.mark.parametrize("rest", ["/pages/1", "/original", ""])
def test_who_may_not_read_the_collection_gets_nothing(doors: Doors, rest: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/api/documents/{document(doors, 'pay/allowances.pdf')}{rest}"
    monkeypatch.setattr(type(doors.product.collections), "list", lambda _self, _actor: ())
    assert doors.browser().get(path).status_code == 404


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a/b.pdf", "attachment; filename=\"b.pdf\"; filename*=UTF-8''b.pdf"),
        ('x"; evil=.pdf', "attachment; filename=\"x_; evil=.pdf\"; filename*=UTF-8''x%22%3B%20evil%3D.pdf"),
        ("Über\r\nSet-Cookie: a.pdf", "attachment; filename=\"_berSet-Cookie: a.pdf\"; filename*=UTF-8''"),
        ("..", 'attachment; filename="unnamed"'),
    ],
)
def test_name_of_a_download_cannot_leave_its_header(name: str, header: str) -> None:
    assert attachment(name).startswith(header)
    assert attachment(name).isascii()
    assert attachment(name).isprintable()


def test_nothing_of_a_drawn_page_lies_readable_anywhere(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        learn_pdf(doors)
        path = f"/api/documents/{document(doors, 'pay/allowances.pdf')}"
        assert json.loads(doors.browser().get(path + "/pages/2").content)["picture"]
        doors.browser().get(path + "/original")
        for file in tmp_path.rglob("*"):
            if file.is_file():
                held = file.read_bytes()
                assert b"\x89PNG" not in held
                assert b"zeppelin" not in held
