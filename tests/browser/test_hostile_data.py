# SPDX-License-Identifier: MPL-2.0

"""Every page with names, emails, labels and ids that are as long as they can be and have no place to break.

Each is looked at in many widths. A browser's zoom of 200 % is half the width; a font of
twice the size, which people set in their browser, is a thing of its own.
"""

import re
from urllib.parse import quote

import pytest
import requests
from playwright.sync_api import Page, expect
from tests.browser.conftest import Visit
from tests.browser.pages import PAGES, wait_until_shown
from tests.browser.people import People, email_of
from tests.browser.watched_page import Windows
from tests.support.forms import EMBEDDED_ONLY
from tests.support.started_server import StartedServer
from tests.support.symbol_texts import write_zip

WIDTHS = (1440, 1024, 900, 768, 640, 390)
LONG = "n" * 140  # of what is asked for in vain, more is not kept
FILE = "LongNameOfAModule" * 13  # with its end no longer than a name of a file system may be
ID = "F" * 32 + "ffffffff".upper()
FUNCTION = "name_without_a_place_to_break" * 12
SYMBOLS = f"""MODULE Linux x86_64 {ID} {FILE}
INFO CODE_ID {"AB" * 40}
FILE 0 /{"folder" * 50}/{"file" * 50}.cc
FUNC 1000 40 0 {FUNCTION}
1000 40 1234567 0
"""
# Address -> what else is seen of it than the lists and details of ``PAGES``.
FOUND = f"/?find={FILE}/{ID}/{FILE}.sym"
MISSING = f"/?find={FILE}/{ID[:-1]}E/{FILE}.sym"
MODULE = f"/modules/{FILE}?id={ID}"
NO_MODULE = f"/modules/{FILE}?id={ID[:-1]}E"
STACK = "/symbolication#text=" + quote(
    f"It crashed: {LONG}\n0  {FILE} + 0x1012\n1  {LONG}.so + 0x9\n{FILE} {ID} 0x10000\n"
)

# Rows that are higher are taller than they are worth, and one sees few of them at once.
MAX_ROW_HEIGHT = 15  # rem, 240 px; a time of two words takes a line more than one of one
_WIDE = """
() => {
  const room = document.documentElement.clientWidth;
  const isHidden = (element) => element.closest('[aria-hidden=true]');
  const wide = document.documentElement.scrollWidth > room
    ? [...document.querySelectorAll("body *")].filter(
        (element) => element.getBoundingClientRect().right > room + 1 && !isHidden(element))
    : [];
  const last = wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)));
  return last.slice(0, 3).map((element) =>
    `${Math.round(element.getBoundingClientRect().right)} px: ${element.outerHTML.slice(0, 300)}`);
}
"""
_HIGH = """
(max) => [...document.querySelectorAll("main tbody tr")]
  .map((row) => [row.getBoundingClientRect().height / parseFloat(getComputedStyle(document.documentElement).fontSize), row.innerText.slice(0, 200)])
  .filter(([height]) => height > max).slice(0, 3).map(([height, text]) => `${height} rem high: ${text}`)
"""
# Two frames: a list folds its columns once it has been told of its new width.
_SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="package")
def hostile(
    windows: Windows,
    server: StartedServer,
    people: People,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, str]:
    """Long symbols, lookups and labels at the server; returns the addresses of all pages with them."""
    archive = tmp_path_factory.mktemp("hostile") / "long.zip"
    write_zip(archive, {f"{FILE}/{ID}/{FILE}.sym": SYMBOLS})
    sent = server.upload(archive, people.token("hostile"), "archive" * 35 + ".zip")
    assert sent.status_code == 201, sent.text
    for name in (LONG, f"{LONG}.pdb"):
        key = f"{name}/{ID}/{name}.sym"
        asked = requests.get(
            f"{server.url}/{key}", params={"code_file": LONG, "code_id": "C" * 140}, timeout=60
        )
        assert asked.status_code == 404
    numbers = {"upload": sent.json()["upload"]["id"]}
    for name, table, column, value in (
        ("user", "accounts_user", "email", email_of("hostile")),
        ("file", "upload_fileupload", "debug_id", ID),
    ):
        [(numbers[name],)] = server.rows(f"SELECT id FROM {table} WHERE {column} = '{value}'")  # noqa: S608 - ours
    windows.standing.clear()  # lists that were loaded before only offer what is new
    found = {path: path.format_map(numbers) for path in PAGES}
    return found | {
        "found": FOUND,
        "missing": MISSING,
        "module": MODULE,
        "no module": NO_MODULE,
        "stack": STACK,
    }


def troubles(page: Page) -> list[str]:
    """What sticks out of the window, and which rows are too high, in each width and with a large font."""
    found: list[str] = []

    def look(name: str) -> None:
        page.evaluate(_SETTLED)
        seen = page.evaluate(_WIDE) + page.evaluate(_HIGH, MAX_ROW_HEIGHT)
        found.extend(f"{name}: {trouble}" for trouble in seen)

    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        look(str(width))
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    look("1280, large font")
    page.evaluate("document.documentElement.style.fontSize = ''")  # others look at it, too
    return found


@EMBEDDED_ONLY
@pytest.mark.parametrize("path", [*PAGES, "found", "missing", "module", "no module", "stack"])
def test_nothing_is_wider_than_the_window(go_to: Visit, hostile: dict[str, str], path: str) -> None:
    page = go_to(hostile[path], "hostile" if path == "/tokens" else "superuser", WIDTHS[0])
    if path in {"found", "missing"}:  # they lead to the module
        expect(page).to_have_url(re.compile("/modules/"))
    if path == "stack":
        stack = page.get_by_role("region", name="Stack", exact=True)
        expect(stack.locator("> div > ol > li")).to_have_count(2)
    wait_until_shown(page)
    found = troubles(page)
    assert not found, "\n".join(found)
