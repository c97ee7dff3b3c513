"""Inhouse over HTTP: pages and API in one application behind one gate, served on loopback.

Knows how the doors are put together, nothing of what is behind them. Until accounts exist only loopback is served.
"""

import asyncio
import gc
import logging
import socket
import threading
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Self, cast

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.api import add_routes
from app.api.document import refusals, tell_callers
from app.api.recording import Recording
from app.errors import AppError, explain
from app.identity.tokens import remove_token, write_token
from app.privacy_notice import notice
from app.product import Product
from app.settings import ASSETS, Settings
from app.threads import enough_for
from app.web.checks import LOOPBACK_NAMES
from app.web.gate import Gate, Site
from app.web.running import Running

logger = logging.getLogger(__name__)
SHUTDOWN_SECONDS = 10
"""Answers being written are stopped and stored first; after this long the rest is cut off."""


class NotLoopbackError(AppError):
    """Inhouse serves this machine only, as it is set up. Use 127.0.0.1 or localhost as the host."""

    status = 400


class PortInUseError(AppError):
    """Another program uses this port. Choose another with `inhouse serve --port`."""

    status = 409


def create_application(product: Product, *, token: str, running: Running) -> FastAPI:
    """Return the whole application: pages and API; the arguments are those of `create_api`."""
    application = create_api(product, token=token, running=running)
    asyncio.run(_mount_pages(application, product, running))
    return application


def create_api(product: Product, *, token: str, running: Running) -> FastAPI:
    """Return everything behind the gate but the pages, which take seconds to build.

    Args:
        product: what is behind the doors.
        token: of programs that the owner of the data directory runs, for /v1 and /api.
        running: the answers being written on pages.
    """
    settings = product.settings
    application = FastAPI(
        title="Inhouse",
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=refusals(),
        lifespan=enough_for(settings.parallel_answers + settings.waiting_questions),
    )
    add_routes(application, product)
    tell_callers(application)
    application.mount("/product", StaticFiles(directory=ASSETS / "product"))
    site = Site(
        scheme=settings.scheme,
        names=LOOPBACK_NAMES | {name.lower() for name in settings.host_names},
        sign_in=settings.sign_in,
        proxy=settings.proxy_ends_tls,
    )
    version, consents = notice(settings).version, product.consents
    application.add_middleware(
        Gate,
        site=site,
        people=product.people,
        token=token,
        left=running.leave,
        agreed=lambda actor: consents.has(actor, version),
    )
    application.add_middleware(Recording, audit=product.audit)  # the last one added stands outermost
    return application


async def _mount_pages(application: FastAPI, product: Product, running: Running) -> None:
    """Mount the pages at the root. Async, because outside of an event loop Gradio makes many and closes none."""
    import gradio as gr  # noqa: PLC0415 - 3.4 s, needed only to serve

    from app.web.callers import name_of  # noqa: PLC0415
    from app.web.pages import THEME, build  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="SSR mode")  # said of several pages even where it is off
        gr.mount_gradio_app(
            application,
            build(product, running),
            path="/",
            auth_dependency=name_of,
            theme=THEME,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            show_error=False,  # only our own notices are told; what Gradio stumbles over may hold values
            pwa=False,
            ssr_mode=False,
            max_file_size=1,
        )
    (mounted,) = [route for route in application.routes if isinstance(route, Mount) and not route.path]
    pages = cast("FastAPI", mounted.app)
    pages.add_exception_handler(KeyError, _no_such_handler)  # Gradio looks up whatever number an event names


def _no_such_handler(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "There is no such event. Load the page again."}, 404)


