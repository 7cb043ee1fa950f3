# SPDX-License-Identifier: MPL-2.0

"""Pages that note what they should not do, and are kept for who comes next."""

import re
from collections import defaultdict

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Request
from tests.browser.people import Kind

PATIENCE_MS = 60_000  # of a machine that does much else; nothing that works takes as long


class WatchedPage:
    """The page of a context of its own. ``allowed`` are troubles that a test means to cause."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self._url = url
        self._troubles: list[str] = []
        self.page = context.new_page()
        self.page.on("console", self._note_message)
        self.page.on("pageerror", self._note_error)
        self.page.on("request", self._note_request)

    def begin(self, cookies: dict[str, str], width: int) -> None:
        """Make it the page of whoever has these cookies."""
        self._context.add_cookies(
            [
                {"name": name, "value": value, "url": self._url, "httpOnly": True}
                for name, value in cookies.items()
            ]
        )
        self.page.set_viewport_size({"width": width, "height": 800})

    def tidy(self) -> list[str]:
        """Close what it opened, forget what it kept, point at nothing, and return what it did."""
        for page in self._context.pages:
            if page != self.page:
                page.close()
        self.page.mouse.move(0, 0)
        self.page.evaluate("localStorage.clear(), sessionStorage.clear()")
        return self.told()

    def leave(self) -> list[str]:
        """Leave it as a new one is, but for what the browser caches, and return what it did."""
        troubles = self.tidy()
        self.page.goto("about:blank")
        self.page.emulate_media(
            media="screen", color_scheme="light", reduced_motion="no-preference"
        )
        self._context.clear_cookies()
        self.told()  # it is left, and what it says of that is no trouble
        return troubles

    def close(self) -> list[str]:
        """Close it, and return what it did."""
        self._context.close()
        return self.told()

    def told(self) -> list[str]:
        """Return what it did since this was asked."""
        told, self._troubles = self._troubles, []
        return told

    def _note_message(self, message: ConsoleMessage) -> None:
        # A browser logs each answer that is an error; what the page makes of it is tested.
        is_answer = re.match(r"Failed to load resource: ", message.text)
        if message.type in {"error", "warning"} and not is_answer:
            self._troubles.append(f"{message.type}: {message.text}")

    def _note_error(self, error: Error) -> None:
        self._troubles.append(f"thrown: {error}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._url}/", "blob:")):
            self._troubles.append(f"asked another host: {request.url}")


class Windows:
    """The windows of a browser, each of which belongs to one server.

    To open one and load the app takes twice as long as to load it again, and that several times as long as to
    go on to another page. So tests leave what they have had: ``free`` are nobody's, and on those that
    are ``standing`` somebody stays signed in.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._opened: list[WatchedPage] = []
        self.free: defaultdict[str, list[WatchedPage]] = defaultdict(list)
        self.standing: dict[tuple[str, Kind], WatchedPage] = {}

    def open(self, url: str) -> WatchedPage:
        """Open a window at the server of an address, of nobody as yet."""
        context = self._browser.new_context(
            base_url=url, permissions=["clipboard-read", "clipboard-write"]
        )
        context.set_default_timeout(PATIENCE_MS)
        self._opened.append(WatchedPage(context, url))
        return self._opened[-1]

    def close(self) -> None:
        for page in self._opened:
            page.close()
