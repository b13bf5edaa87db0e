#!/usr/bin/env python3
"""How long a page takes to open in Chromium, from the disk, with the network off.

usage: benchmarks/page.py PAGE [--runs 5]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def main() -> None:
    """Open it several times, each in a context of its own, and print medians."""
    cli = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    cli.add_argument("page", type=Path)
    cli.add_argument("--runs", type=int, default=5)
    args = cli.parse_args()
    browser_path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser_path is None:
        sys.exit("no Chromium or Chrome found")
    loaded, drawn = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=_QUIET)
        for _ in range(args.runs):
            context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
            page = context.new_page()
            page.goto(args.page.resolve().as_uri())
            page.wait_for_function("window.kg && kg.network")
            drawn.append(page.evaluate("performance.now()"))
            loaded.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
            context.close()
        browser.close()
    times = f"loaded {statistics.median(loaded):.0f} ms, drawn {statistics.median(drawn):.0f} ms"
    print(f"{args.page.name}, {args.page.stat().st_size / 1e6:.1f} MB: {times}")


if __name__ == "__main__":
    main()
