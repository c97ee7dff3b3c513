"""Conversations of real models that come back from a file go on as if they had never left."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from models.chat import LocalChat
from models.engine import Engine
from models.generation import Finished, Text
from models.isolated import IsolatedEngine
from models.loading import start_here
from models.plan import Wish
from models.process import Order
from models.saved import Place
from models.weights import find
from tests.light import speeds
from tests.models.conftest import weights

pytestmark = pytest.mark.weights

STORY = (
    "The lighthouse keeper wrote every evening what the sea had brought: planks, bottles, once a piano. "
    "His daughter sorted the bottles by colour and put the green ones on the window sill. "
)
OTHER = "A recipe for bread: take flour, water, salt and yeast, knead them for ten minutes and wait for an hour. "
AND_THEN = " The next morning they found"
NEW = 12
"""More tokens than `AND_THEN` has."""
KEY = bytes(range(32))

Start = Callable[..., Engine]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "states"


@pytest.fixture(name="start")
def _start(folder: Path) -> Iterator[Start]:
    """Start engines that save into the folder."""
    started: list[Engine] = []

    def start(name: str, *, slots: int = 1, saving: bool = True, kv_type: str = "f16") -> Engine:
        place = Place(folder=folder, key=KEY, most_bytes=2**30) if saving else None
        wish = Wish(context_tokens=2048, slots=slots, kv_type=kv_type)
        started.append(start_here(find(name, directory=weights()), wish, place=place))
        return started[-1]

    yield start
    for engine in started:
        engine.close()


def write(engine: Engine | IsolatedEngine, prompt: list[int], *, tokens: int = 12) -> tuple[list[int], Finished]:
    """Return the prompt with the answer behind it, as the next turn repeats it, and how it ended."""
    *events, last = engine.submit(prompt, max_tokens=tokens)
    assert isinstance(last, Finished)
    text = "".join(event.text for event in events if isinstance(event, Text))
    return [*prompt, *engine.tokenize(text)], last


def tokens_of(engine: Engine | IsolatedEngine, text: str) -> list[int]:
    begin = engine.model.begin
    return [*([] if begin is None else [begin]), *engine.tokenize(text)]


def two_turns(engine: Engine, story: str, *, between: Callable[[], Engine]) -> tuple[list[int], Finished]:
    """Write a turn, let something happen, and return the next turn of the engine it leaves."""
    said, _ = write(engine, tokens_of(engine, story))
    engine = between()
    return write(engine, [*said, *engine.tokenize(AND_THEN)], tokens=12)


@pytest.mark.parametrize(("name", "repeats"), [("small", 1), ("tiny", 16)])
def test_a_conversation_comes_back_and_goes_on_word_for_word(
    start: Start, folder: Path, name: str, repeats: int
) -> None:
    """The tiny model's sliding window (512 tokens) has moved on by then, so its state is good only as a whole."""
    story = STORY * repeats
    plain = start(name, saving=False)
    uninterrupted, _ = two_turns(plain, story, between=lambda: plain)
    saving = start(name)

    def push_out() -> Engine:
        write(saving, tokens_of(saving, OTHER))
        assert saving._saved is not None
        saving._saved.settle()
        assert len(list(folder.glob("*/*.state"))) == 1
        return saving

    resumed, finished = two_turns(saving, story, between=push_out)
    assert resumed == uninterrupted
    assert saving.describe().counters["restored"] == 1
    assert finished.prompt_tokens - finished.cached_tokens < NEW, "all but the new words was there"


def test_yesterdays_conversation_resumes_after_a_restart(start: Start) -> None:
    plain = start("small", saving=False)
    uninterrupted, _ = two_turns(plain, STORY, between=lambda: plain)
    engine = start("small", slots=2)

    def restart() -> Engine:
        engine.close()
        return start("small", slots=2)

    resumed, finished = two_turns(engine, STORY, between=restart)
    assert resumed == uninterrupted
    assert finished.prompt_tokens - finished.cached_tokens < NEW, "all but the new words was there"


