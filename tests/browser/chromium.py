# SPDX-License-Identifier: MPL-2.0

"""Chromium, as the system has it: the one that Playwright would fetch is nowhere to be had offline."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def chromium_program() -> str:
    """Return the path of Chromium, or skip the test: it is a system package."""
    for name in filter(None, (os.environ.get("CHROMIUM_PATH"), *_NAMES)):
        if found := shutil.which(name):
            return found
    pytest.skip("needs Chromium: apt-get install --no-install-recommends chromium")


@contextmanager
def started_chromium() -> Iterator[Browser]:
    """A browser without a window. Whoever runs tests as root has no sandbox for it."""
    # A process for each page, and one that draws, take a sixth more time.
    options = ["--renderer-process-limit=1", "--in-process-gpu"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_program(), args=options)
        try:
            yield browser
        finally:
            browser.close()
