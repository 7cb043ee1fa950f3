# SPDX-License-Identifier: MPL-2.0

"""All pages of the web app, and who may use them."""

import re

from playwright.sync_api import Page, expect
from tests.browser.people import Kind

EVERYBODY: tuple[Kind, ...] = ("nobody", "stranger", "uploader", "auditor", "superuser")
SIGNED_IN = EVERYBODY[1:]
# Address -> who may use it. Numbers are those of what the fixture made.
PAGES: dict[str, tuple[Kind, ...]] = {
    "/": EVERYBODY,
    "/uploads": SIGNED_IN,
    "/uploads/upload": ("uploader", "superuser"),
    "/uploads/upload/{upload}": ("uploader", "auditor", "superuser"),
    "/uploads/created": ("auditor", "superuser"),
    "/uploads/browse": SIGNED_IN,  # shows what "/uploads" does, which is why it does not follow it
    "/uploads/files": ("auditor", "superuser"),
    "/uploads/files/file/{file}": ("uploader", "auditor", "superuser"),
    "/tokens": ("uploader", "auditor", "superuser"),
    "/users": ("superuser",),
    "/users/{user}": ("superuser",),
    "/all-tokens": ("superuser",),
    "/audit": ("superuser",),
    "/tasks": ("superuser",),
    "/sources": ("superuser",),
    "/downloads": EVERYBODY,
    "/downloads/missing": EVERYBODY,
    "/downloads/microsoft": EVERYBODY,
    "/symbolication": EVERYBODY,
    "/modules/walk.pdb": EVERYBODY,
    "/help": EVERYBODY,
}


NO_PAGE = "/no/such/page"
# What a page shows while it waits for data.
_WAITING = "main [aria-busy=true], main [data-waiting]"


def filter_list(page: Page, typed: str) -> None:
    """Type into the field of a list, ``size: >=10mb`` or free text, and apply it."""
    field = page.get_by_role("combobox", name=re.compile("^Filter "))
    field.fill(typed)
    field.press("Enter")


# As a link does; what stands on the page is marked, to be seen going.
_LEAVE = """
(path) => {
  document.querySelectorAll("main h1").forEach((element) => element.toggleAttribute("data-left", true));
  history.pushState({ ...history.state, idx: history.state.idx + 1 }, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
}
"""


def go_on_to(page: Page, path: str) -> None:
    """Go to another page without loading the app again, which costs three times as much; wait until it stands."""
    page.evaluate(_LEAVE, path)
    expect(page.locator("main h1[data-left]")).to_have_count(0)
    wait_until_shown(page)


def wait_until_shown(page: Page) -> None:
    """Wait until the page stands, and waits for nothing any more."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.locator(_WAITING)).to_have_count(0)
