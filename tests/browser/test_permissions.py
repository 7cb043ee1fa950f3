# SPDX-License-Identifier: MPL-2.0

"""What each kind of person sees of each page."""

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import Visit
from tests.browser.pages import EVERYBODY, PAGES, go_on_to
from tests.browser.people import Kind
from tests.support.forms import EMBEDDED_ONLY


@EMBEDDED_ONLY
@pytest.mark.parametrize("kind", EVERYBODY)
def test_people_see_what_they_may(visit: Visit, addresses: dict[str, str], kind: Kind) -> None:
    page = visit("/help", kind)
    for path, who in PAGES.items():
        go_on_to(page, addresses[path])
        heading = page.get_by_role("heading", level=1).first
        if kind in who:
            expect(heading, path).not_to_have_text(
                ["Sign in to see this page"] if kind == "nobody" else ["You may not see this page"]
            )
            expect(page.get_by_role("main").get_by_role("alert"), path).to_have_count(0)
        elif kind == "nobody":
            expect(heading, path).to_have_text("Sign in to see this page")
        else:
            refused = page.get_by_text("You may not see this page").or_(page.get_by_role("alert"))
            expect(refused.first, path).to_be_visible()
