# SPDX-License-Identifier: MPL-2.0

"""What Auth0's management API says of an email address.

Two endpoints are asked: that of tokens, for one of this server's own (client credentials), and the
one of users by email. The client must be authorized for the management API, with ``read:users``.
See https://auth0.com/docs/api/management/v2/users-by-email/get-users-by-email .
"""

import enum
import threading
import time
from typing import TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec
from django.conf import settings

from tecken.core.errors import TeckenError

Shape = TypeVar("Shape")

_TIMEOUT = httpx2.Timeout(5, connect=2)
_TURN_SECONDS = 5
_EARLY_SECONDS = 60  # a token is no longer used so long before it ends


class Standing(enum.Enum):
    """What Auth0 knows of somebody."""

    NOT_BLOCKED = "is not blocked"
    BLOCKED = "is blocked"
    UNKNOWN = "is not known"


class Auth0Error(TeckenError):
    """Auth0 could not be asked, or did not answer as it should; the message says why."""


class _Account(msgspec.Struct):
    blocked: bool = False


class _Token(msgspec.Struct):
    access_token: str
    expires_in: float


_ACCOUNTS = msgspec.json.Decoder(list[_Account])
_TOKEN = msgspec.json.Decoder(_Token)


class _KeptToken:
    """This server's token, kept in the memory of the process alone until it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token = ""
        self._of: tuple[str, str] | None = None
        self._ends_at = 0.0

    def get(self, client: httpx2.Client) -> str:
        of = (settings.OIDC_OP_TOKEN_ENDPOINT, settings.OIDC_RP_CLIENT_ID)
        # Of many who wait while Auth0 hangs, each would otherwise wait for it in turn.
        if not self._lock.acquire(timeout=_TURN_SECONDS):
            raise Auth0Error("Auth0 takes long to give a token to another request")
        try:
            if self._of != of or time.monotonic() >= self._ends_at:
                token = _ask_for_token(client)
                self._token, self._of = token.access_token, of
                self._ends_at = time.monotonic() + token.expires_in - _EARLY_SECONDS
            return self._token
        finally:
            self._lock.release()

    def drop(self) -> None:
        with self._lock:
            self._of = None


_kept_token = _KeptToken()


def standing_of(email: str) -> Standing:
    """Return what Auth0 says of the accounts with an email. Raises Auth0Error.

    Somebody may have several, for several ways to sign in: one that is blocked is enough.
    """
    if not settings.OIDC_OP_USER_ENDPOINT:
        raise Auth0Error("no provider is set (DJANGO_OIDC_OP_USER_ENDPOINT)")
    try:
        with httpx2.Client(timeout=_TIMEOUT, verify=settings.OIDC_VERIFY_SSL) as client:
            answer = _ask_for_accounts(client, email)
            if answer.status_code == 401:  # the token was taken back
                _kept_token.drop()
                answer = _ask_for_accounts(client, email)
        accounts = _content(answer, _ACCOUNTS)
    except httpx2.HTTPError as error:
        raise Auth0Error(f"Auth0 cannot be asked: {str(error) or type(error).__name__}") from error
    if not accounts:
        return Standing.UNKNOWN
    is_blocked = any(account.blocked for account in accounts)
    return Standing.BLOCKED if is_blocked else Standing.NOT_BLOCKED


def _ask_for_accounts(client: httpx2.Client, email: str) -> httpx2.Response:
    return client.get(
        f"{_management_url()}users-by-email",
        # It keeps addresses in lower case, and finds them as they are given.
        params={"email": email.lower(), "fields": "blocked", "include_fields": "true"},
        headers={"Authorization": f"Bearer {_kept_token.get(client)}"},
    )


def _ask_for_token(client: httpx2.Client) -> _Token:
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.OIDC_RP_CLIENT_ID,
        "client_secret": settings.OIDC_RP_CLIENT_SECRET,
        "audience": _management_url(),
    }
    return _content(client.post(settings.OIDC_OP_TOKEN_ENDPOINT, json=form), _TOKEN)


def _management_url() -> str:
    endpoint = urlsplit(settings.OIDC_OP_USER_ENDPOINT)
    return f"{endpoint.scheme}://{endpoint.netloc}/api/v2/"


def _content(answer: httpx2.Response, decoder: msgspec.json.Decoder[Shape]) -> Shape:
    path = answer.request.url.path
    if answer.status_code != 200:
        raise Auth0Error(f"Auth0 answered {answer.status_code} to {path}")
    try:
        return decoder.decode(answer.content)
    except msgspec.MsgspecError as error:
        raise Auth0Error(f"Auth0's answer to {path} makes no sense: {error}") from error
