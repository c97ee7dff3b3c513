"""Stand-ins that obey the same contract as the real thing, for tests that need no weights."""

import json
import math
import re
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict, Field, PrivateAttr

from models.device import Machine
from models.engine import Engine
from models.errors import InvalidRequestError
from models.isolated import IsolatedEngine
from models.loading import in_words
from models.plan import Plan
from models.request import Sampling
from models.saved import Place, SavedStates
from models.sealed import Bytes
from models.speed import Speed

FloatMatrix = npt.NDArray[np.float32]


class ScriptedChat(BaseChatModel):
    """Answers its calls with the given texts, one after the other (the last again and again), word by word.

    Its tokens are words. `prompts`, `users` and `decoded` tell what it was asked and how many words it gave out.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    texts: list[str] = Field(default_factory=lambda: ["I do not know."])
    gate: threading.Event | None = None
    """When given, the model waits for it before the word number `gate_after`, sending a heartbeat meanwhile."""
    gate_after: int = 1
    fails: Exception | None = None
    """When given, it is raised before the word number `gate_after`."""
    heartbeat_seconds: float = 0.01
    context_tokens: int = 4096
    """How many tokens a prompt and its answer may have together."""

    yes: float | None = None
    """P(yes) when it is asked at background priority whether a source supports a claim; None: it says nothing. Asked
    anything else at that priority it answers as always."""
    judging: threading.Event | None = None
    """When given, it waits for it before it says so, sending a heartbeat meanwhile."""
    _judged: list[str] = PrivateAttr(default_factory=list)
    _prompts: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _options: list[dict[str, Any]] = PrivateAttr(default_factory=list)
    _decoded: int = PrivateAttr(default=0)
    _closed: int = PrivateAttr(default=0)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def prompts(self) -> list[list[BaseMessage]]:
        """The messages of every call."""
        return self._prompts

    @property
    def judged(self) -> list[str]:
        """What it was asked to judge; `prompts` and the others do not tell of these."""
        return self._judged

    @property
    def options(self) -> list[dict[str, Any]]:
        """The keyword arguments of every call: user, max_tokens, temperature, stop."""
        return self._options

    @property
    def decoded(self) -> int:
        """How many words were given out in all."""
        return self._decoded

    @property
    def closed(self) -> int:
        """How many streams were closed before their end."""
        return self._closed

    def count_tokens(self, text: str) -> int:
        """Return the number of words."""
        return len(text.split())

    def count_prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return the number of words of all messages."""
        return sum(self.count_tokens(message.text) for message in messages)

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> Iterator[ChatGenerationChunk]:
        judging = kwargs.get("priority") == "background" and messages[-1].text.endswith("Answer Yes or No.")
        text = self.texts[min(len(self._prompts), len(self.texts) - 1)]
        if not judging:
            self._prompts.append(list(messages))
            self._options.append({"stop": stop, **kwargs})
        try:
            if judging:
                yield from self._judge(messages[-1].text)
            else:
                yield from self._words(text, stop or [], kwargs.get("max_tokens") or 1_000_000)
        except GeneratorExit:
            self._closed += 1
            raise

    def _judge(self, asked: str) -> Iterator[ChatGenerationChunk]:
        self._judged.append(asked)
        yield _progress("reading", 1, 1)
        while self.judging is not None and not self.judging.wait(self.heartbeat_seconds):
            yield _progress("reading", 1, 1)
        if self.yes is not None:
            told = {"logprobs": [math.log(self.yes)]}
            yield ChatGenerationChunk(message=AIMessageChunk(content="Yes", additional_kwargs=told))
        yield _last(1, 1, "stop")

    def _words(self, text: str, stop: Sequence[str], max_tokens: int) -> Iterator[ChatGenerationChunk]:
        total = self.count_prompt_tokens(self._prompts[-1])
        yield _progress("reading", 0, total)
        yield _progress("reading", total, total)
        ends = [at for at in (text.find(each) for each in stop) if at >= 0]
        words = re.findall(r"\s*\S+\s*$|\s*\S+", text[: min(ends, default=len(text))])
        for number, word in enumerate(words[:max_tokens]):
            if number == self.gate_after - 1:
                yield from self._pass_gate(total)
            self._decoded += 1
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        yield _last(total, len(words[:max_tokens]), "stop" if len(words) <= max_tokens else "length")

    def _pass_gate(self, total: int) -> Iterator[ChatGenerationChunk]:
        if self.fails is not None:
            raise self.fails
        while self.gate is not None and not self.gate.wait(self.heartbeat_seconds):
            yield _progress("reading", total, total)

    def _generate(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        chunks = [chunk.message for chunk in self._stream(messages, stop, **kwargs)]
        content = "".join(chunk.text for chunk in chunks)
        message = AIMessage(content=content, response_metadata=chunks[-1].response_metadata)
        return ChatResult(generations=[ChatGeneration(message=message)])


def _progress(stage: str, done: int, total: int) -> ChatGenerationChunk:
    progress = {"progress": {"stage": stage, "done": done, "total": total}}
    return ChatGenerationChunk(message=AIMessageChunk(content="", additional_kwargs=progress))


def _last(prompt_tokens: int, tokens: int, reason: str) -> ChatGenerationChunk:
    usage = UsageMetadata(input_tokens=prompt_tokens, output_tokens=tokens, total_tokens=prompt_tokens + tokens)
    return ChatGenerationChunk(
        message=AIMessageChunk(
            content="", usage_metadata=usage, response_metadata={"finish_reason": reason}, chunk_position="last"
        )
    )


class HashEmbedder:
    """Bag of words, each hashed to one of 64 directions: texts that share words are near each other."""

    dimension = 64
    max_tokens = 256

    def embed_documents(self, texts: Sequence[str], *, before_pass: Callable[[], None] = lambda: None) -> FloatMatrix:
        """Return (n, 64) unit rows."""
        before_pass()
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for number, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                code = zlib.crc32(word.encode())
                rows[number, code % self.dimension] += 1.0 if code & 0x10000 else -1.0
            if not rows[number].any():
                rows[number, 0] = 1.0
        unit: FloatMatrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit

    def embed_query(self, text: str) -> npt.NDArray[np.float32]:
        """Return a unit vector of 64."""
        row: npt.NDArray[np.float32] = self.embed_documents([text])[0]
        return row

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Return where each word or sign stands."""
        return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]

    def count_tokens(self, text: str) -> int:
        """Return how many words and signs there are."""
        return len(self.token_offsets(text))

    def close(self) -> None:
        """Hold nothing that could be given back."""


class ScriptedVocabulary:
    """A model whose tokens are bytes, and two marker tokens."""

    name = "scripted"
    template = "{% for m in messages %}<end>{{ m.role }}: {{ m.content }} {% endfor %}?"
    vocabulary_size = 258
    end = 256
    begin = 257

    def __init__(self) -> None:
        """Be the same as every other."""
        self.special_texts = {"bos_token": "<begin>", "eos_token": "<end>"}

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Return the bytes of the text; with `special`, "<end>" is one token."""
        first, *others = text.split("<end>") if special else [text]
        return list(first.encode()) + [token for other in others for token in [self.end, *other.encode()]]


NOTHING_ALLOWED = "root ::= nothing"
"""A grammar that allows no third token."""


class ScriptedSampler:
    """Remembers what was chosen through it, as a penalty or a seed would."""

    def __init__(self, sampling: Sampling) -> None:
        """Begin without a memory."""
        self.sampling = sampling
        self.chosen: list[int] = []
        self.closed = False

    def close(self) -> None:
        """Note that it was freed, once."""
        assert not self.closed, "freed twice"
        self.closed = True


class ScriptedMemory:
    """A llama context without llama: it holds what it is given, and answers whatever follows the last "?".

    It is strict where llama.cpp would compute nonsense: a slot's tokens must follow each other without a gap, and a row
    without logits cannot be chosen from.
    """

    def __init__(
        self, *, slots: int = 2, slot_tokens: int = 512, answer: str = "ok", answers: dict[str, str] | None = None
    ) -> None:
        """Begin with empty slots.

        Args:
            slots: how many sequences there are.
            slot_tokens: how many bytes each can hold.
            answer: what follows every "?".
            answers: what follows these prompts instead, the "?" left out.
        """
        self.slots = slots
        self.slot_tokens = slot_tokens
        self.held: list[list[int]] = [[] for _ in range(slots)]
        self.batches: list[dict[int, int]] = []
        """Of every batch decoded: slot -> number of tokens."""
        self.fails: Exception | None = None
        """Raised by the next decode, once."""
        self.gate: threading.Event | None = None
        """When given, decode waits for it, and an interruption ends the waiting."""
        self.partial = True
        """False: it cannot go back to a part of what it holds, like a sliding-window or a recurrent model."""
        self.samplers: list[ScriptedSampler] = []
        """Of every request, in the order they were begun."""
        self.closed = False
        self.step_seconds = 0.0
        """What a batch is said to take, with `token_seconds` for each of its tokens; 0: it tells nothing."""
        self.token_seconds = 0.0
        self.seconds = 0.0
        self._answer = answer.encode()
        self._answers = {prompt: text.encode() for prompt, text in (answers or {}).items()}
        self._batch: list[tuple[int, int, bool]] = []
        self._interrupted = threading.Event()

    def clear(self) -> None:
        """Begin a new batch."""
        self._batch = []
        self._interrupted.clear()

    @property
    def goes_back(self) -> bool:
        """Whether it can go back to a part of what it holds."""
        return self.partial

    def add(self, slot: int, tokens: Sequence[int], *, position: int, logits: int) -> int:
        """Append tokens; they must follow what the slot holds."""
        behind = sum(owner == slot for owner, _, _ in self._batch)
        assert position == len(self.held[slot]) + behind, "a gap in the sequence"
        assert position + len(tokens) <= self.slot_tokens, "more than the slot can hold"
        self._batch += [(slot, token, at >= len(tokens) - logits) for at, token in enumerate(tokens)]
        return len(self._batch) - logits

    def decode(self) -> bool:
        """Hold the batch."""
        while self.gate is not None and not self.gate.wait(0.005):
            if self._interrupted.is_set():
                return False
        if self.fails is not None:
            error, self.fails = self.fails, None
            raise error
        counts: dict[int, int] = {}
        for slot, token, _ in self._batch:
            self.held[slot].append(token)
            counts[slot] = counts.get(slot, 0) + 1
        self.batches.append(counts)
        self.seconds = self.step_seconds + len(self._batch) * self.token_seconds
        return True

    def interrupt(self) -> None:
        """End a waiting decode."""
        self._interrupted.set()

    def check(self, sampling: Sampling) -> None:
        """Take for broken a grammar without a rule named root."""
        if sampling.grammar and "root ::=" not in sampling.grammar:
            raise InvalidRequestError("The grammar cannot be used.")

    def sampler(self, sampling: Sampling) -> ScriptedSampler:
        """Remember what was asked for; choice is always the script's."""
        self.samplers.append(ScriptedSampler(sampling))
        return self.samplers[-1]

    def choose(self, row: int, sampler: ScriptedSampler) -> int:
        """Return the next byte of the answer."""
        token = self._scripted(row)
        if sampler.sampling.grammar == NOTHING_ALLOWED and len(sampler.chosen) == 2:
            raise InvalidRequestError("The grammar led to a place where it allows no token this model has.")
        sampler.chosen.append(token)
        return token

    def _scripted(self, row: int) -> int:
        slot, _, logits = self._batch[row]
        assert logits, "no logits were asked for"
        behind = sum(owner == slot for owner, _, _ in self._batch[row + 1 :])
        held = self.held[slot][: len(self.held[slot]) - behind]
        question = len(held) - 1 - held[::-1].index(ord("?"))
        prompt = bytes(token for token in held[:question] if token < ScriptedVocabulary.end).decode()
        answer = self._answers.get(prompt, self._answer)
        written = len(held) - question - 1
        return answer[written] if written < len(answer) else ScriptedVocabulary.end

    def logprob(self, row: int, token: int) -> float:
        """Be certain."""
        return 0.0

    def keep(self, slot: int, length: int) -> int:
        """Cut back, all or nothing."""
        usable = length if self.partial or length == len(self.held[slot]) else 0
        del self.held[slot][usable:]
        return usable

    def copy(self, source: int, target: int, length: int) -> int:
        """Copy a beginning, unless only wholes can be kept."""
        self.held[target] = self.held[source][:length] if self.partial else []
        return len(self.held[target])

    def state(self, slot: int) -> Bytes:
        """Return the tokens, readable for whoever finds them."""
        return np.frombuffer(json.dumps(self.held[slot]).encode() + bytes(self._letters(slot)), np.uint8)

    def restore(self, slot: int, state: Bytes, length: int) -> int:
        """Hold the tokens of a state, cut back."""
        self.held[slot] = json.loads(state.tobytes().partition(b"]")[0] + b"]")
        return self.keep(slot, length)

    def _letters(self, slot: int) -> list[int]:
        return [token for token in self.held[slot] if token < ScriptedVocabulary.end]

    def piece(self, token: int) -> bytes:
        """Return the byte."""
        return bytes([token]) if token < ScriptedVocabulary.end else b""

    def ends(self, token: int) -> bool:
        """Whether it is the end marker."""
        return token == ScriptedVocabulary.end

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True


class PlannedEngine(Engine):
    """An engine over a scripted context, as if planned for a machine like this; fast enough for every budget."""

    plan = Plan(
        model="scripted",
        layers=2,
        gpu_layers=0,
        cards=(),
        threads=1,
        context_tokens=4096,
        slots=2,
        batch_tokens=258,
        kv_type="f16",
        host_bytes=2**20,
        host_free=2**30,
    )
    speed = Speed(read=1000.0, written=100.0)
    sentence = in_words(plan, speed)
    alive = True
    failure = None
    restarts = 0

    def forget(self) -> bool:  # type: ignore[override]  # the one in its own process may be gone
        """Forget, as an engine that runs."""
        super().forget()
        return True

    def room(self) -> Machine:
        """Return the same machine: this engine takes nothing."""
        return self.look()

    def look(self) -> Machine:
        """Return a machine with room for anything."""
        return Machine(processor="scripted", cores=1, memory=2**40, free_memory=2**40)


def scripted_engine(settings: object = None, tell: object = None, place: Place | None = None) -> IsolatedEngine:
    """Return an engine in this process that has what the product asks of the one in its own."""
    saved = SavedStates(place, about="scripted") if place else None
    return cast("IsolatedEngine", PlannedEngine(ScriptedVocabulary(), ScriptedMemory(slot_tokens=4096), saved=saved))
