# SPDX-License-Identifier: MPL-2.0

"""The lookup box in the top bar, and the page of a module that it leads to."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Visit
from tests.browser.layout import DESKTOP, PHONE, assert_no_sideways_scroll
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import HELLO_ID

pytestmark = pytest.mark.usefixtures("filled")

KEY = f"walk.pdb/{HELLO_ID}/walk.sym"


def look_up(page: Page, text: str) -> None:
    """Type a text into the box, to which a slash leads from anywhere."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="Look up a file or module")
    expect(box).to_be_focused()
    page.keyboard.insert_text(text)


@EMBEDDED_ONLY
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_a_name_leads_to_its_ids_and_one_of_them_to_its_upload(go_to: Visit, width: int) -> None:
    page = go_to("/help", "uploader", width=width)
    look_up(page, "WALK")
    option = page.get_by_role("option", name=re.compile("walk.pdb"))
    expect(option).to_contain_text("1 id")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/modules/walk.pdb$"))
    expect(page.get_by_text("1 id of walk.pdb is here.")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.get_by_role("list", name="Ids of this name").get_by_role("link", name="Upload").click()
    expect(page).to_have_url(re.compile(r"/uploads/upload/\d+$"))


@EMBEDDED_ONLY
@pytest.mark.parametrize("pasted", ["key", "url", "id", "guid", "module line", "name and id"])
def test_whatever_was_copied_leads_there(go_to: Visit, filled: StartedServer, pasted: str) -> None:
    guid = HELLO_ID[:32].lower()
    dashed = "-".join((guid[:8], guid[8:12], guid[12:16], guid[16:20], guid[20:]))
    text = {
        "key": KEY,
        "url": f"{filled.url}/{KEY}?_refresh",
        "id": HELLO_ID,
        "guid": f"{{{dashed}}}, {HELLO_ID[32:]}",
        "module line": f"MODULE windows x86_64 {HELLO_ID} walk.pdb",
        "name and id": f"walk.pdb {HELLO_ID.lower()}",
    }[pasted]
    page = go_to("/help", "uploader")
    look_up(page, text)
    page.keyboard.press("Enter")
    name = r"\w+" if pasted in {"id", "guid"} else "walk"  # other tests upload others with that id
    expect(page).to_have_url(
        re.compile(f"/modules/{name}.pdb[?]id={HELLO_ID}$|/uploads/files/file/")
    )
    expect(page.get_by_text(re.compile(f"^(?:Found|{name}.sym)$")).first).to_be_visible()


@EMBEDDED_ONLY
def test_a_stranger_is_told_what_a_download_tells(visit: Visit) -> None:
    page = visit("/help")
    look_up(page, "walk")
    expect(page.get_by_text("Sign in to search by name")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.insert_text(KEY)
    expect(page.get_by_role("option")).to_contain_text("Found")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Download", exact=True)).to_have_attribute(
        "href", f"/{KEY}"
    )
    assert_accessible(page)


@EMBEDDED_ONLY
def test_a_missing_id_is_told_with_what_can_be_done(go_to: Visit) -> None:
    page = go_to(f"/modules/walk.pdb?id={HELLO_ID[:-1]}7", "uploader")
    expect(page.get_by_text("No source of this server has it.")).to_be_visible()
    expect(page.get_by_role("link", name="Upload its symbols")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile(f"^{HELLO_ID[:12]}")).click()
    expect(page.get_by_text("Found", exact=True)).to_be_visible()


@EMBEDDED_ONLY
def test_on_a_phone_escape_gives_the_focus_back(visit: Visit) -> None:
    page = visit("/help", width=PHONE)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    button = page.get_by_role("button", name="Look something up")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(page.get_by_role("combobox")).to_have_count(0)
