# SPDX-License-Identifier: MPL-2.0

"""The people who visit a server with a browser, and what its pages do that they should not."""

import re

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError
from tests.browser.people import Kind, session_of
from tests.support.started_server import StartedServer

PATIENCE_MS = 60_000  # of a machine that does much else; nothing that works takes as long

# A page of the server without the app: a page of nobody would end the process that has the app compiled.
EMPTY = "/__version__"


class Visitors:
    """A context for each person at each server, and pages in it: they have the app already when a test opens them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: dict[tuple[str, Kind], BrowserContext] = {}
        self._open: list[Page] = []
        self._troubles: list[str] = []

    def page(self, server: StartedServer, kind: Kind, *, first: bool) -> Page:
        """Return an empty page of somebody who is signed in; at a ``first`` visit the browser has kept nothing."""
        key = (server.url, kind)
        if first and key in self._contexts:
            self._contexts.pop(key).close()
        if key not in self._contexts:
            self._contexts[key] = self._new_context(server.url)
        context = self._contexts[key]
        if kind != "nobody":
            session = {"name": "sessionid", "value": session_of(server, kind), "url": server.url}
            context.add_cookies([{**session, "httpOnly": True, "sameSite": "Lax"}])
        free = [page for page in context.pages if page not in self._open]
        page = free[0] if free else context.new_page()
        self._open.append(page)
        return page

    def leave(self) -> list[str]:
        """Leave all pages, forget what they have kept, and return what they did."""
        left = {page.context for page in self._open}
        self._open.clear()
        for context in left:
            for page in context.pages:
                page.evaluate("localStorage.clear(), sessionStorage.clear()")
                page.emulate_media(color_scheme="null", media="null", reduced_motion="reduce")
                page.goto(EMPTY)
            for page in context.pages[1:]:
                page.close()
            context.clear_cookies()
        troubles, self._troubles = self._troubles, []
        return troubles

    def _new_context(self, url: str) -> BrowserContext:
        context = self._browser.new_context(
            base_url=url,
            permissions=["clipboard-read", "clipboard-write"],
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)

        def note_message(message: ConsoleMessage) -> None:
            # A browser logs each answer that is an error; what the page makes of it is tested.
            is_answer = re.match(r"Failed to load resource: ", message.text)
            if message.type in {"error", "warning"} and not is_answer:
                self._troubles.append(f"{message.type}: {message.text}")

        def note_error(thrown: WebError) -> None:
            self._troubles.append(f"thrown: {thrown.error}")

        def note_request(request: Request) -> None:
            if not request.url.startswith((f"{url}/", "blob:")):
                self._troubles.append(f"asked another host: {request.url}")

        context.on("console", note_message)
        context.on("weberror", note_error)
        context.on("request", note_request)
        return context
