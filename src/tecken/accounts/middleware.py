# SPDX-License-Identifier: MPL-2.0

"""Who a session belongs to, unless that one is blocked by now."""

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from tecken.accounts.blocked import BlockedError, require_not_blocked
from tecken.accounts.models import User


class SessionUserMiddleware(AuthenticationMiddleware):
    """Sets ``request.user``. It is found out when it is needed, and then BlockedError may come."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user(request))  # type: ignore[assignment]


def _user(request: HttpRequest) -> User | AnonymousUser:
    user = get_user(request)
    if isinstance(user, User):
        try:
            require_not_blocked(user)
        except BlockedError:
            request.session.flush()
            request._cached_user = AnonymousUser()  # type: ignore[attr-defined]
            raise
    return user
