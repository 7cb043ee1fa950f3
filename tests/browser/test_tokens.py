# SPDX-License-Identifier: MPL-2.0

"""API tokens: made, used with curl, extended and deleted."""

import shlex
import subprocess
from pathlib import Path

import requests
from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import PHONE
from tests.browser.pages import filter_list
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID, hello, write_zip


def make_token(page: Page, label: str, permission: str = "Upload symbols") -> None:
    page.get_by_role("button", name="Create token").first.click()
    form = page.get_by_role("dialog", name="Create a token")
    form.get_by_role("checkbox", name=permission, exact=True).check()
    form.get_by_label("Label").fill(label)
    form.get_by_role("button", name="Create token").click()
    expect(page.get_by_role("heading", name="Store this key now")).to_be_visible()


def store_key(page: Page) -> None:
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_role("heading", name="Store this key now")).to_have_count(0)


@EMBEDDED_ONLY
def test_a_token_is_made_and_uploads_with_curl(
    visit: Visit, server: StartedServer, tmp_path: Path
) -> None:
    page = visit("/tokens", "sender")
    make_token(page, "nightly builds")
    assert_accessible(page)
    page.get_by_role("button", name="Copy: command").click()
    expect(page.get_by_role("button", name="Copied: command")).to_be_visible()
    command = page.evaluate("navigator.clipboard.readText()")
    write_zip(tmp_path / "symbols.zip", {f"curl.pdb/{HELLO_ID}/curl.sym": hello("curl.pdb")})
    sent = subprocess.run(
        [*shlex.split(command), "--fail", "--silent", "--show-error"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert sent.returncode == 0, sent.stderr

    store_key(page)
    row = page.get_by_role("row", name="nightly builds")
    expect(row).to_contain_text("Upload symbols")
    page.reload()
    expect(row).not_to_contain_text("Never")  # its use was noted
    assert_accessible(page)


@EMBEDDED_ONLY
def test_upload_and_try_go_into_different_tokens(go_to: Visit) -> None:
    page = go_to("/tokens", "sender")
    page.get_by_role("button", name="Create token").first.click()
    form = page.get_by_role("dialog", name="Create a token")
    expect(form.get_by_role("button", name="Create token")).to_be_disabled()
    form.get_by_role("checkbox", name="Upload symbols", exact=True).check()
    expect(form.get_by_role("checkbox", name="Upload try symbols")).to_be_disabled()
    form.get_by_role("combobox", name="How long it works").select_option("10 years")
    assert_accessible(page)


@EMBEDDED_ONLY
def test_a_token_holds_what_its_owner_may(visit: Visit) -> None:
    page = visit("/tokens", "auditor")
    page.get_by_role("button", name="Create token").first.click()
    form = page.get_by_role("dialog", name="Create a token")
    expect(form.get_by_role("checkbox")).to_have_count(1)
    expect(form.get_by_role("checkbox", name="View all uploads")).to_be_visible()


@EMBEDDED_ONLY
def test_leaving_before_the_key_is_stored_is_asked_about(go_to: Visit) -> None:
    page = go_to("/tokens", "sender")
    make_token(page, "kept in mind")
    page.get_by_role("link", name="Help", exact=True).click()
    question = page.get_by_role("dialog", name="The key is not stored yet")
    expect(question).to_be_visible()
    assert_accessible(page)
    question.get_by_role("button", name="Stay").last.click()
    expect(question).to_be_hidden()
    expect(page.get_by_role("heading", name="Store this key now")).to_be_visible()
    page.get_by_role("link", name="Help", exact=True).click()
    question.get_by_role("button", name="Leave without it").click()
    expect(page.get_by_role("heading", level=1, name="Help")).to_be_visible()


@EMBEDDED_ONLY
def test_a_token_is_extended_and_deleted_by_keyboard(go_to: Visit) -> None:
    page = go_to("/tokens", "sender", width=PHONE)
    make_token(page, "short life")
    store_key(page)
    page.get_by_role("button", name="Extend “short life”").press("Enter")
    question = page.get_by_role("dialog", name="Extend “short life”")
    question.get_by_role("combobox").select_option("1 day")
    question.get_by_role("button", name="Extend").press("Enter")
    expect(question).to_be_hidden()

    page.get_by_role("button", name="Delete “short life”").press("Enter")
    question = page.get_by_role("dialog", name="Delete “short life”?")
    expect(question).to_contain_text("It was never used.")
    assert_accessible(page)
    expect(question.get_by_role("button", name="Keep it").last).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(page.get_by_text("short life")).to_have_count(0)


@EMBEDDED_ONLY
def test_what_the_server_refuses_is_told_in_the_form(visit: Visit) -> None:
    page = visit("/tokens", "sender")
    page.get_by_role("button", name="Create token").first.click()
    form = page.get_by_role("dialog", name="Create a token")
    form.get_by_role("checkbox", name="Upload symbols", exact=True).check()
    page.context.clear_cookies()
    form.get_by_role("button", name="Create token").click()
    expect(form.get_by_role("alert")).to_contain_text("No token was made")


@EMBEDDED_ONLY
def test_a_superuser_finds_a_token_by_how_it_begins_and_ends_it(
    visit: Visit, server: StartedServer
) -> None:
    key = server.token("upload_symbols", email="lost@example.com")
    server.token("upload_symbols", email="kept@example.com")
    page = visit("/all-tokens", "superuser")
    lost = page.get_by_role("row").filter(has_text="lost@example.com")
    kept = page.get_by_role("row").filter(has_text="kept@example.com")
    expect(kept).to_be_visible()
    assert_accessible(page)
    filter_list(page, f"key begins:{key[:6]}")
    expect(kept).to_have_count(0)
    expect(lost).to_contain_text("Upload symbols")
    lost.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete").click()
    expect(lost).to_have_count(0)
    refused = requests.post(
        f"{server.url}/upload/auth_info/", headers={"Auth-Token": key}, timeout=30
    )
    assert refused.status_code == 403
