# SPDX-License-Identifier: MPL-2.0

"""For how long others may keep an answer of download."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from tecken.web.debug import wants_debug

_MAY_BE_KEPT = frozenset({302, 404})
_BYTES = frozenset({200, 206, 304})


def set_cache_headers(
    request: HttpRequest,
    response: HttpResponseBase,
    *,
    usable_seconds: int | None = None,
    with_bytes: bool = False,
) -> None:
    """Say for how long proxies may keep an answer: not at all, unless the settings allow it.

    ``usable_seconds`` is how long its ``Location`` leads anywhere, None without end, or 0 for what may
    be otherwise at the next moment. ``with_bytes`` says that 200 is the file itself. Answers made for
    one request (``?_refresh``, ``Debug``) are for nobody else.
    """
    seconds = settings.DOWNLOAD_CACHE_SECONDS
    if not seconds:
        # A symbol that is missing now may be there in a second.
        response["Cache-Control"] = "private, no-cache"
    elif (
        (response.status_code in _MAY_BE_KEPT or (with_bytes and response.status_code in _BYTES))
        and usable_seconds != 0
        and "_refresh" not in request.GET
        and not wants_debug(request)
    ):
        if usable_seconds is not None:
            seconds = min(seconds, usable_seconds)
        response["Cache-Control"] = f"public, max-age={seconds}"
        patch_vary_headers(response, ("Debug",))
    else:
        response["Cache-Control"] = "no-store"
