# SPDX-License-Identifier: MPL-2.0

"""An OpenID Connect provider that says what a test tells it to, right or wrong, over HTTP."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from django.http import HttpResponse
from django.test import Client
from tests.support.scripted_server import Answer, ScriptedServer

BEGIN, CALLBACK = "/oidc/authenticate/", "/oidc/callback/"
SECRET = "what only the provider and we know"
CODE = "the-code-of-a-browser"


@dataclass
class ScriptedProvider:
    """``id_token`` and ``user`` are claims that differ from those of a sign-in that is right.

    ``instead`` has answers for paths at which it does not even say such a thing.
    """

    server: ScriptedServer
    id_token: dict[str, Any] = field(default_factory=dict)
    user: dict[str, Any] = field(default_factory=dict)
    secret: str = SECRET
    algorithm: str = "HS256"
    instead: dict[str, Answer] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that lead to it."""
        return {
            "OIDC_RP_CLIENT_ID": "tecken",
            "OIDC_RP_CLIENT_SECRET": SECRET,
            "OIDC_OP_AUTHORIZATION_ENDPOINT": f"{self.server.url}/authorize",
            "OIDC_OP_TOKEN_ENDPOINT": f"{self.server.url}/token",
            "OIDC_OP_USER_ENDPOINT": f"{self.server.url}/userinfo",
        }

    def begin(self, client: Client, **query: str) -> dict[str, str]:
        """Begin to sign in; return what the browser brings to the provider."""
        location = client.get(BEGIN, query)["Location"]
        assert location.startswith(f"{self.server.url}/authorize?")
        return {name: value for name, [value] in parse_qs(urlsplit(location).query).items()}

    def finish(self, client: Client, brought: dict[str, str], **query: str) -> HttpResponse:
        """Come back from the provider, which answers what it is asked meanwhile."""
        claims = {
            "iss": self.server.url,
            "sub": "17",
            "aud": "tecken",
            "exp": int(time.time()) + 60,
            "nonce": brought["nonce"],
            **self.id_token,
        }
        token = jwt.encode(claims, self.secret, self.algorithm)
        self.answer("/token", {"access_token": "of-no-use-to-others", "id_token": token})
        self.answer("/userinfo", {"sub": "17", "email": "you@example.com", **self.user})
        return client.get(CALLBACK, {"code": CODE, "state": brought["state"], **query})

    def sign_in(self, client: Client, **query: str) -> HttpResponse:
        """Go the whole way."""
        return self.finish(client, self.begin(client, **query))

    def answer(self, path: str, content: object) -> None:
        """Answer a path with JSON, or with what there is instead."""
        body = json.dumps(content).encode()
        right = Answer(200, body, {"Content-Type": "application/json"})
        self.server.routes[path] = self.instead.get(path, right)
