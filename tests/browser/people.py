# SPDX-License-Identifier: MPL-2.0

"""The kinds of people who use the web app, and their sessions."""

import json
import sys
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
# Name -> keys of a session and of a token.
Keys = dict[str, dict[str, str]]

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
_KEYS: dict[Path, Keys] = {}  # of each server, by its folder


def email_of(kind: Kind) -> str:
    return (
        f"{kind}@{'subdomain-' * 5}x.{'subdomain-' * 5}x.example.com"
        if kind == "hostile"
        else f"{kind}@example.com"
    )


def session_of(server: StartedServer, kind: Kind) -> str:
    """Return the key of the session of somebody who is signed in."""
    return _keys_at(server)[kind]["session"]


def token_of(server: StartedServer, kind: Kind) -> str:
    """Return the token of those who upload."""
    return _keys_at(server)[kind]["token"]


def _keys_at(server: StartedServer) -> Keys:
    """Everybody at a server is made when a test first wants one of them."""
    if server.data_dir not in _KEYS:
        roles = {kind: {"email": email_of(kind), **role} for kind, role in _ROLES.items()}
        program = StartedServer(server.data_dir, server.settings, (sys.executable, _PROGRAM))
        made = program.command(json.dumps(roles))
        assert made.returncode == 0, made.stderr
        _KEYS[server.data_dir] = json.loads(made.stdout)
    return _KEYS[server.data_dir]


def sign_in(server: StartedServer, context: BrowserContext, email: str) -> None:
    """Sign somebody in by the link that the command prints."""
    made = server.command("signin-link", email)
    assert made.returncode == 0, made.stderr
    page = context.new_page()
    page.goto(made.stdout.strip())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/?signedin=true")
    page.close()
