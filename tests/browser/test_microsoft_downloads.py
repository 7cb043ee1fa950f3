# SPDX-License-Identifier: MPL-2.0

"""The page on lookups at Microsoft's, where a server does them."""

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import expect
from tests.browser.accessibility import assert_fits_and_is_accessible
from tests.browser.conftest import Visit
from tests.browser.people import People
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.scripted_server import Answer, ScriptedServer
from tests.support.started_server import StartedServer, wait_until
from tests.support.symbol_texts import HELLO_ID


@pytest.fixture(scope="module")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    """A server that has looked up two files, of which the other one has none."""
    with ScriptedServer() as microsoft:
        microsoft.routes[f"/lost.pdb/{HELLO_ID}/lost.pd_"] = Answer(200, b"no cabinet")
        started = StartedServer(tmp_path_factory.mktemp("microsoft") / "data")
        form(started)
        started.settings |= {
            "DJANGO_ENABLE_DOWNLOAD_FROM_MICROSOFT": "True",
            "DJANGO_MICROSOFT_DOWNLOAD_URL": f"{microsoft.url}/",
        }
        started.start()
        for count, name in enumerate(("gone", "lost"), 1):
            url = f"{started.url}/{name}.pdb/{HELLO_ID}/{name}.sym"
            assert requests.get(url, timeout=60).text == "Symbol Not Found Yet"
            wait_until(lambda count=count: completed(started) == count, "the lookup is over")
        yield started
        started.stop()


@pytest.fixture(scope="module")
def people(server: StartedServer) -> People:
    return People(server)


def completed(server: StartedServer) -> int:
    answer = requests.get(f"{server.url}/api/downloads/microsoft/", timeout=60).json()
    return sum(row["completed_at"] is not None for row in answer["microsoft_downloads"])


@EMBEDDED_ONLY
def test_lookups_are_listed_with_what_came_of_them(visit: Visit) -> None:
    page = visit("/downloads/microsoft")
    table = page.get_by_role("table", name="Microsoft downloads")
    row = table.get_by_role("row").filter(has_text="gone.pdb").first
    expect(row).to_contain_text("Failed")
    expect(row).to_contain_text("404")
    expect(table.get_by_text("is not a cabinet")).to_be_visible()
    expect(page.get_by_text("This server does not do so at present.")).to_have_count(0)
    assert_fits_and_is_accessible(page)
    expect(row).to_contain_text("404")  # on a phone, too


@EMBEDDED_ONLY
def test_lookups_are_filtered_by_what_came_of_them(visit: Visit) -> None:
    page = visit("/downloads/microsoft?state=errors&error=404")
    table = page.get_by_role("table", name="Microsoft downloads")
    expect(table.get_by_text("gone.pdb", exact=True)).to_be_visible()
    expect(table.get_by_text("lost.pdb", exact=True)).to_have_count(0)
    page.get_by_role("button", name="Change the filter Result").click()
    choices = page.get_by_role("combobox", name="Result")
    choices.select_option("Stored")
    choices.press("Enter")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    page.get_by_role("button", name="Clear filters").first.click()
    expect(table.get_by_text("lost.pdb", exact=True)).to_be_visible()
