"""Take the README's picture: the real product with the demonstration handbook, an answer and its opened citation.

Starts Inhouse with a data directory of its own, asks some of the example questions in Chromium, opens the first
citation and writes `assets/screenshot.png`. Run: `python -m bench.screenshot [--model NAME]`.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "assets" / "screenshot.png"
MOST_BYTES = 300_000
SIZE = {"width": 1440, "height": 900}
QUESTIONS = (
    "How long are recorded service calls kept?",
    "How many quotes do I need for a purchase of more than €10,000?",
    "How many unused leave days may I carry over into the next year?",
)
"""All are asked, so that there is a list of conversations; the picture shows the last."""
READY_SECONDS = 600
ANSWER_MILLISECONDS = 300_000
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


def main() -> None:
    """Take the picture and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="starter")
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder), parser.parse_args().model) as link:
        PICTURE.write_bytes(_small(_picture(link)))
    sys.stdout.write(f"{PICTURE.name}: {PICTURE.stat().st_size / 1000:.0f} kB\n")


@contextmanager
def _served(folder: Path, model: str) -> Iterator[str]:
    """Serve a new data directory until the block ends; yields the one-time link once questions can be answered."""
    ours = {
        "INHOUSE_HOME": str(folder / "home"),
        "INHOUSE_KEY_SOURCE": "file",
        "INHOUSE_KEY_FILE": str(folder / "key"),
        "INHOUSE_MODEL": model,
        "INHOUSE_OFFLINE": "1",
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | ours, stdout=subprocess.PIPE, text=True) as server:
        try:
            served = json.loads(server.stdout.readline() if server.stdout else "")
            until = time.monotonic() + READY_SECONDS
            while httpx.get(f"{served['address']}/readyz").status_code != httpx.codes.OK:
                if time.monotonic() > until:
                    raise TimeoutError("the server did not become ready")
                time.sleep(1)
            yield served["link"]
        finally:
            server.terminate()


def _picture(link: str) -> bytes:
    """Return the page with the answer to the last question and its first citation opened."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-headless-shell"), args=list(CHROMIUM)
        )
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        page.goto(link)
        for question in QUESTIONS:
            _ask(page, question)
        page.click("a.cite >> nth=0")
        page.wait_for_selector("mark")
        page.mouse.move(0, 0)
        page.wait_for_timeout(800)
        picture = page.screenshot()
        browser.close()
    return picture


def _ask(page: Page, question: str) -> None:
    """Ask in a new conversation and wait for the whole answer."""
    page.wait_for_selector("#question textarea")
    page.click("#new")
    page.wait_for_timeout(1_500)
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")
    page.wait_for_selector("#question .stop-button")
    page.wait_for_selector("#question .stop-button", state="detached", timeout=ANSWER_MILLISECONDS)
    page.wait_for_timeout(800)


def _small(picture: bytes) -> bytes:
    """Return the picture as a PNG of 256 colours where it would be too large otherwise."""
    if len(picture) <= MOST_BYTES:
        return picture
    with io.BytesIO() as smaller:
        Image.open(io.BytesIO(picture)).convert("RGB").quantize(256).save(smaller, "PNG", optimize=True)
        return smaller.getvalue()


if __name__ == "__main__":
    main()
