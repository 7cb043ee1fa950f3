# SPDX-License-Identifier: MPL-2.0

"""A page that notes what it should not do."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Request


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