def test_a_sliding_window_that_moved_on_is_not_restored_in_part(start: Start) -> None:
    engine = start("tiny")
    story = tokens_of(engine, STORY * 16)
    write(engine, [*story, *engine.tokenize("What colour?")])
    write(engine, tokens_of(engine, OTHER))
    assert engine._saved is not None
    engine._saved.settle()
    cold, _ = write(start("tiny", saving=False), [*story, *engine.tokenize("Which piano?")])
    other, finished = write(engine, [*story, *engine.tokenize("Which piano?")])
    assert finished.cached_tokens <= 1, "at most the token every prompt begins with"
    assert other == cold


def test_a_part_of_a_saved_conversation_is_restored_where_the_model_can_go_back(start: Start) -> None:
    engine = start("small")
    story = tokens_of(engine, STORY)
    write(engine, [*story, *engine.tokenize(" What colour?")])
    write(engine, tokens_of(engine, OTHER))
    assert engine._saved is not None
    engine._saved.settle()
    cold, _ = write(start("small", saving=False), [*story, *engine.tokenize(" Which piano?")])
    other, finished = write(engine, [*story, *engine.tokenize(" Which piano?")])
    assert finished.cached_tokens >= len(story)
    assert other == cold


def test_the_products_next_question_finds_the_earlier_turns(start: Start, folder: Path) -> None:
    """Its passages stand behind the turns and are said once, so only what is before them is saved."""
    engine = start("small")
    chat = LocalChat(engine=engine, max_tokens=4)
    turns = [SystemMessage(STORY), HumanMessage("What did the sea bring?"), AIMessage("A piano, once.")]
    passages = HumanMessage(f"{OTHER} What colour?", additional_kwargs={"once": True})
    other = HumanMessage(f"{OTHER} Which bread?", additional_kwargs={"once": True})
    chat.invoke([*turns, passages])
    engine.close()
    assert len(list(folder.glob("*/*.state"))) == 1
    chat = LocalChat(engine=start("small"), max_tokens=4)
    usage = chat.invoke([*turns, other]).usage_metadata
    assert usage is not None
    assert usage["input_token_details"]["cache_read"] >= chat.count_prompt_tokens(turns) - 8


def test_what_was_remembered_in_other_types_is_not_loaded(start: Start) -> None:
    engine = start("tiny")
    said, _ = write(engine, tokens_of(engine, STORY))
    engine.close()
    other = start("tiny", kv_type="q8_0")
    _, finished = write(other, [*said, *other.tokenize(AND_THEN)])
    assert finished.cached_tokens == 0


def test_a_state_llama_cpp_refuses_is_read_again(start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after an update that kept its version number: the file opens, and holds what does not fit."""
    engine = start("small")
    story = tokens_of(engine, STORY)
    cold, _ = write(engine, story)
    monkeypatch.setattr("models.loading._about", lambda *_: "the same")
    tiny = start("tiny", kv_type="q8_0")
    write(tiny, story)
    tiny.close()
    small = start("small")
    assert small._saved is not None
    assert small._saved.shared(story) == len(story)
    again, finished = write(small, story)
    assert again == cold
    assert finished.cached_tokens == 0


@pytest.fixture(name="order")
def _order(folder: Path, tmp_path: Path) -> Order:
    place = Place(folder=folder, key=KEY, most_bytes=2**30)
    wish = Wish(context_tokens=1024, slots=2)
    return Order(path=find("tiny", directory=weights()), wish=wish, max_waiting=4, speeds=speeds(), place=place)


def test_the_engines_own_process_saves_forgets_and_never_shows_the_key(order: Order, folder: Path) -> None:
    engine = IsolatedEngine(order, tell=lambda _: None)
    said, _ = write(engine, tokens_of(engine, STORY))
    process = psutil.Process(engine.pid)
    shown = " ".join(process.cmdline()) + str(process.environ()) + str(order)
    assert KEY.hex() not in shown
    assert str(KEY) not in shown
    process.terminate()  # as the end of a service does to all its processes; only the product closes it
    engine.close()
    assert len(list(folder.glob("*/*.state"))) == 1, "the measuring of speed is no conversation"

    engine = IsolatedEngine(order, tell=lambda _: None)
    _, finished = write(engine, [*said, *engine.tokenize(AND_THEN)])
    assert finished.prompt_tokens - finished.cached_tokens < NEW
    assert engine.forget()
    assert list(folder.glob("*/*.state")) == []
    _, finished = write(engine, [*said, *engine.tokenize(AND_THEN)])
    assert finished.cached_tokens == 0
    engine.close()
    assert not engine.forget(), "there is no process any more"
