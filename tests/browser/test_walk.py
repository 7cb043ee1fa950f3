# SPDX-License-Identifier: MPL-2.0

"""The first visit: an account at the local provider, signing in, all pages, signing out."""

from playwright.sync_api import Browser, expect
from tests.support.started_server import StartedServer


def test_a_person_walks_through_the_app(chromium: Browser, filled: StartedServer) -> None:
    page = chromium.new_page()
    page.goto(f"{filled.url}/help")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_role("link", name="Sign up").click()
    page.locator("[name=username]").fill("walker")
    page.locator("[name=email]").fill("walker@example.com")
    page.locator("[name=password]").fill("password")
    page.get_by_role("button").last.click()
    expect(page.get_by_text("Authorize Tecken?")).to_be_visible()
    page.locator("button[name=allow]").click()
    # One comes back to the page where one was.
    expect(page.get_by_role("button", name="Account: walker@example.com")).to_be_visible()
    assert page.url == f"{filled.url}/help"

    made = filled.command("superuser", "walker@example.com")
    assert made.returncode == 0, made.stderr
    page.goto(filled.url)
    for link, title in (
        ("Downloads", "Downloads"),
        ("Uploads", "Uploads"),
        ("API tokens", "API tokens"),
        ("User management", "Users"),
        ("Symbolication", "Symbolication"),
        ("Help", "Help"),
    ):
        navigation = page.get_by_role("navigation", name="Main")
        navigation.get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
        expect(page).to_have_title(f"{title} · Tecken")

    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    page.close()
