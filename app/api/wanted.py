"""What a program may send to /v1/chat/completions: OpenAI's request, of which what changes an answer here is read.

Settings of the installation decide about length, temperature and form; a request's own wishes for these are passed over
where they are well formed, and refused where they are not. A field that is null is one that was not sent.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from app.answers import Turn
from app.api.numbers import Whole

MODEL = "inhouse"
"""The name of the assistant as a model; the model that writes is named in the extension."""
Finite = Annotated[float, Field(allow_inf_nan=False)]


class TextPart(BaseModel):
    """A piece of a message's content."""

    type: Literal["text"]
    text: str


class Message(BaseModel):
    """One message of a conversation; calls of tools and what came of them are left out."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[TextPart] | None = None

    @field_validator("content", mode="before")
    @classmethod
    def _only_text(cls, content: Any) -> Any:
        """Refuse anything else in one sentence, where pydantic would have one for each thing it might have been."""
        if isinstance(content, list):
            content = [part for part in content if not _is_refusal(part)]
            if not all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in content):
                raise ValueError("it may hold text only, no pictures, sounds or files")
        elif not isinstance(content, str | None):
            raise ValueError("it is neither a text nor a list of parts")  # noqa: TRY004 - only this one is told
        return content

    @model_validator(mode="after")
    def _says_something(self) -> "Message":
        if self.content is None and self.role not in {"assistant", "tool", "function"}:
            raise ValueError("it needs a content")
        return self

    @property
    def text(self) -> str:
        """Its content as one text."""
        if isinstance(self.content, str | None):
            return self.content or ""
        return "\n".join(part.text for part in self.content)


def _is_refusal(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "refusal"


class Extension(BaseModel):
    """What OpenAI's shape has no place for."""

    collections: list[str] = Field(default_factory=list, description="Names; none means all you may read.")


class StreamOptions(BaseModel):
    """What a stream should also hold."""

    include_usage: bool = False


class Completion(BaseModel):
    """A request for an answer."""

    model: str = MODEL
    messages: list[Message] = Field(min_length=1, max_length=1000)
    stream: bool = False
    stream_options: StreamOptions = StreamOptions()
    n: Literal[1] = 1
    inhouse: Extension = Extension()
    temperature: Finite = Field(default=0, ge=0, le=2, description="Passed over, like the wishes below.")
    top_p: Finite = Field(default=1, ge=0, le=1)
    presence_penalty: Finite = Field(default=0, ge=-2, le=2)
    frequency_penalty: Finite = Field(default=0, ge=-2, le=2)
    max_tokens: Whole = -1
    max_completion_tokens: Whole = -1
    seed: Whole = 0
    stop: str | list[str] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, sent: Any) -> Any:
        return {name: value for name, value in sent.items() if value is not None} if isinstance(sent, dict) else sent


def turns_of(messages: list[Message]) -> Iterator[Turn]:
    """Pair questions with their answers; instructions to a system are not the caller's to give and are left out."""
    asked = ""
    for message in messages:
        if message.role == "user":
            asked = message.text
        elif message.role == "assistant" and asked and message.text:
            yield Turn(question=asked, answer=message.text)
            asked = ""
