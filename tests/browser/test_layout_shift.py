# SPDX-License-Identifier: MPL-2.0

"""Nothing moves while a page comes, on a desktop and on a phone, over a network that takes its time.

What moves is what the browser itself says (``layout-shift``, of which web.dev's Cumulative Layout Shift is made).
"""

import pytest
from playwright.sync_api import Page, Response
from tests.browser.pages import NO_PAGE, PAGES, wait_until_shown
from tests.browser.people import People
from tests.browser.watched_page import WatchedPage, Windows
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID

MAX_SHIFT = 0.02  # of 0.1, below which web.dev calls a page good
SIZES = ((390, 844), (1440, 900))
ROUND_TRIP_MS = 80
# Answers below the field that asked for them.
ANSWERS = (f"/?find=walk.pdb/{HELLO_ID}/walk.sym", f"/?find=walk.pdb/{'F' * 33}/walk.sym")
_OBSERVE = """
(() => {
  window.__shifts = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const moved = entry.sources.map(({ node, previousRect: was, currentRect: is }) =>
        `${(node?.outerHTML ?? node?.data ?? "gone").slice(0, 160)} from ${was.y} to ${is.y}, ${was.height} to ${is.height} high`);
      window.__shifts.push([entry.value, moved]);
    }
  }).observe({ type: "layout-shift", buffered: true });
})()
"""


@pytest.fixture(scope="package")
def far_page(windows: Windows, server: StartedServer, people: People) -> WatchedPage:
    """A superuser's page, to which the server is far, and which notes what moves."""
    opened = windows.open(server.url)
    opened.begin(people.cookies("superuser"), SIZES[0][0])
    opened.page.add_init_script(_OBSERVE)
    network = opened.page.context.new_cdp_session(opened.page)
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        },
    )
    opened.page.goto(NO_PAGE)  # the app is in the browser's cache from here on
    wait_until_shown(opened.page)
    return opened


def shifts(page: Page, answer: Response | None) -> list[tuple[float, list[str]]]:
    """Return each jump of a page that was loaded, and what has moved."""
    assert answer is not None
    assert answer.status == 200
    wait_until_shown(page)
    page.wait_for_load_state("networkidle")
    return [(float(value), moved) for value, moved in page.evaluate("window.__shifts")]


@EMBEDDED_ONLY
@pytest.mark.parametrize("path", [*PAGES, *ANSWERS])
def test_nothing_moves_while_a_page_comes(
    far_page: WatchedPage, addresses: dict[str, str], path: str
) -> None:
    page = far_page.page
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        answer = page.goto(addresses.get(path, path)) if width == SIZES[0][0] else page.reload()
        seen = shifts(page, answer)
        moved = "\n".join(f"{value:.3f}: {line}" for value, lines in seen for line in lines)
        assert sum(value for value, _ in seen) <= MAX_SHIFT, f"at {width} px:\n{moved}"
    assert far_page.told() == []
