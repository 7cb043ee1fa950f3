# SPDX-License-Identifier: MPL-2.0

"""Users, what they may do, and the audit trail."""

import re

from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE
from tests.browser.pages import filter_list
from tests.browser.people import email_of
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer


def open_user(page: Page, email: str) -> None:
    filter_list(page, email)
    links = page.get_by_role("table", name="Users").get_by_role("link")
    expect(links).to_have_count(1)
    links.click()
    expect(page.get_by_role("heading", level=1, name=email)).to_be_visible()


@EMBEDDED_ONLY
def test_a_user_is_found_and_put_into_a_group(visit: Visit) -> None:
    theirs = visit("/uploads/upload", "newcomer")
    expect(theirs.get_by_role("heading", name="You may not see this page")).to_be_visible()

    page = visit("/users", "superuser")
    assert_accessible(page)
    open_user(page, email_of("newcomer"))
    page.get_by_role("checkbox", name="Uploaders").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(
        page.get_by_text("Manage API tokens, Upload symbols, Upload try symbols")
    ).to_be_visible()
    assert_accessible(page)
    theirs.reload()
    expect(theirs.get_by_role("heading", level=1, name="Upload symbols")).to_be_visible()

    page.get_by_role("link", name="What was done to and by this account").click()
    entry = page.get_by_role("row", name=re.compile("groups changed"))
    expect(entry).to_contain_text(email_of("newcomer"))
    expect(entry).to_contain_text(email_of("superuser"))
    expect(page.get_by_role("row", name="made superuser")).to_have_count(0)
    assert_accessible(page)


def test_who_is_switched_off_is_signed_out(visit: Visit) -> None:
    page = visit("/users", "superuser", width=PHONE)
    open_user(page, email_of("suspect"))
    page.get_by_role("switch", name="Active").uncheck(force=True)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.get_by_text("Inactive", exact=True)).to_be_visible()
    assert_accessible(page)
    theirs = visit("/", "suspect")
    expect(theirs.get_by_role("link", name="Sign in", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_the_last_superuser_stays_one(visit: Visit, server: StartedServer) -> None:
    for (email,) in server.rows("SELECT email FROM accounts_user WHERE is_superuser"):
        if email != email_of("superuser"):
            assert server.command("superuser", "--demote", str(email)).returncode == 0
    page = visit("/users", "superuser")
    open_user(page, email_of("superuser"))
    expect(page.get_by_text("This is your own account")).to_be_visible()
    page.get_by_role("switch", name="Superuser").uncheck(force=True)
    page.get_by_role("button", name="Save").click()
    problem = page.get_by_text(re.compile("last (active )?superuser"))
    expect(problem).to_be_visible()
    # No hint, but an error.
    switch = page.get_by_role("switch", name="Superuser")
    expect(switch).to_have_attribute("aria-invalid", "true")
    expect(switch).to_have_accessible_description(re.compile("last (active )?superuser"))
    assert_accessible(page)
    page.reload()
    expect(page.get_by_role("switch", name="Superuser")).to_be_checked()


@EMBEDDED_ONLY
def test_a_user_that_is_not_there_is_told(go_to: Visit) -> None:
    page = go_to("/users/999999", "superuser")
    expect(page.get_by_role("heading", name="There is no such user")).to_be_visible()
    assert_accessible(page)


@EMBEDDED_ONLY
def test_the_trail_can_be_filtered_by_what_was_done(go_to: Visit, server: StartedServer) -> None:
    assert server.command("signin-link", email_of("stranger")).returncode == 0
    page = go_to("/audit?action=signed in", "superuser")
    rows = page.get_by_role("table", name="Audit trail").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("signed in")
    expect(page.get_by_role("cell", name="sign-in link made")).to_have_count(0)
    page.get_by_role("button", name="Remove the filter").click()
    expect(page.get_by_role("cell", name="sign-in link made").first).to_be_visible()
