# SPDX-License-Identifier: MPL-2.0

"""Somebody who signed in at a started server."""

import json

import requests
from tests.support.browser_walk import Visitor
from tests.support.started_server import StartedServer


class Person:
    """Somebody with a session, who sends JSON with it."""

    def __init__(self, server: StartedServer, email: str) -> None:
        self._api = f"{server.url}/api"
        visitor = Visitor()
        visitor.visit(server.command("signin-link", email).stdout.strip())
        visitor.submit(follow=False)
        assert visitor.page.status_code == 302, visitor.page.text
        self.session = visitor.session
        self.get("/_auth/")
        self.session.headers["X-CSRFToken"] = self.session.cookies["csrftoken"]

    def get(self, path: str) -> requests.Response:
        return self.session.get(f"{self._api}{path}", timeout=60)

    def post(self, path: str, content: object, *, chunked: bool = False) -> requests.Response:
        body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        data = iter([body[:5], body[5:]]) if chunked else body
        return self.session.post(f"{self._api}{path}", data=data, headers=headers, timeout=60)
