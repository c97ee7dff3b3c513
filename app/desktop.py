"""The product in a window of its own: pywebview where it is installed, else the default browser.

Knows an address and nothing of what is behind it.
"""

import logging
import webbrowser
from typing import Literal

log = logging.getLogger(__name__)

Ended = Literal["closed", "unknown"]
WINDOW_SIZE = (1280, 860)


def show(address: str) -> Ended:
    """Open the address in a window and return "closed" when that was closed.

    A browser that only takes the address and goes on by itself cannot tell when its tab is closed: "unknown" is
    returned at once. Call it from the main thread, where windows live on every system.
    """
    return _window(address) or _browser(address)


def _window(address: str) -> Ended | None:
    """Show a window of our own; None where none can be opened."""
    try:
        import webview  # noqa: PLC0415  an optional extra
    except ImportError:
        return None
    try:
        width, height = WINDOW_SIZE
        webview.create_window("Inhouse", address, width=width, height=height)
        webview.start(private_mode=True)
    except webview.errors.WebViewException as error:
        log.info("no window of its own: %s", type(error).__name__)
        return None
    return "closed"


def _browser(address: str) -> Ended:
    """Open the default browser, or the one of the BROWSER variable; one that stays in the foreground tells its end."""
    browser = webbrowser.get()
    browser.open(address)
    in_foreground = isinstance(browser, webbrowser.GenericBrowser) and not isinstance(
        browser, webbrowser.BackgroundBrowser
    )
    return "closed" if in_foreground else "unknown"
