"""Time and size of the report for the bundled networks, and how soon a browser shows it."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def run() -> list[dict[str, object]]:
    """One run of ``srviz report`` in a process of its own, with figures, tables and profiles."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        command = [sys.executable, "-m", "srviz.cli", "report", "--out", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
        page = Path(folder) / "index.html"
        size = page.stat().st_size / 1e6
        painted = shown(page)
    return [
        {"figure": "srviz report", "value": round(seconds, 1), "unit": "s", "target": "< 90"},
        {"figure": "report page", "value": round(size, 2), "unit": "MB", "target": "< 12"},
        *painted,
    ]


def shown(page: Path, rounds: int = 5) -> list[dict[str, object]]:
    """Medians of the time to the first paint and to the last chart, in headless Chromium.

    Every round opens a fresh profile, so that nothing is cached. Empty without a Chromium.
    """
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        return []
    from playwright.sync_api import sync_playwright

    first, last = [], []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for _ in range(rounds):
            context = browser.new_context(viewport={"width": 1280, "height": 800})
            tab = context.new_page()
            tab.goto(page.as_uri())
            tab.wait_for_selector("html[data-ready]", timeout=60_000)
            last.append(tab.evaluate("performance.now()") / 1000)
            first.append(tab.evaluate(PAINT) / 1000)
            context.close()
        browser.close()
    return [
        {
            "figure": "report page, first paint",
            "value": round(statistics.median(first), 2),
            "unit": "s",
            "target": "< 2",
        },
        {
            "figure": "report page, all charts",
            "value": round(statistics.median(last), 2),
            "unit": "s",
            "target": "",
        },
    ]
