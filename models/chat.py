"""A LangChain chat model over the engine, and what it shares with the one over model servers.

Knows messages and the engine; no document, no user's rights. While nothing is written yet, chunks with empty content
tell how far it is (`additional_kwargs["progress"]`) several times a second, so that whoever reads the stream can notice
Stop and close it; closing it ends decoding within one step.
"""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.output_parsers import JsonOutputParser, PydanticOutputParser
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from pydantic import BaseModel, ConfigDict, PrivateAttr

from models.engine import Engine
from models.errors import InvalidRequestError, ModelError
from models.generation import Event, Finished, Generation, Reading, Text, Waiting
from models.grammar import grammar_of
from models.isolated import IsolatedEngine
from models.request import Request, Sampling
from models.slot import common
from models.template import ChatTemplate
from models.template_process import TemplateProcess

HEARTBEAT_SECONDS = 0.25
"""A chunk comes at least this often, so that is how long a closed stream can go unnoticed."""

ONCE = "once"
ROLES = {"system": "system", "human": "user", "ai": "assistant"}
SAMPLING_OPTIONS = frozenset(
    {
        "temperature",
        "top_k",
        "top_p",
        "min_p",
        "repeat_penalty",
        "frequency_penalty",
        "presence_penalty",
        "seed",
        "grammar",
        "logprobs",
    }
)
"""Those that model servers are told, too."""
LOCAL_SAMPLING = SAMPLING_OPTIONS | {"compared"}
OPTIONS = LOCAL_SAMPLING | {"user", "max_tokens", "json_schema", "priority", "deadline"}


class GenerationChat(BaseChatModel):
    """Chat with whatever answers with a `Generation`.

    Besides LangChain's own, a call takes `user` (whose turn in the fair queue it uses), `priority` ("background" for
    what nobody waits for), `deadline` (in seconds), `max_tokens`, `temperature`, `top_k`, `top_p`, `min_p`,
    `repeat_penalty`, `frequency_penalty`, `presence_penalty`, `seed`, `logprobs` (each chunk of text then tells the
    natural logarithm of its token's probability in `additional_kwargs`, in a list), `compared` (tokens of
    which a local model tells the same), and one of `grammar` (GBNF) and `json_schema` (a JSON schema as a dictionary),
    which the answer then obeys. A last message whose `additional_kwargs` say `once` is not repeated in later prompts,
    so a local model need not remember it for them.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    max_tokens: int = 320
    temperature: float = 0.0

    @abstractmethod
    def _submit(
        self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, options: dict[str, Any]
    ) -> Generation:
        """Begin to answer; `options` are those of the call."""

    def _request(self, prompt: Sequence[int], stop: Sequence[str] | None, options: dict[str, Any]) -> Request:
        """Return a checked request."""
        if unknown := options.keys() - OPTIONS:
            raise InvalidRequestError(f"The model does not know the option {min(unknown)!r}.")
        given = {name: value for name, value in options.items() if value is not None}
        sampling = {name: given[name] for name in LOCAL_SAMPLING & given.keys()}
        if "json_schema" in given:
            if "grammar" in given:
                raise InvalidRequestError("An answer can obey a grammar or a JSON schema, not both.")
            sampling["grammar"] = grammar_of(given["json_schema"])
        return Request(
            prompt=tuple(prompt),
            max_tokens=given.get("max_tokens", self.max_tokens),
            sampling=Sampling(**{"temperature": self.temperature} | sampling),
            stop=tuple(stop or ()),
            person=given.get("user", ""),
            priority=given.get("priority", "person"),
            deadline=given.get("deadline"),
        )

    def with_structured_output(  # type: ignore[override]  # BaseChatModel also takes methods and tools
        self, schema: dict[str, Any] | type[BaseModel]
    ) -> Runnable[LanguageModelInput, Any]:
        """Return a model whose answers are values of a schema: dictionaries, or objects of a pydantic class."""
        if isinstance(schema, dict):
            return self.bind(json_schema=schema) | JsonOutputParser()
        return self.bind(json_schema=schema.model_json_schema()) | PydanticOutputParser(pydantic_object=schema)

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - BaseChatModel.stream reports tokens itself
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        generation = self._submit(messages, stop, kwargs)
        try:
            yield from _chunks(generation)
        finally:
            generation.cancel()

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = [chunk.message for chunk in self._stream(messages, stop, run_manager, **kwargs)]
        last = chunks[-1]
        message = AIMessage(
            content="".join(chunk.text for chunk in chunks),
            response_metadata=last.response_metadata,
            usage_metadata=last.usage_metadata if isinstance(last, AIMessageChunk) else None,
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


class LocalChat(GenerationChat):
    """Chat with the local model; the options of a call are those of `GenerationChat`."""

    engine: Engine | IsolatedEngine
    _template: ChatTemplate | TemplateProcess = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Compile the model's chat template; beside an engine in a process of its own in one of its own, too.

        Raises:
            TemplateBrokenError: when the file's template is not one.
        """
        super().model_post_init(context)
        source, special_texts = self.engine.model.template, self.engine.model.special_texts
        if isinstance(self.engine, IsolatedEngine) and source:
            self._template = TemplateProcess(source, special_texts)
            self.engine.when_closed(self._template.close)
        else:
            self._template = ChatTemplate(source, special_texts)

    @property
    def _llm_type(self) -> str:
        return "inhouse-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.engine.model.name}

    @property
    def context_tokens(self) -> int:
        """How many tokens a prompt and its answer may have together."""
        return self.engine.context_tokens

    def count_tokens(self, text: str) -> int:
        """Return how many of the model's tokens a text has."""
        return self.engine.count_tokens(text)

    def count_prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return how many tokens the whole prompt for these messages has, the template's own included."""
        return len(self.prompt_tokens(messages))

    def prompt_tokens(self, messages: Sequence[BaseMessage]) -> list[int]:
        """Return the tokens of the prompt; marker tokens count in the template's text only."""
        pieces = self._template.render([(role_of(message), message.text) for message in messages])
        tokens = [token for text, special in pieces for token in self.engine.tokenize(text, special=special)]
        begin = self.engine.model.begin
        return tokens if begin is None or tokens[:1] == [begin] else [begin, *tokens]

    def _submit(
        self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, options: dict[str, Any]
    ) -> Generation:
        request = self._request(self.prompt_tokens(messages), stop, options)
        return self.engine.submit(
            request.prompt,
            max_tokens=request.max_tokens,
            sampling=request.sampling,
            stop=request.stop,
            person=request.person,
            priority=request.priority,
            deadline=request.deadline,
            lasting=self._lasting(messages, request.prompt),
        )

    def _lasting(self, messages: Sequence[BaseMessage], prompt: Sequence[int]) -> int | None:
        """Return how many tokens stand before a last message that is said once; None where all will be repeated."""
        if not messages or not messages[-1].additional_kwargs.get(ONCE):
            return None
        return common(prompt, self.prompt_tokens([*messages[:-1], HumanMessage("")]))


