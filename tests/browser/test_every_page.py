# SPDX-License-Identifier: MPL-2.0

"""Every page with something on it: its address and its looks."""

import pytest
from playwright.sync_api import expect
from tests.browser.accessibility import assert_fits_and_is_accessible
from tests.browser.conftest import Visit
from tests.browser.pages import PAGES
from tests.support.forms import EMBEDDED_ONLY


@EMBEDDED_ONLY
@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_by_everybody(
    go_to: Visit, addresses: dict[str, str], path: str
) -> None:
    page = go_to(addresses[path], "superuser")
    heading = page.get_by_role("heading", level=1).first.inner_text()
    expect(page).to_have_title("Tecken" if path == "/" else f"{heading} · Tecken")
    assert_fits_and_is_accessible(page)
