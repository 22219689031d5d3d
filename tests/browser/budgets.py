"""What a page costs its reader: the bytes that come over the line the first time, and whether anything moves while it loads."""

import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders

MOST_BYTES = 150_000
# Files that are compressed already.
PACKED = (".woff2", ".png", ".jpg", ".webp")
# Of the page itself and of all that it asked for: the size of each on the line, also where the browser had it.
ASKED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .map((entry) => [entry.name, entry.encodedBodySize])"""
# The shifts that nobody's finger caused, since the page began to load.
WATCH = """
window.moved = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const nodes = entry.sources.map(({ node }) => node?.id || node?.className || node?.nodeName);
    window.moved.push(`${entry.value.toFixed(4)} ${nodes.join(", ")}`);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def watch(page) -> None:
    """From the next page on."""
    page.add_init_script(WATCH)


def exceeded(page) -> list[str]:
    """What the page that is open does against its budget."""
    page.wait_for_load_state("networkidle")
    sizes = {name: _served(name, size) for name, size in page.evaluate(ASKED)}
    found = [f"moves while it loads: {move}" for move in page.evaluate("window.moved")]
    if sum(sizes.values()) > MOST_BYTES:
        parts = ", ".join(f"{urlsplit(name).path} {size}" for name, size in sizes.items())
        found.append(f"{sum(sizes.values())} bytes: {parts}")
    return found


def _served(address: str, size: int) -> int:
    """Production serves static texts compressed (WhiteNoise's storage); the test server does not."""
    path = unquote(urlsplit(address).path)
    if not path.startswith(settings.STATIC_URL) or path.endswith(PACKED):
        return size
    file = finders.find(path.removeprefix(settings.STATIC_URL))
    return len(gzip.compress(Path(file).read_bytes(), 9)) if file else size
