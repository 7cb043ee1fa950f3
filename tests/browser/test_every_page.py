# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Every page with something on it: its address, its looks, and who sees it."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import assert_no_sideways_scroll
from tests.browser.people import Kind, People, email_of
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer

EVERYBODY: tuple[Kind, ...] = ("nobody", "stranger", "uploader", "auditor", "superuser")
SIGNED_IN = EVERYBODY[1:]
PHONE = 390
# Address -> who may use it. Numbers are those of what the fixture made.
PAGES: dict[str, tuple[Kind, ...]] = {
    "/": EVERYBODY,
    "/uploads": SIGNED_IN,
    "/uploads/browse": SIGNED_IN,
    "/uploads/upload": ("uploader", "superuser"),
    "/uploads/upload/{upload}": ("uploader", "auditor", "superuser"),
    "/uploads/created": ("auditor", "superuser"),
    "/uploads/files": ("auditor", "superuser"),
    "/uploads/files/file/{file}": ("uploader", "auditor", "superuser"),
    "/tokens": ("uploader", "auditor", "superuser"),
    "/users": ("superuser",),
    "/users/{user}": ("superuser",),
    "/audit": ("superuser",),
    "/downloads": EVERYBODY,
    "/downloads/missing": EVERYBODY,
    "/downloads/microsoft": EVERYBODY,
    "/symbolication": EVERYBODY,
    "/help": EVERYBODY,
}


@pytest.fixture(scope="module")
def addresses(filled: StartedServer, people: People) -> dict[str, str]:
    """The addresses of all pages, with the numbers of an upload, a file and a user."""
    for kind in SIGNED_IN:
        people.kept(kind)
    [(user,)] = filled.rows(
        f"SELECT id FROM accounts_user WHERE email = '{email_of('uploader')}'"  # noqa: S608 - ours
    )
    [(upload,)] = filled.rows("SELECT min(id) FROM upload_upload")
    [(file,)] = filled.rows("SELECT min(id) FROM upload_fileupload")
    numbers = {"user": user, "upload": upload, "file": file}
    return {path: path.format_map(numbers) for path in PAGES}


def wait_until_shown(page: Page) -> None:
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_reached_by_its_address_and_reloaded(
    visit: Visit, addresses: dict[str, str], path: str
) -> None:
    page = visit(addresses[path], PAGES[path][0])
    wait_until_shown(page)
    title = page.title()
    assert title.removesuffix(" · Tecken") == (
        "Tecken" if path == "/" else page.get_by_role("heading", level=1).first.inner_text()
    )
    answer = page.reload()
    assert answer is not None
    assert answer.status == 200
    wait_until_shown(page)
    assert page.title() == title


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


@EMBEDDED_ONLY
@pytest.mark.parametrize("kind", EVERYBODY)
def test_people_see_what_they_may(visit: Visit, addresses: dict[str, str], kind: Kind) -> None:
    page = visit("/", kind)
    for path, who in PAGES.items():
        page.goto(addresses[path])
        wait_until_shown(page)
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
