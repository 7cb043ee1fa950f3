# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Who may call an endpoint. Every router names one of these as its ``auth``.

Whoever asks is checked before the body of the request is read. An unsafe request of a session then
needs its CSRF token; one with an API token does not, as no page of another site can send that.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware

from tecken.accounts.models import User
from tecken.accounts.permissions import (
    granted,
    request_token,
    require,
    require_superuser,
    require_user,
)
from tecken.core.errors import NotPermittedError

VIEW_ALL = "upload.view_all_uploads"
MANAGE_TOKENS = "tokens.manage_tokens"

Check = Callable[[HttpRequest], User]


class Access:
    """A check that answers with who asks, or raises NotPermittedError."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def __call__(self, request: HttpRequest) -> User:
        user = self._check(request)
        if request_token(request) is None:
            _require_csrf_token(request)
        return user


def may_view_all(request: HttpRequest) -> bool:
    """Say whether a request may see the uploads of others."""
    return VIEW_ALL in granted(request)


def _session_user(request: HttpRequest) -> User:
    """Return who has signed in. Tokens are not managed with a token, or it could outlive itself."""
    user = require_user(request)
    if request_token(request) is not None:
        raise NotPermittedError("Forbidden")
    return user


def _token_manager(request: HttpRequest) -> User:
    _session_user(request)
    return require(request, MANAGE_TOKENS)


class _CsrfCheck(CsrfViewMiddleware):
    """The check alone: it says why it refuses."""

    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _require_csrf_token(request: HttpRequest) -> None:
    check = _CsrfCheck(lambda _: None)  # type: ignore[arg-type]
    reason = check.process_view(request, None, (), {})  # type: ignore[arg-type]
    if reason is not None:
        raise NotPermittedError(f"CSRF verification failed. {reason}")


signed_in = Access(require_user)
session = Access(_session_user)
token_manager = Access(_token_manager)
auditor = Access(lambda request: require(request, VIEW_ALL))
superuser = Access(require_superuser)
