"""What is put around every response: headers that forbid, our own head for Gradio's pages, and the page for strangers.

The content policy allows only scripts of this server and the few inline ones Gradio writes into a page, by their
hashes; styles must be inline, because Gradio sets style attributes.
"""

import base64
import hashlib
import html
import re

from starlette.responses import HTMLResponse
from starlette.types import Message, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
FOREIGN_META = re.compile(rb"<meta\s+(?:property|name)=\"(?:og|twitter):[^>]*>\s*")
HEAD = b"""<meta name="color-scheme" content="light dark">
<link rel="icon" href="/product/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/product/inhouse.css">
<script type="module" src="/product/inhouse.js"></script>
</head>"""
CACHED = re.compile(r"/(assets|static)/.+")
"""Gradio's own files carry a hash in their name and hold nothing of anybody."""

STRANGER = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Inhouse</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="/product/mark.svg" type="image/svg+xml"><link rel="stylesheet" href="/product/stranger.css">
</head><body><main><img src="/product/mark.svg" alt="" width="48" height="48"><h1>Open Inhouse through its link</h1>
<p>{sentence}</p><p>The link stands in the terminal where <code>inhouse serve</code> or <code>make run</code> was
started. It works once; after that this browser stays signed in until Inhouse stops.</p></main></body></html>"""


def policy(hashes: list[str] | None = None) -> str:
    """Return the Content-Security-Policy that allows inline scripts with these hashes only."""
    return POLICY.format(hashes="".join(f" 'sha256-{value}'" for value in hashes or []))


def stranger_page(sentence: str) -> HTMLResponse:
    """Return the page for a browser without a session: what happened and where the link is."""
    return HTMLResponse(STRANGER.format(sentence=html.escape(sentence)), status_code=401)


def finish_page(page: bytes) -> tuple[bytes, str]:
    """Put our head into a page Gradio made; returns the page and the policy it needs."""
    page = FOREIGN_META.sub(b"", page).replace(b"</head>", HEAD, 1)
    scripts = INLINE_SCRIPT.findall(page)
    hashes = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in scripts]
    return page, policy(hashes)


def finishing(scope: Scope, send: Send) -> Send:
    """Return a `send` that adds the headers to every response, and our head to a page."""
    start: list[Message] = []
    parts: list[bytes] = []

    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = {key.decode().lower(): value.decode("latin-1") for key, value in message["headers"]}
            html_at_all = headers.get("content-type", "").startswith("text/html") and scope["method"] != "HEAD"
            is_page = html_at_all and "x-own-page" not in headers
            if is_page:
                start.append({**message, "headers": headers})
                return
            await send({**message, "headers": encoded(protected(headers, scope["path"]), message["headers"])})
        elif start and message["type"] == "http.response.body":
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                await send_page(start[0], b"".join(parts), send)
        else:
            await send(message)

    return finish


async def send_page(start: Message, page: bytes, send: Send) -> None:
    """Send a whole page with the policy that fits it."""
    page, page_policy = finish_page(page)
    headers = protected(start["headers"], "/") | {
        "content-security-policy": page_policy,
        "content-length": str(len(page)),
    }
    await send({**start, "headers": encoded(headers, [])})
    await send({"type": "http.response.body", "body": page})


def protected(headers: dict[str, str], path: str) -> dict[str, str]:
    """Add the headers that forbid. Only Gradio's own named files may be kept by the browser.

    A page with a plain form must let the browser say where it comes from: without a referrer it says "null".
    """
    forms = {"referrer-policy": "same-origin"} if headers.pop("x-own-page", None) else {}
    keep = "private, max-age=31536000, immutable" if CACHED.fullmatch(path) else "no-store"
    return headers | HEADERS | forms | {"cache-control": keep, "content-security-policy": policy()}


def encoded(headers: dict[str, str], original: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI wants them; several cookies of the original stay several."""
    cookies = [(key, value) for key, value in original if key.lower() == b"set-cookie"]
    rest = [(key.encode(), value.encode("latin-1")) for key, value in headers.items() if key != "set-cookie"]
    return rest + cookies
