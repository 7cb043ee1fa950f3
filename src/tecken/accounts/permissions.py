# SPDX-License-Identifier: MPL-2.0

"""What a request may do, whether it comes with a session or with a token."""

from typing import cast

from django.http import HttpRequest

from tecken.accounts.models import User
from tecken.accounts.tokens.models import Token
from tecken.accounts.tokens.services import token_permissions
from tecken.core.errors import NotPermittedError


def request_token(request: HttpRequest) -> Token | None:
    """Return the token that the request came with."""
    return cast("Token | None", getattr(request, "token", None))


def granted(request: HttpRequest) -> frozenset[str]:
    """Return the permissions of a request: of its token, else of its user."""
    token = request_token(request)
    if token is not None:
        return token_permissions(token)
    return frozenset(request.user.get_all_permissions())


def require(request: HttpRequest, *permissions: str) -> User:
    """Return who asks, if that one has any of the permissions. Raises NotPermittedError."""
    user = require_user(request)
    if granted(request).isdisjoint(permissions):
        raise NotPermittedError("Forbidden")
    return user


def require_superuser(request: HttpRequest) -> User:
    """Return the superuser who asks; a token is never enough. Raises NotPermittedError."""
    user = require_user(request)
    if request_token(request) is not None or not user.is_superuser:
        raise NotPermittedError("Must be superuser to access this view.")
    return user


def require_user(request: HttpRequest) -> User:
    """Return who asks. Raises NotPermittedError when nobody signed in and there is no token."""
    if not isinstance(request.user, User):
        raise NotPermittedError("This requires an Auth-Token to authenticate the request")
    return request.user
