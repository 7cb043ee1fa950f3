# SPDX-License-Identifier: MPL-2.0

"""``/__auth_debug__``: whether what a sign-in needs works, the cache and session cookies."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tecken.web.per_minute import PerMinute
from tecken.web.private import open_to_all

_KEY = "auth-debug"
_MARK_SECONDS = 60
_SESSION_SECONDS = 600
# Each visitor without a cookie gets a session, which is a row; more than this are turned away.
_SESSIONS = PerMinute("auth-debug-sessions", 60)


@open_to_all
@require_safe
@never_cache
def auth_debug(request: HttpRequest) -> HttpResponse:
    """Leave a mark in the cache and one in the session; say whether they were there."""
    lines = [_try_cache(), _try_session(request)]
    return HttpResponse("\n".join(lines) + "\n", "text/plain; charset=utf-8")


def _try_cache() -> str:
    if cache.get(_KEY):
        return "Cache works!"
    cache.set(_KEY, True, _MARK_SECONDS)
    return "Refresh to see if caching works."


def _try_session(request: HttpRequest) -> str:
    if request.session.get(_KEY):
        return "Session cookies work!"
    if request.session.is_empty():
        if not _SESSIONS.note(""):
            return "Too many have tried session cookies. Refresh in a minute."
        request.session.set_expiry(_SESSION_SECONDS)
    request.session[_KEY] = True
    return "Refresh to see if session cookies work."
