# SPDX-License-Identifier: MPL-2.0

"""The lists of uploads, files and days, one upload and one file."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.accessibility import assert_accessible, assert_fits_and_is_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE, WIDTHS, assert_no_sideways_scroll
from tests.browser.pages import filter_list
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip

KEY = f"walk.pdb/{HELLO_ID}/walk.sym"

pytestmark = pytest.mark.usefixtures("filled")


@pytest.fixture(scope="session")
def demo(filled: StartedServer) -> StartedServer:
    """The server with the demo, too."""
    loaded = filled.command("demo", "--yes")
    assert loaded.returncode == 0, loaded.stderr
    return filled


def rows_of(page: Page) -> Locator:
    """The first cell of each row, of a list that has come; boxes that choose rows are none."""
    expect(page.locator("table[aria-busy=false]")).to_be_visible()
    return page.locator("tbody td:first-child:not([data-box]), tbody [data-box] + td")


@EMBEDDED_ONLY
def test_the_list_leads_to_an_upload_and_to_its_file(go_to: Visit) -> None:
    page = go_to("/uploads", "uploader")
    expect(rows_of(page)).to_have_text(["second.zip", "walk.zip"])
    page.get_by_role("link", name="walk.zip").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^Upload \d+$"))
    expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("walk.sym")).click()
    expect(page.get_by_role("heading", level=1, name="walk.sym")).to_be_visible()
    expect(page.get_by_text(KEY, exact=True)).to_be_visible()
    sources = page.get_by_role("listitem").filter(has=page.locator("strong"))
    expect(sources.filter(has_text="Found")).to_have_count(1)
    expect(sources.filter(has_text="Try").filter(has_text="Not there")).to_have_count(1)
    assert_accessible(page)
    download = page.get_by_role("link", name="Download", exact=True).get_attribute("href")
    assert download is not None
    assert page.request.get(download).text().startswith("MODULE windows")
    symbolicate = page.get_by_role("link", name="Symbolicate with this module")
    expect(symbolicate).to_have_attribute("href", re.compile(f"walk.pdb%2F{HELLO_ID}"))
    unified = page.get_by_text(re.compile("/unified/.*/breakpad")).text_content()
    assert unified is not None
    assert page.request.get(unified).text().startswith("MODULE windows")


@EMBEDDED_ONLY
def test_a_filter_is_in_the_address_and_a_chip_removes_it(visit: Visit) -> None:
    page = visit("/uploads", "uploader")
    filter_list(page, "archive:walk")
    expect(page).to_have_url(re.compile(r"\?filename=walk$"))
    expect(page.get_by_role("link", name="second.zip")).to_be_hidden()
    page.reload()
    expect(rows_of(page)).to_have_text(["walk.zip"])
    page.get_by_role("button", name="Remove the filter Archive walk").click()
    expect(page.get_by_role("link", name="second.zip")).to_be_visible()


@EMBEDDED_ONLY
def test_what_is_wrong_with_a_filter_stands_under_its_field(go_to: Visit) -> None:
    page = go_to("/uploads?size=heavy", "uploader")
    field = page.get_by_label("Size", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("'heavy'")).to_be_visible()


@EMBEDDED_ONLY
def test_a_wrong_filter_keeps_the_rows_and_has_the_focus(go_to: Visit) -> None:
    page = go_to("/uploads", "uploader")
    expect(rows_of(page)).to_have_count(2)
    filter_list(page, "size: heavy")
    field = page.get_by_role("textbox", name="Size")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("'heavy' is not a size")).to_be_visible()
    expect(rows_of(page)).to_have_text(["second.zip", "walk.zip"])
    rows_of(page).first.hover()  # it is read while it is old
    assert_accessible(page)
    field.fill("< 1gb")
    field.press("Enter")
    expect(page.get_by_role("button", name="Change the filter Size < 1gb")).to_be_visible()
    expect(page).to_have_url(re.compile("size=%3C\\+1gb$"))


@EMBEDDED_ONLY
def test_a_filter_is_made_and_changed_with_the_keyboard(go_to: Visit) -> None:
    page = go_to("/uploads", "uploader")
    rows_of(page)
    page.get_by_role("combobox", name="Filter uploads").focus()
    page.keyboard.type("arch")
    expect(page.get_by_role("option")).to_have_text([re.compile("^Archive")])
    assert_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Archive")).to_be_focused()
    page.keyboard.type("walk")
    page.keyboard.press("Enter")
    expect(rows_of(page)).to_have_text(["walk.zip"])
    page.keyboard.press("Backspace")
    expect(page.get_by_role("textbox", name="Archive")).to_have_value("walk")
    page.keyboard.press("Control+a")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    expect(rows_of(page)).to_have_count(2)
    page.keyboard.type("kind:")  # it becomes a chip by its colon
    chosen = page.get_by_role("combobox", name="Kind")
    chosen.select_option("Try")
    chosen.press("Enter")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


@EMBEDDED_ONLY
def test_free_text_and_a_row_that_opens_by_any_click(go_to: Visit) -> None:
    page = go_to("/uploads", "uploader")
    filter_list(page, "WALK")
    expect(page).to_have_url(re.compile(r"\?q=WALK$"))
    expect(rows_of(page)).to_have_text(["walk.zip"])
    size = page.get_by_role("cell").last
    for click in ({"button": "middle"}, {"modifiers": ["Control"]}):
        with page.context.expect_page() as opened:
            size.click(**click)
        expect(opened.value).to_have_url(re.compile(r"/uploads/upload/\d+$"))
    expect(page).to_have_url(re.compile(r"\?q=WALK$"))
    size.click()
    expect(page).to_have_url(re.compile(r"/uploads/upload/\d+$"))


@EMBEDDED_ONLY
@pytest.mark.parametrize("path", ["/uploads", "/uploads/files"])
def test_the_first_row_is_near_to_the_title(go_to: Visit, path: str) -> None:
    page = go_to(path, "auditor")
    first = rows_of(page).first.bounding_box()
    title = page.get_by_role("heading", level=1).bounding_box()
    assert first is not None
    assert title is not None
    assert first["y"] - title["y"] <= 200


@EMBEDDED_ONLY
def test_several_uploads_are_deleted_at_once(
    server: StartedServer, sender_token: str, visit: Visit, tmp_path: Path
) -> None:
    for name in ("several1", "several2"):
        key = f"{name}.pdb/{HELLO_ID}/{name}.sym"
        archive = write_zip(tmp_path / f"{name}.zip", {key: hello(f"{name}.pdb")})
        assert server.upload(archive, sender_token, f"{name}.zip").status_code == 201
    page = visit("/uploads?filename=several", "sender")
    rows_of(page)
    page.get_by_role("checkbox", name="Choose all rows of this page").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete the files of 2 uploads?")
    dialog.get_by_label("Reason").fill("built from the wrong tree")
    assert_accessible(page)
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_text("1 removed")).to_have_count(2)
    assert_accessible(page)
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator("tbody").get_by_text("Deleted")).to_have_count(2)
    expect(page.get_by_role("checkbox")).to_have_count(0)


@EMBEDDED_ONLY
def test_who_has_uploaded_nothing_is_told_how_to(visit: Visit) -> None:
    page = visit("/uploads", "stranger")
    expect(page.get_by_role("heading", name="Nothing was uploaded yet")).to_be_visible()
    expect(page.get_by_text("tecken upload --url http://")).to_be_visible()
    expect(page.get_by_role("link", name="Upload symbols")).to_be_hidden()
    assert_accessible(page)


@EMBEDDED_ONLY
def test_only_who_sees_all_is_shown_users_files_and_days(go_to: Visit) -> None:
    own = go_to("/uploads", "uploader")
    rows_of(own)
    own.get_by_role("button", name="Add filter").click()
    expect(own.get_by_role("option", name="Archive")).to_be_visible()
    expect(own.get_by_role("option", name="User")).to_have_count(0)
    expect(own.get_by_role("link", name="By day")).to_be_hidden()
    page = go_to("/uploads?user=%3Duploader@example.com", "auditor")
    expect(rows_of(page)).to_have_text(["second.zip", "walk.zip"])
    expect(page.locator("tbody")).to_contain_text("uploader@example.com")
    page.get_by_role("link", name="Files", exact=True).click()
    expect(page.get_by_role("combobox", name="Filter files")).to_be_visible()
    filter_list(page, "key:walk")
    expect(page).to_have_url(re.compile(r"/uploads/files\?key=walk$"))
    expect(rows_of(page)).to_have_text(["walk.sym"])


@EMBEDDED_ONLY
def test_the_upload_of_another_is_refused_in_the_servers_words(
    visit: Visit, server: StartedServer
) -> None:
    [(upload_id,)] = server.rows("SELECT id FROM upload_upload WHERE filename = 'walk.zip'")
    page = visit(f"/uploads/upload/{upload_id}", "stranger")
    expect(page.get_by_role("alert").filter(has_text="Forbidden")).to_be_visible()


@pytest.mark.usefixtures("counted")
def test_days_are_counted_and_a_superuser_has_them_counted_again(visit: Visit) -> None:
    page = visit("/uploads/created", "auditor")
    expect(rows_of(page).first).to_be_visible()
    expect(page.get_by_role("button", name="Count the last")).to_be_hidden()
    page = visit("/uploads/created", "superuser")
    page.get_by_role("button", name="Count the last 30 days again").click()
    expect(page.get_by_text(re.compile("had uploads"))).to_be_visible()


@EMBEDDED_ONLY
def test_every_state_of_the_demo_can_be_looked_at(go_to: Visit, demo: StartedServer) -> None:
    page = go_to("/uploads?completed_at=incomplete", "auditor")
    page.get_by_role("link", name="demo-1.1-mac-symbols.zip").click()
    note = page.get_by_role("note")
    expect(note).to_contain_text("1 file is not stored yet")
    expect(page.get_by_role("button", name="Check again")).to_be_visible()
    assert_accessible(page)
    skipping = demo.rows(
        "SELECT id FROM upload_upload WHERE filename = 'demo-1.0-windows-symbols.zip' ORDER BY id"
    )
    page = go_to(f"/uploads/upload/{skipping[1][0]}", "auditor")
    expect(page.get_by_role("tab", name="Skipped (3)")).to_have_attribute("aria-selected", "true")
    page.get_by_label("Key", exact=True).fill("ENGINE")
    expect(page.get_by_role("status").filter(has_text="1 of 3")).to_be_visible()
    expect(page.get_by_role("heading", name="Other uploads of the same archive")).to_be_visible()
    assert_accessible(page)
    page = go_to("/uploads?try_symbols=true&user=try@demo.example", "auditor")
    expect(rows_of(page)).to_have_text(["demo-1.2-try-symbols.zip"])


@EMBEDDED_ONLY
@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("path", ["/uploads", "/uploads/files", "/uploads/created"])
def test_lists_fit_a_phone(visit: Visit, path: str) -> None:
    # On a page that had the list before, the demo's uploads would be offered as new.
    page = visit(path, "auditor", width=PHONE)
    expect(rows_of(page).nth(5)).to_be_visible()
    assert_no_sideways_scroll(page)
    assert_accessible(page)


@EMBEDDED_ONLY
@pytest.mark.usefixtures("demo")
def test_details_fit_a_phone(go_to: Visit, server: StartedServer) -> None:
    [(upload_id, file_id)] = server.rows(
        "SELECT upload_id, id FROM upload_fileupload WHERE key LIKE '%walk.sym'"
    )
    page = go_to(f"/uploads/upload/{upload_id}", "auditor", width=PHONE)
    expect(page.get_by_role("link", name=re.compile("walk.sym"))).to_be_visible()
    assert_no_sideways_scroll(page)
    page = go_to(f"/uploads/files/file/{file_id}", "auditor", width=PHONE)
    expect(page.get_by_text("Found")).to_be_visible()
    assert_no_sideways_scroll(page)
    assert_accessible(page)


@EMBEDDED_ONLY
def test_an_upload_is_deleted_by_who_sent_it(
    server: StartedServer, sender_token: str, visit: Visit, tmp_path: Path
) -> None:
    key = f"wrong.pdb/{HELLO_ID}/wrong.sym"
    archive = write_zip(tmp_path / "wrong.zip", {key: hello("wrong.pdb")})
    sent = server.upload(archive, sender_token, "wrong.zip").json()["upload"]["id"]
    page = visit(f"/uploads/upload/{sent}", "auditor")
    expect(page.get_by_role("tab", name="Stored (1)")).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    page = visit(f"/uploads/upload/{sent}", "sender")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("What was replaced does not return")
    expect(dialog.get_by_role("button", name="Delete")).to_be_disabled()
    dialog.get_by_label("Reason").fill("built from the wrong tree")
    assert_fits_and_is_accessible(page)
    dialog.get_by_role("button", name="Delete").click()  # on a phone
    expect(page.get_by_role("note")).to_contain_text("Reason: built from the wrong tree")
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    assert_fits_and_is_accessible(page)
    page.get_by_role("link", name=re.compile("wrong.sym")).click()
    expect(page.get_by_role("note")).to_contain_text("Its object is removed.")
    expect(page.get_by_role("link", name="Symbolicate with this module")).to_have_count(0)
    assert page.request.get(f"/{key}").status == 404