TRIAL: list[BaseMessage] = [SystemMessage("Answer in a few words."), HumanMessage("Which colour has the sky?")]
"""A question in the shape of all others: some templates refuse a system's message."""
TRIAL_TOKENS = 8
TRIAL_SECONDS = 120.0


def try_out(chat: BaseChatModel) -> None:
    """See a loaded model write a few words.

    Raises:
        ModelError: it does not, with its sentence.
    """
    if not chat.invoke(TRIAL, max_tokens=TRIAL_TOKENS, deadline=TRIAL_SECONDS).text:
        raise ModelError("It wrote nothing when it was asked a trial question. Choose another model.")


def role_of(message: BaseMessage) -> str:
    """Return what templates and servers call the author of a message."""
    if message.type not in ROLES:
        raise InvalidRequestError(f"The model does not take messages of the kind {message.type!r}.")
    return ROLES[message.type]


def _chunks(generation: Generation) -> Iterator[ChatGenerationChunk]:
    """Yield a chunk for every event, and the last progress again whenever none comes for a while."""
    current: Event = Waiting(0, 0)
    while not isinstance(current, Finished):
        event = generation.next_event(seconds=HEARTBEAT_SECONDS)
        current = event or (Text("") if isinstance(current, Text) else current)
        yield ChatGenerationChunk(message=_message(current))


def _message(event: Event) -> AIMessageChunk:
    match event:
        case Text():
            # A list, for LangChain adds up the chunks of a stream at its end, and cannot add numbers with fractions.
            told = {} if event.logprob is None else {"logprobs": [event.logprob]}
            told |= {"compared": list(event.compared)} if event.compared else {}
            return AIMessageChunk(content=event.text, additional_kwargs=told)
        case Waiting():
            # Whole seconds: LangChain adds up the chunks of a stream at its end, and of numbers it adds only integers.
            estimate = {} if event.seconds is None else {"seconds": round(event.seconds)}
            return _progress({"stage": "waiting", "done": event.position, "total": event.waiting} | estimate)
        case Reading():
            return _progress({"stage": "reading", "done": event.done, "total": event.total})
        case Finished():
            return AIMessageChunk(
                content="",
                usage_metadata=_usage(event),
                response_metadata={"finish_reason": event.reason},
                chunk_position="last",
            )


def _progress(progress: dict[str, Any]) -> AIMessageChunk:
    return AIMessageChunk(content="", additional_kwargs={"progress": progress})


def _usage(event: Finished) -> UsageMetadata:
    return UsageMetadata(
        input_tokens=event.prompt_tokens,
        output_tokens=event.completion_tokens,
        total_tokens=event.prompt_tokens + event.completion_tokens,
        input_token_details={"cache_read": event.cached_tokens},
    )
