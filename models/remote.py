"""A LangChain chat model over OpenAI-compatible model servers (vLLM, llama-server): the same port as the local one.

A question that fails before its first word goes to the next server; after that it fails, for no model can go on in the
middle of another's sentence. Knows no document and no user's rights.
"""

import threading
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from langchain_core.messages import BaseMessage

from models.chat import SAMPLING_OPTIONS, GenerationChat, role_of
from models.counters import Counters
from models.device import Machine, look_at_host
from models.engine import EngineState
from models.errors import (
    EngineBusyError,
    ModelError,
    PromptTooLongError,
    ServerFailedError,
    ServersDownError,
)
from models.exchange import Exchange
from models.generation import Finished, Generation, Text, Waiting
from models.servers import ModelServer, Servers

BYTES_PER_TOKEN = 3
"""Fewer than a token of any usual vocabulary has in running text, so a count is rather too high than too low."""
MESSAGE_TOKENS = 8
"""What a chat template adds around a message, about."""
HEALTH_SECONDS = 10.0
"""Between two looks at every server."""


class RemoteChat(GenerationChat):
    """Chat with the model of whichever server is least busy; takes the options of `LocalChat`."""

    servers: Servers
    model: str = ""
    """The name the servers know the model by; a server with one model takes any."""
    key: str = ""
    """Sent as bearer token."""
    context_tokens: int = 4096
    first_word_seconds: float = 60.0
    """So long a server may take to its first word before the next one is asked."""

    @property
    def _llm_type(self) -> str:
        return "inhouse-remote"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "servers": [server.url for server in self.servers.all]}

    def count_tokens(self, text: str) -> int:
        """Return about how many tokens a text has, rather too many: only its server could count them."""
        return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)

    def count_prompt_tokens(self, messages: Sequence[BaseMessage]) -> int:
        """Return about how many tokens the whole prompt for these messages has."""
        return sum(self.count_tokens(message.text) + MESSAGE_TOKENS for message in messages)

    def exchange(self, server: ModelServer) -> Exchange:
        """Return a new exchange with a server."""
        return Exchange(server.url, key=self.key, first_word_seconds=self.first_word_seconds)

    def _submit(
        self, messages: Sequence[BaseMessage], stop: Sequence[str] | None, options: dict[str, Any]
    ) -> Generation:
        needed = self.count_prompt_tokens(messages)
        if needed >= self.context_tokens:
            raise PromptTooLongError(
                f"The prompt has about {needed:,} tokens; the model servers take {self.context_tokens:,}."
            )
        request = self._request((), stop, options)
        body: dict[str, Any] = {
            "messages": [{"role": role_of(message), "content": message.text} for message in messages],
            "max_tokens": request.max_tokens,
            "temperature": request.sampling.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        given = {name: options[name] for name in SAMPLING_OPTIONS & options.keys()}
        given |= {"model": self.model, "stop": list(request.stop)}
        if schema := options.get("json_schema"):
            named = {"name": "answer", "schema": schema, "strict": True}
            given["response_format"] = {"type": "json_schema", "json_schema": named}
        asking = _Asking(self, body | {name: value for name, value in given.items() if value not in (None, "", [])})
        generation = Generation(request, on_cancel=lambda _: asking.cancel())
        threading.Thread(target=asking.run, args=(generation,), name="model server", daemon=True).start()
        return generation


class _Asking:
    """One question on its way from server to server, in a thread of its own."""

    def __init__(self, chat: RemoteChat, body: dict[str, Any]) -> None:
        self._chat = chat
        self._body = body
        self._lock = threading.Lock()
        self._exchange: Exchange | None = None
        self._over = False
        self._written = 0

    def cancel(self) -> None:
        """Close the connection, which ends decoding in the server."""
        with self._lock:
            self._over = True
            if self._exchange:
                self._exchange.close()

    def run(self, generation: Generation) -> None:
        """Deliver what the first server that answers says."""
        deadline = threading.Timer(generation.request.deadline or threading.TIMEOUT_MAX, self.cancel)
        deadline.daemon = True
        if generation.request.deadline:
            deadline.start()
        generation.deliver(Waiting(1, 1))
        try:
            self._ask_until_answered(generation)
        except ModelError as error:
            generation.deliver(error)
        finally:
            deadline.cancel()

    def _ask_until_answered(self, generation: Generation) -> None:
        tried: list[ModelServer] = []
        refusal: ModelError = ServersDownError()
        while not self._over:
            try:
                server = self._chat.servers.take(but=tried)
            except ServersDownError:
                raise refusal from None
            tried.append(server)
            failed = False
            try:
                self._ask(server, generation)
            except EngineBusyError as error:
                refusal = error
            except ServerFailedError:
                failed = not self._over
                if failed and self._written:
                    raise
            else:
                return
            finally:
                self._chat.servers.give_back(server, failed=failed)
        reason = generation.unwanted or "cancelled"
        generation.deliver(Finished(reason=reason, prompt_tokens=0, completion_tokens=self._written))

    def _ask(self, server: ModelServer, generation: Generation) -> None:
        with self._lock:
            self._exchange = self._chat.exchange(server)
            if self._over:
                self._exchange.close()
        for event in self._exchange.answer(self._body):
            self._written += isinstance(event, Text)
            generation.deliver(event)


class RemoteEngine:
    """The model servers, as the product sees an engine; looks at each of them now and then.

    So one that is well again is asked again, and one that died is not.
    """

    failure: ModelError | None = None
    restarts = 0

    def __init__(self, chat: RemoteChat, *, seconds: float = HEALTH_SECONDS) -> None:
        """Begin to look, in a thread of its own, at once and then every so many seconds."""
        self._chat = chat
        self._seconds = seconds
        self._end = threading.Event()
        threading.Thread(target=self._run, name="model server health", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether a question could be answered: a server that failed again and again is found well by looking."""
        return self._chat.servers.working > 0

    @property
    def sentence(self) -> str:
        """Who answers, in plain words."""
        servers = self._chat.servers
        hosts = ", ".join(urlsplit(server.url).netloc for server in servers.all)
        return f"Model servers answer: {hosts}. {servers.working} of {len(servers.all)} can be asked now."

    def describe(self) -> EngineState:
        """Return what is known here of what the servers do: only how many questions of ours they have."""
        servers = self._chat.servers.all
        return EngineState(
            model=self._chat.model or "chosen by the model servers",
            context_tokens=self._chat.context_tokens,
            slots=len(servers),
            running=sum(server.busy for server in servers),
            waiting=0,
            counters=asdict(Counters()),
        )

    def room(self) -> Machine:
        """Return what this machine offers a model: all of it, for the servers' own are elsewhere."""
        return look_at_host()

    def forget(self) -> bool:
        """Keep nothing of conversations: what the servers keep is theirs to erase."""
        return True

    def close(self) -> None:
        """Look no more."""
        self._end.set()

    def _run(self) -> None:
        while not self._end.is_set():
            for server in self._chat.servers.all:
                self._chat.servers.note(server, failed=not self._chat.exchange(server).alive())
            self._end.wait(self._seconds)
