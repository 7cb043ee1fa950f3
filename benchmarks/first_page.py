# SPDX-License-Identifier: MPL-2.0

"""How soon the web app can be used, in Chromium, from a server on the same machine.

``python -m benchmarks.first_page [--runs N]``

Each load has a browser of its own, which has kept nothing; the server is warm, and filled by
``tecken demo``. A page can be used when its heading is there and nothing in it waits for data any more;
the charts, which come after that, are told apart. All times count from the beginning of the navigation.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, StorageState
from tests.browser.chromium import started_chromium
from tests.browser.people import sign_in
from tests.support.started_server import StartedServer

from benchmarks.harness import describe_run

TARGET_MS = 1000
PERSON = "builder@demo.example"
# The address, whether somebody is signed in, and what of it has to be there.
PAGES = (
    ("/", False, "main input[data-lookup]"),
    ("/", True, "main table tbody tr"),
    ("/uploads", True, "main table tbody tr a"),
    ("/symbolication", False, "main textarea"),
)
# A moment is noted in the frame after the one in which what is waited for was drawn.
_WATCH = """
(() => {
  const moments = {};
  const note = (name) => requestAnimationFrame(() => requestAnimationFrame(() => {
    moments[name] ??= performance.now();
  }));
  const look = () => {
    if (!moments.heading && document.querySelector("main h1")) note("heading");
    const waiting = document.querySelector("main [aria-busy=true], main [data-waiting]");
    if (document.querySelector("main h1") && document.querySelector(%r) && !waiting) note("usable");
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
  window.__moments = moments;
})()
"""
_READ = """
() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  ...window.__moments,
  loaded: Math.max(...performance.getEntriesByType("resource").map((entry) => entry.responseEnd)),
})
"""


@dataclass(frozen=True, slots=True)
class Load:
    """Milliseconds until something was drawn, the heading was, all was, and the last byte had come."""

    paint: float
    heading: float
    usable: float
    loaded: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print(describe_run(bytes(range(256)) * 100_000))
    with tempfile.TemporaryDirectory() as folder:
        server = StartedServer(Path(folder) / "data")
        server.start()
        try:
            _measure(server, runs)
        finally:
            server.stop()


def _measure(server: StartedServer, runs: int) -> None:
    done = server.command("demo", "--yes")
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    kept = _signed_in(server)
    print("                            first paint   heading    usable   last byte")
    for path, is_signed_in, selector in PAGES:
        state = kept if is_signed_in else None
        _load(server, path, state, selector)  # the server's first answers count for nothing
        loads = [_load(server, path, state, selector) for _ in range(runs)]
        usable = median(load.usable for load in loads)
        who = "signed in" if is_signed_in else "signed out"
        print(
            f"{path:15} {who:11} "
            f"{median(load.paint for load in loads):8.0f} ms {median(load.heading for load in loads):6.0f} ms"
            f" {usable:6.0f} ms {median(load.loaded for load in loads):8.0f} ms"
            f"  {'within' if usable <= TARGET_MS else 'over'} {TARGET_MS} ms,"
            f" worst {max(load.usable for load in loads):.0f} ms"
        )


def _signed_in(server: StartedServer) -> StorageState:
    with started_chromium() as browser:
        context = browser.new_context()
        sign_in(server, context, PERSON)
        return context.storage_state()


def _load(server: StartedServer, path: str, state: StorageState | None, selector: str) -> Load:
    with started_chromium() as browser:
        context = browser.new_context(base_url=server.url, storage_state=state)
        page = context.new_page()
        page.add_init_script(_WATCH % selector)
        page.goto(path)
        page.wait_for_function("() => window.__moments.usable")
        page.wait_for_load_state("networkidle")
        return _read(page)


def _read(page: Page) -> Load:
    return Load(**page.evaluate(_READ))


if __name__ == "__main__":
    main()
