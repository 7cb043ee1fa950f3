# SPDX-License-Identifier: MPL-2.0

"""What a page looks like, in numbers."""

from playwright.sync_api import Page
from tests.browser.pages import wait_until_shown
from tests.support.started_server import wait_until

DESKTOP, PHONE = WIDTHS = (1280, 390)


def assert_no_sideways_scroll(page: Page) -> None:
    """Nothing sticks out of the window once the page is loaded, at the latest when it has settled in its width."""
    wait_until_shown(page)
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    # Not page.wait_for_function: it evaluates text inside of the page, which the policy forbids.
    wait_until(lambda: bool(page.evaluate(fits)), "nothing sticks out")
