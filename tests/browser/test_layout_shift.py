# SPDX-License-Identifier: MPL-2.0

"""Nothing moves while a page comes, on a desktop and on a phone, over a network that takes its time.

What moves is what the browser itself says (``layout-shift``, of which web.dev's Cumulative Layout Shift is made).
"""

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Visit
from tests.browser.pages import EVERYBODY, PAGES, wait_until_shown
from tests.support.forms import EMBEDDED_ONLY
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


def shifts(page: Page) -> list[tuple[float, list[str]]]:
    """Load a page again, and return each jump of it and what has moved."""
    answer = page.reload()
    assert answer is not None
    assert answer.status == 200
    wait_until_shown(page)
    page.wait_for_load_state("networkidle")
    return [(float(value), moved) for value, moved in page.evaluate("window.__shifts")]


@EMBEDDED_ONLY
@pytest.mark.parametrize("path", [*PAGES, *ANSWERS])
def test_nothing_moves_while_a_page_comes(
    visit: Visit, addresses: dict[str, str], path: str
) -> None:
    page = visit(addresses.get(path, path), PAGES.get(path, EVERYBODY)[-1])
    page.add_init_script(_OBSERVE)
    network = page.context.new_cdp_session(page)
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": ROUND_TRIP_MS,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        },
    )
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        seen = shifts(page)
        moved = "\n".join(f"{value:.3f}: {line}" for value, lines in seen for line in lines)
        assert sum(value for value, _ in seen) <= MAX_SHIFT, f"at {width} px:\n{moved}"
