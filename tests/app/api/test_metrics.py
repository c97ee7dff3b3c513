"""Figures for Prometheus: to this machine and to operators' programs, and nothing of anybody's in them."""

import re

from starlette.testclient import TestClient

from app.answers import LOCAL_ACTOR
from tests.served import HOST, QUESTION, Doors

LINE = re.compile(r'(# (HELP|TYPE) inhouse_\w+ .+|inhouse_\w+({state="[\w ]+"})? \d+)')


def test_this_machine_reads_figures_without_a_token(doors: Doors) -> None:
    local = TestClient(doors.application, base_url=HOST, client=("127.0.0.1", 50_000))
    doors.product.assistant()
    answer = local.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert {"inhouse_ready 1", "inhouse_documents 1", "inhouse_collections 1", "inhouse_accounts 0"} <= set(lines)
    assert any(line.startswith("inhouse_engine_written_tokens_total ") for line in lines)
    for word in ("Handbook", "offices", QUESTION, LOCAL_ACTOR.name):
        assert word not in answer.text


def test_another_machine_needs_a_token(doors: Doors) -> None:
    far = TestClient(doors.application, base_url=HOST, client=("192.0.2.7", 50_000))
    assert far.get("/metrics").status_code == 401
    assert far.get("/metrics", headers={"authorization": "Bearer guess"}).status_code == 401
    assert doors.program().get("/metrics").status_code == 200


def test_embeddings_have_the_shape_of_openai(doors: Doors) -> None:
    program = doors.program()
    answer = program.post("/v1/embeddings", json={"input": ["One text.", "Another."], "model": "any"}).json()
    assert [one["index"] for one in answer["data"]] == [0, 1]
    vector = answer["data"][0]["embedding"]
    assert abs(sum(value * value for value in vector) - 1) < 1e-3
    assert answer["usage"]["total_tokens"] > 0
    one = program.post("/v1/embeddings", json={"input": "One text.", "encoding_format": "base64"}).json()
    assert isinstance(one["data"][0]["embedding"], str)
    for bad in ("", [], [""], ["x"] * 257, 7):
        assert program.post("/v1/embeddings", json={"input": bad}).status_code == 422


def test_vectors_of_another_length_and_numbers_of_tokens_are_refused_in_words(doors: Doors) -> None:
    program = doors.program()
    length = len(program.post("/v1/embeddings", json={"input": "a"}).json()["data"][0]["embedding"])
    assert program.post("/v1/embeddings", json={"input": "a", "dimensions": length}).status_code == 200
    other = program.post("/v1/embeddings", json={"input": "a", "dimensions": length + 1})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "other_dimension")
    tokens = program.post("/v1/embeddings", json={"input": [[1, 2]]}).json()["error"]["message"]
    assert tokens == "input cannot be used: it is neither a text nor a list of texts; numbers of tokens are not taken."
