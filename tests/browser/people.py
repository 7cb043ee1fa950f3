# SPDX-License-Identifier: MPL-2.0

"""The kinds of people who use the web app, signed in by the link that a command prints."""

from typing import Literal

from playwright.sync_api import Browser, BrowserContext, StorageState
from tests.support.started_server import StartedServer

Kind = Literal["nobody", "stranger", "trier", "uploader", "auditor", "superuser"]

_GROUPS: dict[Kind, str] = {"uploader": "Uploaders", "auditor": "Upload Auditors"}


def email_of(kind: Kind) -> str:
    return f"{kind}@example.com"


class People:
    """Signs people in at one server, each once: what their browsers keep is used again."""

    def __init__(self, server: StartedServer, browser: Browser) -> None:
        self._server = server
        self._browser = browser
        self._kept: dict[Kind, StorageState] = {}

    def kept(self, kind: Kind) -> StorageState | None:
        """Return what the browser of somebody who is signed in keeps; nothing for nobody."""
        if kind == "nobody":
            return None
        if kind not in self._kept:
            self._kept[kind] = self._sign_in(kind)
            if kind in _GROUPS:
                self._put_into_group(email_of(kind), _GROUPS[kind])
        return self._kept[kind]

    def forget(self, kind: Kind) -> None:
        """Sign somebody in anew the next time, as after this one has signed out."""
        self._kept.pop(kind, None)

    def _sign_in(self, kind: Kind) -> StorageState:
        email = email_of(kind)
        if kind == "superuser":
            made = self._server.command("superuser", email)
            assert made.returncode == 0, made.stderr
        if kind == "trier":  # of no group: such a person may upload symbols of try builds only
            self._server.token("upload_try_symbols", email=email)
        context = self._browser.new_context()
        try:
            sign_in(self._server, context, email)
            return context.storage_state()
        finally:
            context.close()

    def _put_into_group(self, email: str, name: str) -> None:
        """Let a superuser do it, by the API."""
        kept = self.kept("superuser")
        context = self._browser.new_context(base_url=self._server.url, storage_state=kept)
        try:
            asked = context.request
            [user] = asked.get(f"/api/_users/?email={email}").json()["users"]
            address = f"/api/_users/user/{user['id']}"
            groups = asked.get(address).json()["groups"]
            [token] = [c["value"] for c in context.cookies() if c["name"] == "csrftoken"]
            wanted = [group["id"] for group in groups if group["name"] == name]
            done = asked.post(address, data={"groups": wanted}, headers={"X-CSRFToken": token})
            assert done.ok, done.text()
        finally:
            context.close()


def sign_in(server: StartedServer, context: BrowserContext, email: str) -> None:
    """Sign somebody in by the link that the command prints."""
    made = server.command("signin-link", email)
    assert made.returncode == 0, made.stderr
    page = context.new_page()
    page.goto(made.stdout.strip())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/?signedin=true")
    page.close()
