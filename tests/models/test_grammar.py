"""Grammars: refused before anything waits when they are broken, obeyed when they are not."""

import pytest
from pydantic import BaseModel

from models.batching import Batching
from models.chat import LocalChat
from models.engine import Engine
from models.errors import InvalidRequestError
from models.generation import Finished, Text
from models.grammar import LONGEST, check_grammar, grammar_of
from models.request import Sampling
from tests.fakes import NOTHING_ALLOWED, ScriptedMemory
from tests.models.conftest import scripted_engine
from tests.models.test_batching import answered, request, run, text_of

CITY = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "people": {"type": "integer"}},
    "required": ["name", "people"],
    "additionalProperties": False,
}
BROKEN = ['root ::= "a', "root ::= other", 'other ::= "a"', 'root ::= root "a" | "b"', "} nonsense {"]


@pytest.mark.parametrize(
    ("grammar", "sentence"),
    [
        ("", "between 1 and 65,536 characters, not 0"),
        (" \n", "between 1 and 65,536 characters"),
        ("x" * (LONGEST + 1), "not 65,537"),
        ('root ::= "a"\0', "characters that no text can hold"),
        ('root ::= "\ud800"', "characters that no text can hold"),
        ('root ::= "a"{5,2}', "between 5 and 2 times, which is never"),
        ('root ::= "a"{ 10 , 9 }', "between 10 and 9 times"),
    ],
)
def test_what_llama_cpp_would_misread_is_refused(grammar: str, sentence: str) -> None:
    with pytest.raises(InvalidRequestError, match=sentence):
        Sampling(grammar=grammar)


@pytest.mark.parametrize(
    "grammar", ['root ::= "{5,2}"', 'root ::= [{5,2}]"a"{2,5}', 'root ::= "a" # {5,2}', '"\\"{2,1}"']
)
def test_only_a_grammars_own_repetitions_are_looked_at(grammar: str) -> None:
    check_grammar(grammar)


def test_a_broken_grammar_is_refused_before_it_waits() -> None:
    engine = scripted_engine(ScriptedMemory())
    with pytest.raises(InvalidRequestError, match="grammar cannot be used"):
        engine.submit([1], max_tokens=5, sampling=Sampling(grammar="nonsense"))
    assert (engine.describe().running, engine.describe().waiting) == (0, 0)
    engine.close()


def test_a_grammar_that_leads_nowhere_ends_its_own_answer_only() -> None:
    memory = ScriptedMemory(answers={"a": "first", "b": "second"})
    batching = Batching(memory)
    generations = [
        request(text, sampling=Sampling(grammar=grammar)) for text, grammar in (("a?", None), ("b?", NOTHING_ALLOWED))
    ]
    for generation in generations:
        batching.admit(generation)
    run(batching)
    assert text_of(list(generations[0])) == "first"
    with pytest.raises(InvalidRequestError, match="allows no token"):
        list(generations[1])
    assert memory.samplers[1].closed
    assert text_of(answered(batching, "c?")) == "ok"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "#/nowhere"},
        {"type": "string", "pattern": "("},
        {"enum": [object()]},
        7,
    ],
)
def test_a_broken_schema_is_a_sentence(schema: object) -> None:
    with pytest.raises(InvalidRequestError, match="JSON schema cannot be used"):
        grammar_of(schema)  # type: ignore[arg-type]


def test_the_chat_model_passes_grammar_and_schema_on() -> None:
    memory = ScriptedMemory(answer='{"name": "Bonn", "people": 3}')
    chat = LocalChat(engine=scripted_engine(memory))
    assert chat.with_structured_output(CITY).invoke("Which city?") == {"name": "Bonn", "people": 3}
    assert memory.samplers[-1].sampling.grammar == grammar_of(CITY)
    chat.invoke("Which?", grammar='root ::= "yes"')
    assert memory.samplers[-1].sampling.grammar == 'root ::= "yes"'
    with pytest.raises(InvalidRequestError, match="not both"):
        chat.invoke("Which?", grammar='root ::= "yes"', json_schema=CITY)
    chat.engine.close()


def write(engine: Engine, prompt: str, sampling: Sampling, *, tokens: int = 40) -> tuple[str, Finished]:
    events = list(engine.submit(engine.tokenize(prompt), max_tokens=tokens, sampling=sampling))
    assert isinstance(events[-1], Finished)
    return "".join(event.text for event in events if isinstance(event, Text)), events[-1]


@pytest.mark.weights
@pytest.mark.parametrize("grammar", BROKEN)
def test_llama_cpp_refuses_what_is_no_grammar(small: Engine, grammar: str) -> None:
    with pytest.raises(InvalidRequestError, match="not GBNF with a rule named root"):
        small.submit([1], max_tokens=5, sampling=Sampling(grammar=grammar))


@pytest.mark.weights
@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_the_real_model_obeys_a_grammar(small: Engine, temperature: float) -> None:
    sampling = Sampling(grammar='root ::= ("red" | "green") " " [0-9]{3}', temperature=temperature, seed=3)
    text, finished = write(small, "The answer to everything is", sampling)
    colour, number = text.split(" ")
    assert colour in ("red", "green")
    assert len(number) == 3
    assert number.isdigit()
    assert finished.reason == "stop", "where the grammar ends, the answer does"


@pytest.mark.weights
def test_the_real_model_writes_values_of_a_schema(small: Engine) -> None:
    class City(BaseModel):
        name: str
        capital: bool

    chat = LocalChat(engine=small, max_tokens=60)
    found = chat.with_structured_output(City).invoke("Tell me about Paris, as JSON with name and capital.")
    assert isinstance(found, City)
    assert set(chat.with_structured_output(CITY).invoke("Tell me about Bonn, as JSON.")) == {"name", "people"}


@pytest.mark.weights
def test_a_grammar_and_guesses_work_together(small: Engine) -> None:
    people = "Red Ada lives at 12 Harbour Lane. Blue Bo lives at 7 Mill Road. Green Cy lives at 93 Station Street. "
    before = small.describe().counters["accepted_tokens"]
    text, finished = write(small, people * 3 + "Red Ada lives at", Sampling(grammar="root ::= [A-Za-z0-9 .]{50}"))
    assert text.startswith(" 12 Harbour Lane")
    assert len(text) == 50, "the copy ends where the grammar does, in the middle of a word"
    assert finished.reason == "stop"
    assert small.describe().counters["accepted_tokens"] > before


@pytest.mark.weights
def test_a_grammar_no_token_fits_is_a_sentence(small: Engine) -> None:
    with pytest.raises(InvalidRequestError, match="allows no token"):
        write(small, "Say", Sampling(grammar="root ::= <[99999999]>"))
    assert write(small, "Say", Sampling(), tokens=2)[1].completion_tokens == 2
