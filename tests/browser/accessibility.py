# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""axe, which finds much of what keeps people from using a page."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """
async (tags) => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
  return found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 200)}\n${node.failureSummary}`));
}
"""

_SETTLED = """
() => Promise.allSettled(document.getAnimations()
  .filter((animation) => animation instanceof CSSTransition).map((animation) => animation.finished))
"""

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def assert_accessible(page: Page) -> None:
    """Look at the page as it stands, in light and in dark."""
    for scheme in _SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.locator(f"html[data-mantine-color-scheme={scheme}]").wait_for(state="attached")
        page.evaluate(_SETTLED)  # colours fade from one theme to the other
        # The policy of the page forbids scripts of others; what a debugger evaluates, it does not.
        page.evaluate(_AXE.read_text(encoding="utf-8"))
        violations = page.evaluate(_RUN, list(_TAGS))
        assert violations == [], f"{page.url} in {scheme}:\n" + "\n".join(violations)
