"""One frozen Settings: the only reader of the environment and of `inhouse.toml`.

Knows where things are and how much of them; builds nothing. Order: environment, then the file, then the default.
Only the variables in ENVIRONMENT of the contract are read from the environment; everything else belongs in the file.
"""

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.errors import AppError

HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
"""Letters, digits and hyphens; the last label begins with a letter, which no number does."""
KeySource = Literal["keyring", "passphrase", "credential", "file"]

ENVIRONMENT = {
    "INHOUSE_HOME": "home",
    "INHOUSE_KEY_SOURCE": "key_source",
    "INHOUSE_KEY_FILE": "key_file",
    "CREDENTIALS_DIRECTORY": "credentials_directory",
    "INHOUSE_MODEL": "model",
    "INHOUSE_OFFLINE": "offline",
}

PATHS = (
    "home",
    "cache",
    "key_file",
    "credentials_directory",
    "model_server_key_file",
    "reranker",
    "checker",
    "tls_certificate_file",
    "tls_key_file",
    "oidc_client_secret_file",
    "oidc_ca_file",
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ASSETS = Path(__file__).parent.parent / "assets"
"""Styles, scripts and the demonstration handbook; the same place in a checkout and in an installed wheel."""


def is_host(name: str) -> bool:
    """Whether this is a host name in small letters: no scheme, port, numbers for an address, or wildcard."""
    return len(name) <= 253 and HOST.fullmatch(name) is not None  # noqa: PLR2004 - RFC 1035


class SettingsError(AppError):
    """The settings cannot be used. Correct `inhouse.toml` or the environment variable named."""

    status = 500


class Settings(BaseModel):
    """Everything an installation can choose; every field is documented in docs/settings.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default_factory=lambda: user_data_path("inhouse", appauthor=False))
    """The data directory."""
    cache: Path = Field(default_factory=lambda: user_cache_path("inhouse", appauthor=False))
    """Where verified weights and built wheels are kept for every data directory of this person."""
    key_source: KeySource = "keyring"
    key_file: Path | None = None
    """With key_source "file": 32 random bytes, mode 0600."""
    credentials_directory: Path | None = None
    """With key_source "credential": where systemd puts `inhouse-master-key`; systemd sets it."""
    offline: bool = False
    """Fetch nothing; servers that other settings name are asked all the same."""

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    sign_in: bool = False
    """Whether people have accounts and sign in; False: one person on this machine, who comes through a link."""
    host_names: tuple[str, ...] = ()
    """The names people open Inhouse by, such as "inhouse.example.com"; this machine's own are known."""
    tls_certificate_file: Path | None = None
    """A PEM file with the certificate and those between it and its root."""
    tls_key_file: Path | None = None
    """A PEM file with its private key."""
    proxy_ends_tls: bool = False
    """Whether a proxy in front of Inhouse speaks TLS with browsers; Inhouse itself then speaks plain HTTP with it."""
    oidc_issuer: str = ""
    """The address of the OpenID Connect provider people may sign in with, exactly as it names itself; "": none."""
    oidc_client_id: str = ""
    """The name the provider knows this Inhouse by."""
    oidc_client_secret_file: Path | None = None
    """A file with the secret the provider gave, mode 0600; a systemd credential does too."""
    oidc_ca_file: Path | None = None
    """PEM certificates the provider's is checked against, in place of the public ones."""
    oidc_name: str = Field(default="Sign in with your company account", min_length=1, max_length=60)
    """What stands on the button."""
    oidc_scopes: tuple[str, ...] = ("openid", "profile", "email")
    """What is asked for."""
    oidc_groups_claim: str = "groups"
    """Where the provider says which groups a person is in; a dot leads into an object."""
    oidc_roles: dict[str, Literal["employee", "curator", "admin", "auditor"]] = {}
    """A group of the provider's -> the role it gives; none: roles are given here."""
    oidc_groups: Literal["all"] | dict[str, str] = {}
    """A group of the provider's -> the group it is here; "all": each is one; none: groups are given here."""
    oidc_create_accounts: bool = True
    """Whether whoever the provider lets in gets an account."""
    session_idle_minutes: int = Field(default=720, ge=1)
    """So long after the last click a browser must sign in again."""
    session_hours: int = Field(default=168, ge=1)
    """So long after signing in it must, however much it is used."""

    model: str = "starter"
    """A catalogue name or the path of a GGUF file; "+" and the name of an imported LoRA adapter may follow."""
    background_model: str | None = None
    """A smaller one that judges the claims of answers; None: the model that answers does."""
    embedder: str = "minilm"
    reranker: Path | None = None
    """The folder of a CrossEncoder that puts the best candidates of a search in order; None: the fused scores do."""
    checker: Path | None = None
    """What judges the claims of answers: the folder of a CrossEncoder, or a GGUF file asked as MiniCheck is; None: the
    chat model does."""
    context_tokens: int = Field(default=4096, ge=512)
    """What one conversation may hold: instructions, passages, earlier turns and the answer."""
    parallel_answers: int = Field(default=2, ge=1, le=64)
    """How many answers are written at once; further questions wait in a fair queue."""
    waiting_questions: int = Field(default=64, ge=1)
    """How many questions may wait before a new one is refused."""
    saved_conversations_megabytes: int = Field(default=2048, ge=0)
    """How much of the disk conversations may take that left the model's memory, sealed; 0: none are saved."""
    unload_below_free_megabytes: int = Field(default=256, ge=0)
    """With less free memory than this a chat model that nobody has asked for a minute is unloaded until the next
    question; 0: never. A plan leaves more than this free, so it is other programs that need it."""
    unload_after_minutes: float = Field(default=0.0, ge=0.0)
    """So long without an answer unloads the chat model until the next question. 0, never: loading costs a person tens
    of seconds, and a machine that serves a model is there for it."""
    model_servers: tuple[str, ...] = ()
    """Base URLs of OpenAI-compatible servers that answer instead of a model on this machine."""
    model_server_name: str = ""
    """The name they know the model by; a server with one model takes any."""
    model_server_key_file: Path | None = None
    """A file with the bearer token they ask for."""
    gpu_layers: int | None = None
    """None: as many as fit."""
    threads: int | None = None
    """None: every core that is really available."""

    passages: int = Field(default=5, ge=1, le=20)
    """How many passages the model reads."""
    passage_tokens: int | None = Field(default=None, ge=64)
    """How long these passages may be together, in the model's tokens. None: 600, about 8 s on two quiet cores, and more
    where the model reads them in a fifth of `first_token_seconds`."""
    first_token_seconds: float = Field(default=10.0, gt=0.0)
    """Passages are shortened, within reason, where this machine cannot read them in this time."""
    answer_tokens: int = Field(default=320, ge=16)
    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    general_answers: bool = False
    """Whether a question the documents do not answer may be answered from the model's own knowledge, marked so."""
    personal_data: Literal["allow", "warn", "mask", "refuse"] = "allow"
    """What follows from personal data: nothing; it is said; the model reads placeholders; such questions are refused,
    and it is taken out of answers."""
    withhold_secrets: bool = True
    """Whether keys and passwords are taken out of answers."""
    link_hosts: tuple[str, ...] = ()
    """Hosts that addresses in answers may lead to as links, and those below them; others stay text."""
    question_characters: int = Field(default=4000, ge=100)
    answer_seconds: float = Field(default=300.0, gt=0)
    """After this long an answer is ended and stored as unfinished."""
    examine_seconds: float = Field(default=20.0, ge=0.0)
    """So long after an answer the model may judge, while nobody waits, what words leave open; 0: never."""
    double_check_seconds: float = Field(default=180.0, ge=0.0)
    """So long after an answer its question may be asked again, where a collection has its answers double-checked; 0:
    never."""

    chunk_tokens: int = Field(default=120, ge=32, le=250)
    """Upper bound of a chunk in the embedder's tokens; MiniLM reads 256."""
    upload_megabytes: int = Field(default=100, ge=1)

    keep_conversations_days: int | None = Field(default=None, ge=1)
    """Conversations nobody used for so long are deleted; None: never."""
    keep_feedback_days: int | None = Field(default=None, ge=1)
    """Feedback and disputes older than this are deleted; None: they go with their conversation."""

    keep_audit_days: int | None = Field(default=None, ge=30)
    """Rows of the audit log older than this are removed, leaving a signed statement; None: never."""
    share_rated: bool = True
    """Whether whoever rates an answer shares that question and answer with reviewers; False: ratings are counted."""

    backup_days: int = Field(default=7, ge=1)
    """A backup older than this is a finding of `inhouse doctor --security`."""

    questions_at_once: int = Field(default=3, ge=1)
    """With `sign_in`: how many of one person's questions are answered or wait at the same time."""
    questions_a_minute: int = Field(default=20, ge=1)
    """With `sign_in`: how many questions one person may begin within a minute."""

    @model_validator(mode="after")
    def _answer_leaves_room(self) -> Self:
        if self.answer_tokens > self.context_tokens // 2:
            raise ValueError(f"answer_tokens may be at most half of context_tokens ({self.context_tokens})")
        return self

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_key_file is None):
            raise ValueError("tls_certificate_file and tls_key_file belong together")
        return self

    @model_validator(mode="after")
    def _provider_can_be_asked(self) -> Self:
        if not self.oidc_issuer:
            return self
        if not (self.sign_in and self.oidc_client_id):
            raise ValueError("oidc_issuer needs sign_in = true and oidc_client_id")
        if not is_protected(self.oidc_issuer):
            raise ValueError("oidc_issuer must be an https address, or one of this machine")
        if "openid" not in self.oidc_scopes:
            raise ValueError('oidc_scopes must contain "openid"')
        return self

    @model_validator(mode="after")
    def _links_lead_to_hosts(self) -> Self:
        for name in self.link_hosts:
            if not is_host(name):
                raise ValueError(f"link_hosts holds {name!r}, which is no host name such as intranet.example.com")
        return self

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are used: those that write or judge, and last the one that embeds."""
        background = () if self.background_model is None else (self.background_model,)
        return (self.model, *background, self.embedder)

    @property
    def scheme(self) -> str:
        """What browsers speak: https where Inhouse or a proxy in front of it has a certificate."""
        return "https" if self.tls_certificate_file or self.proxy_ends_tls else "http"

    @property
    def address(self) -> str:
        """Where people find Inhouse, as far as the settings tell; a proxy is at the usual port of https."""
        name = self.host_names[0] if self.host_names else self.host
        return f"https://{name}" if self.proxy_ends_tls else f"{self.scheme}://{name}:{self.port}"

    @property
    def days(self) -> dict[str, int | None]:
        """How long each kind of data is kept, by its name in `app.store.retention.KINDS`."""
        return {
            "conversations": self.keep_conversations_days,
            "feedback": self.keep_feedback_days,
            "audit": self.keep_audit_days,
        }

    @property
    def weights(self) -> Path:
        """The folder of verified weights."""
        return self.cache / "weights"


def is_protected(url: str) -> bool:
    """Whether what is sent to an address cannot be read on the way: https, or within this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def load_settings(**overrides: Any) -> Settings:
    """Read the environment and `inhouse.toml` of the data directory.

    Args:
        **overrides: fields that win over both, such as those given on the command line; None counts as not given.

    Raises:
        SettingsError: naming the field or file and what is wrong with it.
    """
    values: dict[str, Any] = {field: os.environ[name] for name, field in ENVIRONMENT.items() if os.environ.get(name)}
    values |= {name: value for name, value in overrides.items() if value is not None}
    home = Path(values["home"]) if "home" in values else Settings.model_construct().home
    file = home / "inhouse.toml"
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        settings = Settings(**(written | values))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        about = f"The setting {field} cannot be used" if field else "The settings cannot be used together"
        raise SettingsError(f"{about}: {first['msg'].removeprefix('Value error, ')}.") from error
    paths = {name: getattr(settings, name) for name in PATHS}
    return settings.model_copy(update={name: path.expanduser().absolute() for name, path in paths.items() if path})


def write_setting(home: Path, name: str, value: str | int | None) -> None:
    """Set one field in `inhouse.toml` of the data directory, None to its default; all else in the file stays.

    Raises:
        SettingsError: the file cannot be read or written.
    """
    file = home / "inhouse.toml"
    lines = [] if value is None else [f"{name} = {json.dumps(value, ensure_ascii=False)}"]  # JSON's words are TOML's
    try:
        written = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        others = [kept for kept in written if kept.partition("=")[0].strip() != name]
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = file.with_suffix(".toml.part")
        part.write_text("\n".join([*lines, *others]) + "\n", encoding="utf-8")
        part.replace(file)
    except (UnicodeDecodeError, OSError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError(f"{file} cannot be changed: {why}.") from error
