# SPDX-License-Identifier: MPL-2.0

"""The frame around every page: navigation, themes, keys, states."""

import re
import signal

import pytest
from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE, assert_no_sideways_scroll
from tests.browser.people import Kind
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer

NAVIGATION: dict[Kind, list[str]] = {
    "nobody": ["Downloads", "Symbolication", "Help"],
    "stranger": ["Downloads", "Uploads", "Symbolication", "Help"],
    "uploader": ["Downloads", "Uploads", "API tokens", "Symbolication", "Help"],
    "superuser": [
        "Downloads",
        "Uploads",
        "API tokens",
        "User management",
        "Symbolication",
        "Help",
    ],
}


def expect_links(page: Page, *texts: str) -> None:
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    expect(links).to_have_text(texts)


@EMBEDDED_ONLY
@pytest.mark.parametrize("kind", NAVIGATION)
def test_people_see_what_they_may_use(visit: Visit, kind: Kind) -> None:
    page = visit("/help", kind)
    name = "Sign in" if kind == "nobody" else f"Account: {kind}@example.com"
    role = "link" if kind == "nobody" else "button"
    expect(page.get_by_role("banner").get_by_role(role, name=name)).to_be_visible()
    expect_links(page, *NAVIGATION[kind])


@EMBEDDED_ONLY
def test_a_page_that_needs_a_person_says_so(visit: Visit) -> None:
    page = visit("/tokens")
    expect(page.get_by_role("heading", name="Sign in to see this page")).to_be_visible()
    expect(page).to_have_title("Sign in to see this page · Tecken")
    sign_in = page.get_by_role("main").get_by_role("link", name="Sign in")
    expect(sign_in).to_have_attribute("href", "/oidc/authenticate/?next=%2Ftokens")
    assert_accessible(page)


@EMBEDDED_ONLY
def test_a_page_that_needs_a_permission_says_so(visit: Visit) -> None:
    page = visit("/users", "uploader")
    expect(page.get_by_role("heading", name="You may not see this page")).to_be_visible()
    assert_accessible(page)


@EMBEDDED_ONLY
def test_an_address_without_a_page_is_told_as_such(visit: Visit) -> None:
    page = visit("/uploads/nothing/here")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="To the front page").click()
    expect(page).to_have_title("Tecken")


@EMBEDDED_ONLY
def test_the_navigation_folds_on_a_phone(visit: Visit) -> None:
    page = visit("/help", "uploader", width=PHONE)
    assert_no_sideways_scroll(page)
    page.get_by_role("button", name="Open the navigation").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    expect_links(page, *NAVIGATION["uploader"])
    assert_accessible(page)
    page.get_by_role("link", name="Symbolication").click()
    expect(page.get_by_role("heading", level=1, name="Symbolication")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()


@EMBEDDED_ONLY
def test_a_chosen_theme_stays(visit: Visit) -> None:
    page = visit("/help")
    root = page.locator("html")
    expect(root).to_have_attribute("data-theme", "light")
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitem", name="Dark").click()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(19, 23, 27)")
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")


@EMBEDDED_ONLY
def test_keys_lead_to_pages_and_to_the_filter(visit: Visit) -> None:
    page = visit("/help", "auditor")
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.type("gu")  # the second must follow soon
    expect(page).to_have_url(re.compile("/uploads$"))
    field = page.get_by_role("combobox", name="Filter uploads")
    expect(field).to_be_visible()
    page.keyboard.press("f")
    expect(field).to_be_focused()
    page.keyboard.press("?")
    expect(field).to_have_value("?")


@EMBEDDED_ONLY
def test_the_content_is_one_key_away(visit: Visit) -> None:
    page = visit("/help")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_a_person_signs_out(visit: Visit) -> None:
    page = visit("/help", "leaver")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()


@EMBEDDED_ONLY
def test_a_session_that_has_ended_is_told(visit: Visit) -> None:
    page = visit("/uploads", "auditor")
    expect(page.get_by_role("combobox", name="Filter uploads")).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("combobox", name="Filter uploads").fill("somebody")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible()


@EMBEDDED_ONLY
def test_a_server_that_is_away_is_told_and_found_again(visit: Visit, server: StartedServer) -> None:
    page = visit("/uploads", "auditor", own=True)  # with nothing in its cache
    expect(page.get_by_role("combobox", name="Filter uploads")).to_be_visible()
    port = server.url.rpartition(":")[2]
    notice = page.get_by_role("alert").filter(has_text="The server does not answer")
    server.stop(signal.SIGKILL)
    try:
        page.get_by_role("combobox", name="Filter uploads").fill("nobody")
        page.keyboard.press("Enter")
        expect(notice).to_be_visible()
        assert_accessible(page, while_waiting=True)  # for the server
        page.get_by_role("link", name="Help").click()  # its code was not loaded yet
        expect(page.get_by_role("heading", level=1, name="Uploads")).to_be_visible()
    finally:  # other tests use it, too
        server.start("--port", port)
    expect(notice).to_be_hidden()
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
