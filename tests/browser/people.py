# SPDX-License-Identifier: MPL-2.0

"""The kinds of people who use the web app, and their sessions."""

import json
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext
from tests.support.started_server import StartedServer

Kind = Literal[
    "nobody",
    "stranger",
    "trier",
    "uploader",
    "auditor",
    "superuser",
    # Those of single tests, which change what they have or are.
    "sender",
    "chooser",
    "leaver",
    "newcomer",
    "suspect",
    "hostile",  # has an email, a label and symbols that are as long as they can be
]

# What each has; superusers are all that are called so.
_ROLES: dict[Kind, dict[str, str]] = {
    "superuser": {},
    "stranger": {},
    "trier": {"permission": "upload_try_symbols"},
    "uploader": {
        "group": "Uploaders",
        "token": "upload_symbols",
    },  # has sent what ``filled`` has, and nothing else
    "auditor": {"group": "Upload Auditors"},
    "sender": {"group": "Uploaders", "token": "upload_symbols"},  # sends what tests send
    "chooser": {"group": "Uploaders"},  # has a bucket of their own
    "leaver": {},  # signs out
    "newcomer": {},  # gets permissions
    "suspect": {"group": "Upload Auditors"},  # is switched off
    "hostile": {"group": "Uploaders", "token": "upload_symbols", "label": "unbroken" * 40},
}
_PROGRAM = Path(__file__).with_name("make_people.py")


def email_of(kind: Kind) -> str:
    return (
        f"{kind}@{'subdomain-' * 5}x.{'subdomain-' * 5}x.example.com"
        if kind == "hostile"
        else f"{kind}@example.com"
    )


class People:
    """All kinds of people at one server; they are made when a test first wants one of them."""

    def __init__(self, server: StartedServer) -> None:
        self._server = server
        self._keys: dict[str, dict[str, str]] = {}

    def cookies(self, kind: Kind) -> dict[str, str]:
        """Return what a client sends to be this person; nothing for nobody."""
        return {} if kind == "nobody" else {"sessionid": self._keys_of(kind)["session"]}

    def token(self, kind: Kind) -> str:
        """Return the token of those who upload."""
        return self._keys_of(kind)["token"]

    def _keys_of(self, kind: Kind) -> dict[str, str]:
        if not self._keys:
            self._keys = self._make()
        return self._keys[kind]

    def _make(self) -> dict[str, dict[str, str]]:
        roles = {kind: {"email": email_of(kind), **role} for kind, role in _ROLES.items()}
        made = self._server.script(_PROGRAM, json.dumps(roles))
        assert made.returncode == 0, made.stderr
        keys: dict[str, dict[str, str]] = json.loads(made.stdout)
        return keys


def sign_in(server: StartedServer, context: BrowserContext, email: str) -> None:
    """Sign somebody in by the link that the command prints."""
    made = server.command("signin-link", email)
    assert made.returncode == 0, made.stderr
    page = context.new_page()
    page.goto(made.stdout.strip())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/?signedin=true")
    page.close()
