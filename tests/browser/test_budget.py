# SPDX-License-Identifier: MPL-2.0

"""How much the first page costs who visits it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import Visit
from tests.browser.pages import wait_until_shown
from tests.browser.people import Kind
from tests.support.forms import EMBEDDED_ONLY

MAX_SCRIPT_BYTES = {"nobody": 150_000, "uploader": 200_000}  # as sent, compressed
_SENT = """
() => performance.getEntriesByType("resource")
  .filter((entry) => new URL(entry.name).pathname.endsWith(".js"))
  .map((entry) => [entry.name, entry.encodedBodySize, entry.decodedBodySize])
"""


def scripts_of(page: Page) -> list[tuple[str, int, int]]:
    """Return the address of each script, its size as sent, and as it is."""
    page.wait_for_load_state("networkidle")
    return [(str(name), int(sent), int(whole)) for name, sent, whole in page.evaluate(_SENT)]


@EMBEDDED_ONLY
@pytest.mark.parametrize(
    ("kind", "path"), [("nobody", "/"), ("uploader", "/"), ("uploader", "/uploads")]
)
def test_the_first_page_is_within_its_budget(
    visit: Visit, kind: Kind, path: str, record_property: Callable[[str, object], None]
) -> None:
    page = visit(path, kind, own=True)
    wait_until_shown(page)
    scripts = scripts_of(page)
    total = sum(sent for _name, sent, _whole in scripts)
    record_property("summary", f"{total:,} bytes of scripts")
    assert 0 < total < MAX_SCRIPT_BYTES[kind], scripts
    assert all(sent < whole for _name, sent, whole in scripts if whole > 1000), scripts
