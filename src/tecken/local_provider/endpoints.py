# SPDX-License-Identifier: MPL-2.0

"""Where the provider is, and as whom Tecken asks it."""

from dataclasses import dataclass

HOST = "127.0.0.1"  # of all addresses of this machine the one that no browser takes for another


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The provider on a port of this machine; ``secret`` is what Tecken shares with it."""

    port: int
    secret: str
    client_id: str = "tecken"

    @property
    def url(self) -> str:
        """The page on which one makes an account."""
        return f"http://{HOST}:{self.port}"

    @property
    def authorization(self) -> str:
        """Where browsers are sent."""
        return f"{self.url}/openid/authorize"

    @property
    def token(self) -> str:
        """Where a code is exchanged for tokens."""
        return f"{self.url}/openid/token"

    @property
    def user(self) -> str:
        """Where one asks whom a token is about."""
        return f"{self.url}/openid/userinfo"
