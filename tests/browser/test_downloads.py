# SPDX-License-Identifier: MPL-2.0

"""The pages on downloads: whether a file is here, and what was asked for in vain."""

import re
from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible, assert_fits_and_is_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID

pytestmark = pytest.mark.usefixtures("filled")

KEY = f"walk.pdb/{HELLO_ID}/walk.sym"


@pytest.fixture(scope="session")
def missed(server: StartedServer) -> None:
    """Two symbols that were asked for and are not here."""
    asked = {"code_file": "gone.dll", "code_id": "5EE7CC1A"}
    for name in ("gone", "lost"):
        url = f"{server.url}/{name}.pdb/{HELLO_ID}/{name}.sym"
        assert requests.get(url, params=asked, timeout=60).status_code == 404
    for name in ("gone", "lost"):
        listed = f"{server.url}/api/downloads/missing/?symbol={name}"
        wait_until(
            lambda url=listed: requests.get(url, timeout=60).json()["missing"] != [], "it is listed"
        )


def look_up(page: Page, key: str) -> None:
    box = page.get_by_role("main").get_by_role("combobox", name="Look up a file or module")
    box.fill(key)
    box.press("Enter")


def test_a_file_that_is_here_is_found_by_key_and_by_url(visit: Visit) -> None:
    for key in (KEY, f"https://symbols.example.com/{KEY}"):
        page = visit("/downloads")
        look_up(page, key)
        said = page.get_by_role("region", name="The id that was looked up")
        expect(said).to_contain_text(re.compile(r"Found\s*in \S+\s*\d+ B"))
        expect(said.get_by_role("link", name="Download")).to_have_attribute("href", f"/{KEY}")
    assert_accessible(page)
    page.reload()  # the question is in the address
    expect(page.get_by_role("main").get_by_text(KEY)).to_be_visible()


@EMBEDDED_ONLY
def test_a_file_that_is_missing_is_told_with_ids_like_it(visit: Visit) -> None:
    key = KEY.replace(HELLO_ID, HELLO_ID[:-1] + "2")
    page = visit("/downloads", "stranger")
    look_up(page, key)
    said = page.get_by_role("region", name="The id that was looked up")
    expect(said).to_contain_text("No source of this server has it.")
    expect(said.get_by_role("link", name=HELLO_ID[:12])).to_be_visible()
    assert_accessible(page)
    page = visit("/downloads")
    look_up(page, key)
    expect(page.get_by_text("No source of this server has it.")).to_be_visible()
    expect(page.get_by_role("link", name=HELLO_ID[:12])).to_have_count(0)


@EMBEDDED_ONLY
def test_what_is_no_key_is_told_in_the_servers_words(go_to: Visit) -> None:
    page = go_to("/downloads")
    look_up(page, "walk.pdb")
    expect(page.get_by_role("main").get_by_text("Sign in to search by name")).to_be_visible()


@EMBEDDED_ONLY
def test_figures_are_for_who_is_signed_in(visit: Visit, missed: None) -> None:
    expect(visit("/downloads", "stranger").get_by_text(re.compile("^Today"))).to_be_visible()
    page = visit("/downloads")
    expect(page.get_by_role("link", name="Missing symbols")).to_be_visible()
    expect(page.get_by_text(re.compile("^Today"))).to_have_count(0)


@EMBEDDED_ONLY
def test_missing_symbols_are_listed_and_filtered(go_to: Visit, missed: None) -> None:
    page = go_to("/downloads/missing")
    table = page.get_by_role("table", name="Missing symbols")
    expect(table.get_by_text("gone.pdb", exact=True)).to_be_visible()
    expect(table.get_by_text("gone.dll 5EE7CC1A").first).to_be_visible()
    assert_fits_and_is_accessible(page)
    page = go_to("/downloads/missing?symbol=lost", width=PHONE)
    expect(table.get_by_text("lost.pdb", exact=True)).to_be_visible()
    expect(table.get_by_text("gone.pdb", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Remove the filter Debug file lost").click()
    expect(table.get_by_text("gone.pdb", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_a_filter_that_cannot_be_read_is_told_under_its_field(go_to: Visit, missed: None) -> None:
    page = go_to("/downloads/missing?count=many")
    expect(page.get_by_role("textbox", name="Days asked for")).to_have_attribute(
        "aria-invalid", "true"
    )


@EMBEDDED_ONLY
def test_the_report_of_a_day_is_a_file(go_to: Visit, missed: None) -> None:
    page = go_to("/downloads/missing")
    with page.expect_download() as started:
        page.get_by_role("link", name="Report of today so far (CSV)").click()
    today = datetime.now(UTC).date()
    assert started.value.suggested_filename == f"missing-symbols-{today}.csv"
    assert f"gone.pdb,{HELLO_ID},gone.dll,5EE7CC1A" in started.value.path().read_text()
    expect(page.get_by_role("link", name="Yesterday's report (CSV)")).to_have_attribute(
        "href", "/missingsymbols.csv"
    )


@EMBEDDED_ONLY
def test_a_server_without_lookups_at_microsofts_says_so(go_to: Visit) -> None:
    page = go_to("/downloads/microsoft")
    expect(page.get_by_text("This server does not do so at present.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing was looked up yet")).to_be_visible()
    assert_accessible(page)
