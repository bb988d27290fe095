"""Take the README's pictures from the running product: `make screenshots`.

Starts the demo on a free port with a fresh data folder, signs in as each person of PICTURES, opens the page and
writes docs/screenshots/<name>.png. Ends with exit code 1 when a page does not answer with 200.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
START_SECONDS = 120
CHROMIUMS = ("chromium", "chromium-browser", "chromium-headless-shell")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@dataclass(frozen=True)
class Picture:
    """One picture: who looks, where they start, and which links they follow from there.

    Each of `follow` is a CSS selector; its first match's address is opened.
    """

    name: str
    person: str
    start: str
    follow: tuple[str, ...] = ()


COHORT = 'main a[href^="/cohorts/"]'
PICTURES = (
    Picture("home", "tutor", "/"),
    Picture("marking", "tutor", "/cohorts", (COHORT, 'a[href$="/marking"]')),
    Picture("graduation", "admin", "/", ('main a[href*="/graduation"]',)),
    Picture("vacancies", "hr", "/vacancies"),
    Picture("considerations", "manager", "/considerations"),
    Picture("audit", "auditor", "/audit"),
)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_live(address: str) -> bool:
    """Whether the demo answers yet."""
    try:
        with urllib.request.urlopen(f"{address}/health/live", timeout=5) as answer:  # noqa: S310 our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


@contextmanager
def demo(password: str) -> Iterator[str]:
    """The demo with a data folder of its own; yields its address and stops it afterwards."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", "from recovery_college.cli import main; main()"]
        command += ["demo", "--port", str(port)]
        environment = os.environ | {"RC_DATA_DIR": folder, "RC_DEMO_PASSWORD": password}
        silent = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=silent, stderr=silent)  # noqa: S603 our own
        try:
            end = time.monotonic() + START_SECONDS
            while not is_live(address):
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("The demo did not start. Try `make demo` and see what it says.")
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def open_page(page: Page, address: str) -> None:
    """Open an address; stop when it does not answer with 200."""
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        raise SystemExit(f"{address} answered {answer.status if answer else 'nothing'}.")


def take(browser: Browser, address: str, password: str, picture: Picture) -> None:
    """Sign in, walk to the page, and write the picture."""
    page = browser.new_page(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
    open_page(page, f"{address}/sign-in")
    page.fill("input[name=email]", f"{picture.person}@demo.example")
    page.fill("input[name=password]", password)
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")
    open_page(page, address + picture.start)
    for selector in picture.follow:
        link = page.locator(selector).first.get_attribute("href", timeout=5000)
        open_page(page, f"{address}{link}")
    page.screenshot(path=TARGET / f"{picture.name}.png")
    page.close()


def main() -> None:
    """Take every picture."""
    chromium = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if chromium is None:
        raise SystemExit("There is no Chromium on the PATH: make setup-dev installs one where it may.")
    TARGET.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(16)
    with demo(password) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for picture in PICTURES:
            take(browser, address, password, picture)
            sys.stdout.write(f"taken: {(TARGET / picture.name).relative_to(ROOT)}.png\n")
        browser.close()


if __name__ == "__main__":
    main()
