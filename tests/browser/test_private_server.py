# SPDX-License-Identifier: MPL-2.0

"""The web app of a private server: strangers are told to sign in, and everybody else makes a token."""

import signal
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import expect
from tests.browser.accessibility import assert_accessible, assert_fits_and_is_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import WIDTHS, assert_no_sideways_scroll
from tests.browser.pages import NO_PAGE
from tests.browser.people import People
from tests.support.forms import EMBEDDED_ONLY, Form
from tests.support.started_server import StartedServer

PRIVATE = "This server is private: symbols are for people who have signed in."


@pytest.fixture(scope="module")
def server(form: Form, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartedServer]:
    started = StartedServer(
        tmp_path_factory.mktemp("private") / "data", {"DJANGO_READ_REQUIRES_LOGIN": "true"}
    )
    form(started)
    started.start("--workers", "1")
    yield started
    started.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def people(server: StartedServer) -> People:
    return People(server)


@EMBEDDED_ONLY
def test_who_is_signed_out_is_told_to_sign_in(visit: Visit) -> None:
    page = visit(NO_PAGE)
    for path in ("/", "/symbolication", "/downloads", "/downloads/missing", "/tokens"):
        page.goto(path)
        expect(page.get_by_role("main")).to_contain_text(PRIVATE)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_visible()
            assert_no_sideways_scroll(page)
    assert_fits_and_is_accessible(page)


@EMBEDDED_ONLY
def test_who_is_signed_in_makes_a_token_that_reads(visit: Visit, server: StartedServer) -> None:
    page = visit("/tokens", "stranger")
    page.get_by_role("button", name="Create token").first.click()
    form = page.get_by_role("dialog", name="Create a token")
    expect(form).to_contain_text("It reads symbols")
    assert_accessible(page)
    form.get_by_label("Label").fill("my debugger")
    with page.expect_response("**/api/tokens/") as made:
        form.get_by_role("button", name="Create token").click()
    key = made.value.json()["key"]
    expect(page.get_by_role("heading", name="Store this key now")).to_be_visible()
    job = {"memoryMap": [], "stacks": []}
    statuses = [
        requests.post(f"{server.url}{before}/symbolicate/v5", json=job, timeout=60).status_code
        for before in ("", f"/t/{key}")
    ]
    assert statuses == [403, 200]
    symbolication = visit("/symbolication", "stranger")
    expect(symbolication.get_by_role("heading", name="Symbolication")).to_be_visible()
