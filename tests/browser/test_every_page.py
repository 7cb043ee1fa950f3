# SPDX-License-Identifier: MPL-2.0

"""Every page with something on it: its address and its looks."""

import pytest
from playwright.sync_api import expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import assert_no_sideways_scroll
from tests.browser.pages import PAGES, wait_until_shown
from tests.support.forms import EMBEDDED_ONLY

PHONE = 390


@EMBEDDED_ONLY
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_reached_by_its_address_and_reloaded(
    visit: Visit, addresses: dict[str, str], path: str
) -> None:
    page = visit(addresses[path], PAGES[path][0])
    wait_until_shown(page)
    heading = page.get_by_role("heading", level=1).first.inner_text()
    title = "Tecken" if path == "/" else f"{heading} · Tecken"
    expect(page).to_have_title(title)
    answer = page.reload()
    assert answer is not None
    assert answer.status == 200
    wait_until_shown(page)
    expect(page).to_have_title(title)


@EMBEDDED_ONLY
@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_by_everybody(
    visit: Visit, addresses: dict[str, str], path: str
) -> None:
    page = visit(addresses[path], PAGES[path][-1])
    wait_until_shown(page)
    assert_accessible(page)
    page.set_viewport_size({"width": PHONE, "height": 844})
    wait_until_shown(page)
    assert_no_sideways_scroll(page)
    assert_accessible(page)
