# SPDX-License-Identifier: MPL-2.0

"""Pictures of every page of the web app, in both themes, at the width of a desktop and of a phone.

A server of its own is started and filled by ``tecken demo``. ``--empty`` is for looking at a server on which nothing
has happened yet.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page
from tests.browser.chromium import started_chromium
from tests.browser.people import sign_in
from tests.support.started_server import StartedServer

REPOSITORY = Path(__file__).parents[1]
WIDTHS = {1440: 900, 390: 844}
MAX_HEIGHT = 1200  # of a page that is longer than the window

ROOT = "root@example.com"
BUILDER = "builder@demo.example"


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it; ``prepare`` does something on it before."""

    name: str
    path: str
    person: str | None = ROOT
    prepare: Callable[[Page], None] = lambda page: None


def symbolicate_an_example(page: Page) -> None:
    page.get_by_role("button", name="Tombstone").click()
    page.get_by_role("button", name="Symbolicate").click()


PICTURES = (
    Picture("welcome", "/", person=None),
    Picture("home", "/", person=BUILDER),
    Picture("home-superuser", "/"),
    Picture("uploads", "/uploads"),
    Picture("upload-form", "/uploads/upload", person=BUILDER),
    Picture("upload", "/uploads/upload/{upload}"),
    Picture("uploads-by-day", "/uploads/created"),
    Picture("files", "/uploads/files"),
    Picture("file", "/uploads/files/file/{file}"),
    Picture("module", "/modules/libdemo-engine.so"),
    Picture("sources", "/sources"),
    Picture("tokens", "/tokens", person=BUILDER),
    Picture("users", "/users"),
    Picture("user", "/users/{user}"),
    Picture("all-tokens", "/all-tokens"),
    Picture("audit", "/audit"),
    Picture("tasks", "/tasks"),
    Picture("downloads", "/downloads", person=None),
    Picture("missing", "/downloads/missing", person=None),
    Picture("microsoft", "/downloads/microsoft", person=None),
    Picture("symbolication", "/symbolication", person=None, prepare=symbolicate_an_example),
    Picture("help", "/help", person=None),
    Picture("not-found", "/no/such/page", person=None),
)


def main() -> None:
    options = _options()
    options.into.mkdir(parents=True, exist_ok=True)
    with started_server() as server, started_chromium() as browser:
        if not options.empty:
            _fill(server)
        _command(server, "superuser", ROOT)
        for scheme in ("light", "dark"):
            studio = Studio(server, browser, scheme)
            ids = studio.first_ids()
            for picture in PICTURES:
                if picture.name in (options.only or (picture.name,)):
                    for path in studio.take(picture, ids, options.into):
                        print(path)


class Studio:
    """Takes pictures with one browser, in which several people are signed in apart."""

    def __init__(
        self, server: StartedServer, browser: Browser, scheme: Literal["light", "dark"]
    ) -> None:
        self._server = server
        self._browser = browser
        self._scheme = scheme
        self._contexts: dict[str | None, BrowserContext] = {}

    def first_ids(self) -> dict[str, int]:
        """Return the numbers of the newest upload and file, and of a user."""
        asked = self._context(ROOT).request
        found = {
            "upload": _first_id(asked, "/api/uploads/?user=release@", "uploads"),
            "file": _first_id(asked, "/api/uploads/files/?key=demo-engine", "files"),
            "user": _first_id(asked, f"/api/_users/?email={BUILDER}", "users"),
        }
        return {name: number for name, number in found.items() if number is not None}

    def take(self, picture: Picture, ids: Mapping[str, int], folder: Path) -> Iterator[Path]:
        """Write a picture for each width, unless the page is about something that is not there."""
        try:
            path = picture.path.format_map(ids)
        except KeyError:
            return
        suffix = "-dark" if self._scheme == "dark" else ""
        for width, height in WIDTHS.items():
            page = self._context(picture.person).new_page()
            page.set_viewport_size({"width": width, "height": height})
            page.goto(path)
            _wait_until_shown(page)
            picture.prepare(page)
            _wait_until_shown(page)
            length = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(length, MAX_HEIGHT)})
            target = folder / f"{picture.name}-{width}{suffix}.png"
            page.screenshot(path=target, animations="disabled", caret="hide")
            page.close()
            yield target

    def _context(self, person: str | None) -> BrowserContext:
        if person not in self._contexts:
            context = self._browser.new_context(
                base_url=self._server.url,
                color_scheme=self._scheme,
                reduced_motion="reduce",
            )
            if person is not None:
                sign_in(self._server, context, person)
            self._contexts[person] = context
        return self._contexts[person]


@contextmanager
def started_server() -> Iterator[StartedServer]:
    """A server whose data are gone with it."""
    with tempfile.TemporaryDirectory() as folder:
        server = StartedServer(Path(folder) / "data")
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _fill(server: StartedServer) -> None:
    """Load the demo, and the module of the examples on the page of symbolication."""
    _command(server, "demo", "--yes")
    token = server.token("upload_symbols", email=BUILDER)
    _command(server, "upload", "--token", token, str(REPOSITORY / "examples" / "hello.sym"))


def _wait_until_shown(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.locator("h1").first.wait_for()
    page.locator("main [aria-busy=true]").first.wait_for(state="hidden")


def _first_id(asked: APIRequestContext, path: str, name: str) -> int | None:
    rows = asked.get(path).json()[name]
    return rows[0]["id"] if rows else None


def _command(server: StartedServer, *arguments: str) -> None:
    done = server.command(*arguments)
    if done.returncode != 0:
        raise SystemExit(done.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "screenshots")
    parser.add_argument("--empty", action="store_true", help="of a server without anything")
    parser.add_argument("only", nargs="*", help="names of pictures, all if none is given")
    return parser.parse_args()


if __name__ == "__main__":
    main()
