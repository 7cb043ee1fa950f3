# SPDX-License-Identifier: MPL-2.0

"""Walking through pages as a person does: links are followed, forms are filled in and sent."""

import re
from html import unescape
from urllib.parse import urljoin

import requests


class Visitor:
    """A browser without scripts: it keeps cookies and knows the page it is on."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.page = requests.Response()

    def visit(self, url: str, *, follow: bool = True) -> requests.Response:
        """Go to a page."""
        self.page = self.session.get(url, allow_redirects=follow, timeout=30)
        return self.page

    def click(self, text: str) -> requests.Response:
        """Follow the link with a text."""
        found = re.search(rf'<a href="([^"]*)">{re.escape(text)}</a>', self.page.text)
        assert found, f"no link {text!r} on {self.page.url}: {self.page.text}"
        return self.visit(urljoin(self.page.url, unescape(found[1])))

    def submit(self, button: str = "", *, follow: bool = True, **typed: str) -> requests.Response:
        """Send the form of the page with what was typed, by a button that has a name or none."""
        fields: dict[str, str] = {}
        for tag in re.findall(r"<input[^>]*>", self.page.text):
            attributes = {
                name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)
            }
            if attributes.get("type") == "hidden":
                fields[attributes["name"]] = attributes.get("value", "")
        pressed = (
            re.search(rf'<button name="{button}" value="([^"]*)"', self.page.text)
            if button
            else None
        )
        if pressed:
            fields[button] = pressed[1]
        self.page = self.session.post(
            self.page.url,
            data=fields | typed,
            headers={"Referer": self.page.url},
            allow_redirects=follow,
            timeout=30,
        )
        return self.page
