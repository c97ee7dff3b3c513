"""Answers made elsewhere are examined over JSON, for whoever may call."""

from pathlib import Path

from tests.served import open_doors

ITEM = {"id": "7", "passages": ["There are 240 hours of sick leave."], "answer": "There are 240 hours of sick leave."}


def test_an_answer_is_examined_for_programs_and_pages_and_for_nobody_else(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        for client in (doors.program(), doors.browser()):
            found = client.post("/api/check", json=ITEM).json()
            assert (found["id"], found["supported"], found["claims"][0]["passages"]) == ("7", True, [0])
        assert doors.stranger().post("/api/check", json=ITEM).status_code == 401
        refused = doors.program().post("/api/check", json={"answer": "x"})
        assert refused.status_code == 422
        assert "passages" in refused.json()["error"]["message"]


def test_more_text_than_can_be_examined_is_refused(tmp_path: Path) -> None:
    with open_doors(tmp_path) as doors:
        much = ITEM | {"passages": ["There are 240 hours of sick leave. " * 1000] * 10}
        refused = doors.program().post("/api/check", json=much)
        assert refused.status_code == 413
        assert "Send fewer passages" in refused.json()["error"]["message"]