def check_exposure(settings: Settings) -> None:
    """Let Inhouse be reached from other machines only where people sign in and nobody on the way can listen.

    Raises:
        NotLoopbackError: naming the setting that is missing.
    """
    if settings.host in LOOPBACK_NAMES:
        return
    if not settings.sign_in:
        raise NotLoopbackError(
            f"Inhouse serves this machine only, not {settings.host}, while it has no accounts. Set `sign_in = true`, "
            "or use 127.0.0.1."
        )
    if settings.scheme != "https":
        raise NotLoopbackError(
            f"Passwords would cross the network readable at {settings.host}. Name a certificate (tls_certificate_file, "
            "tls_key_file), or set `proxy_ends_tls = true` where a proxy in front of Inhouse has one."
        )


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens there.

    Raises:
        PortInUseError: the port is taken, or may not be used.
    """
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise PortInUseError(
            f"Port {port} cannot be used: {error.strerror}. Choose another with `inhouse serve --port`."
        ) from error
    return listening


class Server:
    """Serves a product until its block is left: `with Server(product) as server: …`."""

    def __init__(self, product: Product) -> None:
        """Bind the address of the settings; nothing is answered before the block is entered.

        Raises:
            NotLoopbackError, PortInUseError: the address cannot be served.
        """
        self.product = product
        """What is served."""
        self._host = product.settings.host
        check_exposure(product.settings)
        self._listening = bind(self._host, product.settings.port)
        self._running = Running()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._loading = threading.Thread(target=load, args=(product,), name="loading", daemon=True)

    @property
    def address(self) -> str:
        """Where it is served, such as http://127.0.0.1:7860."""
        settings = self.product.settings
        host = f"[{self._host}]" if ":" in self._host else self._host
        if settings.host_names and self._host not in LOOPBACK_NAMES:
            host = settings.host_names[0]
        scheme = "https" if settings.tls_certificate_file else "http"
        return f"{scheme}://{host}:{self._listening.getsockname()[1]}"

    def link(self) -> str:
        """Return where to begin: a link that lets one browser in, once; with accounts, one for the first of them."""
        people = self.product.people
        if not self.product.settings.sign_in:
            return f"{self.address}/?token={people.sessions.new_link()}"
        token = people.new_setup_link()
        return f"{self.address}/setup?token={token}" if token else f"{self.address}/"

    def greeting(self) -> tuple[str, str]:
        """Return the link, and what is said with it in the terminal."""
        link = self.link()
        if not self.product.settings.sign_in:
            how = f"Open it with this link, which works once:\n\n    {link}\n"
        elif "?" in link:
            first = "Nobody can sign in yet. Make the first administrator through this link, which works once"
            how = f"{first}:\n\n    {link}\n"
        else:
            how = "People sign in there with their accounts."
        return link, f"Inhouse is at {self.address}. {how}"

    @property
    def alive(self) -> bool:
        """Whether it still serves."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def loading(self) -> bool:
        """Whether what the first question needs is still being loaded."""
        return self._loading.is_alive()

    def __enter__(self) -> Self:
        """Serve, and begin to load the model; returns when requests are answered."""
        try:
            token = write_token(self.product.settings.home)
            application = create_application(self.product, token=token, running=self._running)
            self._server = uvicorn.Server(_configuration(application, self.product.settings))
            self._thread = threading.Thread(target=self._server.run, args=([self._listening],), name="http")
            self._thread.start()
        except BaseException:
            self._listening.close()
            raise
        self._loading.start()
        self.product.watching.start()
        self.product.retaining.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every answer, which stores it, then serve no more."""
        self._running.close()
        self.product.watching.close()
        self.product.retaining.close()
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(SHUTDOWN_SECONDS + 5)
        self._listening.close()
        remove_token(self.product.settings.home)


def serve(product: Product, *, stop: threading.Event, tell: Callable[[str], None]) -> None:
    """Serve until `stop` is set, telling the person the link first."""
    with Server(product) as server:
        tell(server.greeting()[1])
        while server.alive and server.loading and not stop.wait(0.5):
            pass
        gc.collect()
        gc.freeze()  # to look through what was loaded, again and again, stops every answer for 0.3 s each time
        while server.alive and not stop.wait(0.5):
            pass


def load(product: Product) -> None:
    """Load what the first question needs, so that nobody waits for it; a failure is told by /readyz and the page."""
    try:
        product.assistant()
    except Exception as error:  # noqa: BLE001 - this is a door: it has nobody to raise to
        logger.error("The model was not loaded: %s", explain(error))  # noqa: TRY400 - the sentence is enough


def _configuration(application: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        ssl_certfile=settings.tls_certificate_file,
        ssl_keyfile=settings.tls_key_file,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
