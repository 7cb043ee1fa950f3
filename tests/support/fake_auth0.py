# SPDX-License-Identifier: MPL-2.0

"""Auth0's two endpoints that the blocked check asks, over HTTP, as far as they are documented."""

import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.support.scripted_server import Answer, Received, ScriptedServer

CLIENT_ID, SECRET = "tecken", "what only Auth0 and we know"
_JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass
class FakeAuth0(ScriptedServer):
    """``accounts`` has, by email, whether each account with it is blocked.

    Whoever has no token of it, or asks for an address with capitals, finds nothing: so does Auth0.
    """

    accounts: dict[str, list[bool]] = field(default_factory=dict)
    tokens_given: int = 0
    token: str = "token-1"
    is_away: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    @property
    def settings(self) -> dict[str, str]:
        """The settings that lead to it."""
        return {
            "OIDC_RP_CLIENT_ID": CLIENT_ID,
            "OIDC_RP_CLIENT_SECRET": SECRET,
            "OIDC_OP_AUTHORIZATION_ENDPOINT": f"{self.url}/authorize",
            "OIDC_OP_TOKEN_ENDPOINT": f"{self.url}/oauth/token",
            "OIDC_OP_USER_ENDPOINT": f"{self.url}/userinfo",
        }

    @property
    def asked(self) -> list[str]:
        """The addresses that somebody asked for so far."""
        paths = [urlsplit(received.path) for received in self.received]
        return [
            parse_qs(path.query)["email"][0]
            for path in paths
            if path.path == "/api/v2/users-by-email"
        ]

    def _answer_to(self, received: Received) -> Answer:
        self.received.append(received)
        if self.is_away:
            return Answer(503, b"{}", _JSON)
        path = urlsplit(received.path)
        if (received.method, path.path) == ("POST", "/oauth/token"):
            return self._give_token(json.loads(received.body))
        if (received.method, path.path) == ("GET", "/api/v2/users-by-email"):
            return self._tell(received.headers.get("Authorization", ""), path.query)
        return Answer(404, b"{}", _JSON)

    def _give_token(self, form: dict[str, str]) -> Answer:
        right = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            "audience": f"{self.url}/api/v2/",
        }
        if form != right:
            return Answer(401, b'{"error": "access_denied"}', _JSON)
        self.tokens_given += 1
        given = {"access_token": self.token, "expires_in": 86400, "token_type": "Bearer"}
        return Answer(200, json.dumps(given).encode(), _JSON)

    def _tell(self, authorization: str, query: str) -> Answer:
        if authorization != f"Bearer {self.token}":
            return Answer(401, b'{"statusCode": 401, "error": "Unauthorized"}', _JSON)
        # A person who was never blocked has no such field.
        found = [{"blocked": True} if b else {} for b in self.accounts.get(_email(query), [])]
        return Answer(200, json.dumps(found).encode(), _JSON)


def _email(query: str) -> str:
    return parse_qs(query)["email"][0]
