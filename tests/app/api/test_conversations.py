"""One's own conversations over JSON, listed and searched."""

from app.answers import LOCAL_ACTOR, Actor
from tests.served import Doors


def test_own_conversations_are_listed_and_found_by_their_words(doors: Doors) -> None:
    history, other = doors.product.history, Actor(user_id="ada", name="Ada")
    for person, question in ((LOCAL_ACTOR, "Where do the quokkas sleep?"), (other, "What do the quokkas eat?")):
        conversation_id = history.start(person).conversation_id
        history.begin_turn(person, conversation_id, question)
        history.rename(person, conversation_id, f"Animals of {person.name}")
    client = doors.program()
    assert [one["title"] for one in client.get("/api/conversations").json()] == ["Animals of You"]
    (found,) = client.get("/api/conversations", params={"search": "QUOKKAS sleep"}).json()
    assert (found["title"], found["found_in"]) == ("Animals of You", "question")
    assert found["excerpt"] == "Where do the quokkas sleep?"
    assert client.get("/api/conversations", params={"search": "quokkas eat"}).json() == []


def test_search_of_nobody_and_of_too_many_characters_is_refused(doors: Doors) -> None:
    assert doors.stranger().get("/api/conversations", params={"search": "quokkas"}).status_code == 401
    assert doors.program().get("/api/conversations", params={"search": "q" * 201}).status_code == 422
    assert doors.program().get("/api/conversations", params={"limit": 0}).status_code == 422
