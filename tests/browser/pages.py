# SPDX-License-Identifier: MPL-2.0

"""All pages of the web app, and who may use them."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.people import Kind
from tests.support.started_server import wait_until
from tests.support.symbol_texts import HELLO_ID

EVERYBODY: tuple[Kind, ...] = ("nobody", "stranger", "uploader", "auditor", "superuser")
SIGNED_IN = EVERYBODY[1:]
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


KEY = f"walk.pdb/{HELLO_ID}/walk.sym"  # of a file that ``filled`` has
PHONE = 390  # px wide
WIDTHS = pytest.mark.parametrize("width", [PHONE, 1280])
_TRANSFER = """
(files) => {
  const transfer = new DataTransfer();
  for (const [name, bytes] of Object.entries(files)) transfer.items.add(new File([new Uint8Array(bytes)], name));
  return transfer;
}
"""
# What a page shows while it waits for data.
_WAITING = "main [aria-busy=true], main [data-waiting]"


def filter_list(page: Page, typed: str) -> None:
    """Type into the field of a list, ``size: >=10mb`` or free text, and apply it."""
    field = page.get_by_role("combobox", name=re.compile("^Filter "))
    field.fill(typed)
    field.press("Enter")


def drop(target: Locator, files: dict[str, bytes]) -> None:
    """Drop files onto an element. They cannot be large; those of a file chooser can."""
    contents = {name: list(content) for name, content in files.items()}
    transfer = target.page.evaluate_handle(_TRANSFER, contents)
    target.dispatch_event("drop", {"dataTransfer": transfer})


def slow_down(page: Page, *, latency_ms: int = 0, sent_per_second: int = -1) -> None:
    """Give the page a network that takes its time, or takes so many bytes a second."""
    conditions = {"latency": latency_ms, "uploadThroughput": sent_per_second}
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "downloadThroughput": -1, **conditions},
    )


def copied(page: Page, label: str) -> str:
    """Return what a button copies."""
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("button", name=label).click()

    def read() -> str:
        return str(page.evaluate("navigator.clipboard.readText()"))

    wait_until(lambda: read() != "", "it is copied")  # the button says so for two seconds only
    return read()


def wait_until_shown(page: Page) -> None:
    """Wait until the page stands, and waits for nothing any more."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.locator(_WAITING)).to_have_count(0)
