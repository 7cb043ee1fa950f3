# SPDX-License-Identifier: MPL-2.0

"""The front page: looking up a file, figures, permissions, and what superusers see of the server."""

import re

import pytest
from playwright.sync_api import expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE, assert_no_sideways_scroll
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID

KEY = f"walk.pdb/{HELLO_ID}/walk.sym"


@EMBEDDED_ONLY
def test_anybody_looks_up_a_file_that_is_here(visit: Visit, filled: StartedServer) -> None:
    page = visit("/")
    expect(page.get_by_role("heading", level=1, name="Tecken")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(f"{filled.url}/{KEY}")
    assert_accessible(page)
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Download", exact=True).first
    expect(link).to_have_attribute("href", f"/{KEY}")
    assert_accessible(page)


@EMBEDDED_ONLY
def test_other_ids_of_a_missing_file_are_told(visit: Visit, filled: StartedServer) -> None:
    page = visit(f"/?find=walk.pdb/{HELLO_ID[:-1]}5/walk.sym", "uploader")
    expect(page.get_by_text("Missing", exact=True).first).to_be_visible()
    assert_accessible(page)
    expect(page).to_have_url(re.compile("/modules/walk.pdb[?]id="))  # where the box leads
    page.get_by_role("link", name=re.compile(f"^{HELLO_ID[:12]}")).click()
    expect(page.get_by_text("Found", exact=True).first).to_be_visible()


@EMBEDDED_ONLY
def test_what_is_no_key_is_told_under_the_field(visit: Visit) -> None:
    page = visit("/?find=not a key")
    box = page.get_by_role("main").get_by_role("search", name="Look up a file or module")
    expect(box.get_by_role("combobox")).to_have_value("not a key")
    expect(box.get_by_text("Sign in to search by name")).to_be_visible()
    assert_accessible(page)


@EMBEDDED_ONLY
@pytest.mark.usefixtures("counted")
def test_figures_and_uploads_are_shown(go_to: Visit) -> None:
    page = go_to("/", "uploader")
    figures = page.get_by_role("region", name="The last 30 days")
    uploads = figures.get_by_role("article").filter(has_text="Files stored")
    # Other tests upload, too.
    row = re.compile(r"^Uploads (\d\d+|[2-9]) \d+ (\d\d+|[2-9])$")
    expect(uploads.get_by_role("row", name=row)).to_be_visible()
    charts = figures.get_by_role("list", name="on each of the last 30 days")
    expect(charts).to_have_count(3)
    days = uploads.get_by_role("listitem").get_by_role("link")
    expect(days).to_have_count(30)
    rows = page.get_by_role("table", name="Your last uploads").get_by_role("row")
    expect(rows).to_have_count(3)
    assert_accessible(page)
    rows.last.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"/uploads/upload/\d+$"))


@EMBEDDED_ONLY
@pytest.mark.usefixtures("counted")
def test_days_are_walked_with_arrows_and_lead_to_what_happened(go_to: Visit) -> None:
    page = go_to("/", "uploader")
    days = page.get_by_role("article").filter(has_text="Files stored").get_by_role("link")
    expect(days).to_have_count(30)
    assert [day.get_attribute("tabindex") for day in days.all()].count("0") == 1
    days.last.focus()
    page.keyboard.press("ArrowLeft")
    expect(days.nth(28)).to_be_focused()
    day = str(days.nth(28).get_attribute("data-day"))
    expect(page.get_by_text(f"{day}: Uploads")).to_be_visible()
    page.keyboard.press("End")
    today = str(days.last.get_attribute("data-day"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/uploads\?created_at={today}$"))
    expect(page.get_by_role("link", name="walk.zip")).to_be_visible()


@EMBEDDED_ONLY
def test_who_may_nothing_is_told_how_to_get_more(visit: Visit) -> None:
    page = visit("/", "stranger", width=PHONE)
    expect(page.get_by_text("You may look around, download and symbolicate.")).to_be_visible()
    expect(page.get_by_text("Upload symbols: Send the symbols of releases")).to_be_visible()
    page.get_by_role("link", name="How to get permissions").click()
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()


def test_a_superuser_sees_how_the_server_is(visit: Visit, server: StartedServer) -> None:
    page = visit("/", "superuser")
    has_workers = "REDIS_URL" not in server.settings  # scaled out, none is started by these tests
    line = "All works" if has_workers else "No worker is alive"
    expect(page.get_by_role("status").get_by_text(line)).to_be_visible()
    server = page.get_by_role("region", name="This server")
    server.get_by_text("Checks", exact=True).click()
    expect(server.get_by_text("Works", exact=True).first).to_be_visible()
    expect(server.get_by_text("Fails", exact=True)).to_have_count(0)
    server.get_by_text("Settings", exact=True).click()
    page.get_by_role("textbox", name="Filter settings").fill("TOKENS_DEFAULT")
    rows = page.get_by_role("table", name="Settings").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text("365")
    server.get_by_text("Versions", exact=True).click()
    expect(page.get_by_role("table", name="Versions")).to_contain_text("django")
    assert_accessible(page)


@EMBEDDED_ONLY
def test_others_see_nothing_of_the_server(visit: Visit) -> None:
    page = visit("/", "auditor")
    expect(page.get_by_role("heading", name="Your permissions")).to_be_visible()
    expect(page.get_by_role("heading", name="This server")).to_have_count(0)


@EMBEDDED_ONLY
def test_a_sign_in_that_failed_is_told(visit: Visit) -> None:
    page = visit("/?signin=failed")
    expect(page.get_by_role("alert")).to_contain_text("You are not signed in")
    assert_accessible(page)


@EMBEDDED_ONLY
@pytest.mark.usefixtures("counted")
def test_figures_can_be_read_on_paper(visit: Visit) -> None:
    page = visit("/", "uploader", width=794)  # a sheet of A4
    bar = page.locator("[data-day] [data-series]").last
    expect(bar).to_be_visible()
    page.emulate_media(media="print")
    expect(bar).to_have_css("print-color-adjust", "exact")  # or there would be none on paper
    expect(bar).not_to_have_css("height", "0px")
    expect(page.get_by_role("banner")).to_be_hidden()
    assert_no_sideways_scroll(page)
