# SPDX-License-Identifier: MPL-2.0

"""axe, which finds much of what keeps people from using a page."""

from pathlib import Path

from playwright.sync_api import Page
from tests.browser.layout import WIDTHS, assert_no_sideways_scroll
from tests.browser.pages import wait_until_shown

_AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What axe looks for in each theme: the same elements stand in the other one in other colours.
_LOOKED_FOR = {
    "light": {"type": "tag", "values": _TAGS},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
_RUN = """
async (runOnly) => {
  const found = await axe.run(document, { runOnly, resultTypes: ["violations"] });
  return found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 200)}\n${node.failureSummary}`));
}
"""

_SETTLED = """
() => Promise.allSettled(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition).map((animation) => animation.finished))
"""


def assert_accessible(page: Page, *, while_waiting: bool = False) -> None:
    """Look at the page in light and in dark, once nothing in it waits; or as it is ``while_waiting``."""
    if not while_waiting:
        wait_until_shown(page)
    page.evaluate("scrollTo(0, 0)")  # what lies half below the bar is no small target
    if not page.evaluate("'axe' in window"):
        _add_axe(page)
    now = page.locator("html").get_attribute("data-theme")
    # The one in which it is comes first: to change it takes as long as to look for what differs.
    for scheme, looked_for in sorted(_LOOKED_FOR.items(), key=lambda item: item[0] != now):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.locator(f"html[data-theme={scheme}]").wait_for(state="attached")
        page.evaluate(_SETTLED)  # colours fade from one theme to the other
        violations = page.evaluate(_RUN, looked_for)
        assert violations == [], f"{page.url} in {scheme}:\n" + "\n".join(violations)


def assert_fits_and_is_accessible(page: Page) -> None:
    """Look at the page as it is on a desktop and on a phone."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert_no_sideways_scroll(page)
        assert_accessible(page)


def _add_axe(page: Page) -> None:
    """Add it as a debugger does, whom the policy of the page forbids nothing; a browser compiles it once for all pages."""
    debugger = page.context.new_cdp_session(page)
    added = debugger.send("Runtime.evaluate", {"expression": _AXE.read_text(encoding="utf-8")})
    assert "exceptionDetails" not in added, added
    debugger.detach()
