"""`make screenshots`: every page of the demo as a deputy sees it, in both languages, on a tablet, a phone and paper.

python -m tests.browser.screenshots [--into test-results/screenshots] [--only map]

The demo starts on data of its own in a folder that is kept, so that the next time it starts faster. A page is whatever the
links lead to: of each address pattern one, the first that is met.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.screen import FLAGS, PHONE, TABLET
from tests.drill.__main__ import free_port

PROJECT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C stops everything"
DEPUTY, PASSWORD = "deputy@demo.test", "parvis-demo-2015"
LEFT = ("/admin/", "/api/", "/accounts/logout/", "/documents/", "/static/")
# Pages that no link leads to without a search.
SEEDS = ["/", "/search/?q=santé", "/search/?q=zzzz", "/nowhere/"]


@contextmanager
def demo(folder: Path, port: int) -> Iterator[str]:
    """The address of a demo that runs until the block is left."""
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    own = {"PARVIS_MODE": "demo", "PARVIS_DATA": str(folder), "PORT": str(port), "DEMO_PASSWORD": PASSWORD}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=clean | own | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        for line in process.stdout or ():
            if READY in line:
                break
        else:
            sys.exit("The demo did not start.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.fill("[name=login]", DEPUTY)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.primary")
    page.wait_for_url(f"{url}/")


def speak(page: Page, url: str, language: str) -> None:
    page.goto(f"{url}/preferences/")
    if page.get_attribute("html", "lang") != language:
        page.click(f"button[name=language][value={language}]")
        page.wait_for_function(f"document.documentElement.lang == '{language}'")


def pattern(address: str) -> str:
    """What the addresses of one page have in common: names, references and numbers in it are taken out."""
    if address in SEEDS:
        return address
    steps = [step for step in urlsplit(address).path.split("/") if step]
    # A first step is a page's own; below it, what is not one of these words names a record.
    kept = [step if place == 0 or step in _WORDS else "*" for place, step in enumerate(steps)]
    return "/".join(kept)


_WORDS = {
    "emergencies",
    "health",
    "funds",
    "subscriptions",
    "2fa",
    "password",
    "change",
    "missions",
    "cities",
    "reports",
}


def addresses(page: Page, url: str) -> list[str]:
    """One address of each page, in the order in which the links lead there."""
    waiting, found = list(SEEDS), {}
    while waiting:
        address = waiting.pop(0)
        if pattern(address) in found:
            continue
        response = page.goto(url + address)
        if response is None or "html" not in response.headers.get("content-type", ""):
            continue
        found[pattern(address)] = address
        # A link of a drawing has no address of its own, only the attribute.
        links = page.eval_on_selector_all("a[href]", "nodes => nodes.map((node) => node.getAttribute('href'))")
        for link in (urljoin(page.url, found_link) for found_link in links):
            path = urlsplit(link).path
            if link.startswith(f"{url}/") and not path.startswith(LEFT) and not re.search(r"\.\w{2,5}$", path):
                waiting.append(path)
    return list(found.values())


def take(page: Page, url: str, address: str, into: Path) -> None:
    """Three pictures of the page: whole, on a tablet and on a phone, and as it is printed."""
    name = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-") or "home"
    for size, label in ((TABLET, "tablet"), (PHONE, "phone")):
        page.set_viewport_size(size)
        page.goto(url + address, wait_until="networkidle")
        page.screenshot(path=into / f"{name}.{label}.png", full_page=True)
    page.pdf(path=into / f"{name}.print.pdf", format="A4", print_background=False)


def main() -> int:
    asked = argparse.ArgumentParser(prog="tests.browser.screenshots", description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--into", type=Path, default=PROJECT / "test-results" / "screenshots")
    asked.add_argument(
        "--data", type=Path, default=PROJECT / "test-results" / "demo", help="where the demo keeps its data"
    )
    asked.add_argument("--only", default="", help="pages whose address holds this")
    wanted = asked.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed (apt install chromium).")
    wanted.data.mkdir(parents=True, exist_ok=True)
    with demo(wanted.data.resolve(), free_port()) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        taken = take_all(browser, url, wanted.into, wanted.only)
        browser.close()
    sys.stdout.write(f"{taken} pages, each in two languages and three forms: {wanted.into}\n")
    return 0


def take_all(browser: Browser, url: str, into: Path, only: str) -> int:
    page = browser.new_page(viewport=TABLET)
    sign_in(page, url)
    chosen = [address for address in addresses(page, url) if only in address]
    for language in ("fr", "en"):
        folder = into / language
        folder.mkdir(parents=True, exist_ok=True)
        speak(page, url, language)
        for address in chosen:
            take(page, url, address, folder)
    speak(page, url, "fr")
    return len(chosen)


if __name__ == "__main__":
    sys.exit(main())
