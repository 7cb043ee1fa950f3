# SPDX-License-Identifier: MPL-2.0

"""``/t/<token>/…``: a token in front of a path, for clients that can send it in no other way.

It is taken off before anything else sees the path, so it is in no log, metric, error page or event. Where
the answer leads to a path of this server, the token is put in front of that.
"""

import re
from contextlib import suppress
from urllib.parse import quote

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tecken.web.middleware import Middleware

_TOKEN = re.compile(r"/+t/(?P<token>[^/]+)(?P<rest>/.*)?\Z", re.DOTALL)
# A symbol key of a module that is called "t", which is asked for without a token.
_SYMBOL_OF_T = re.compile(r"/+t/[0-9A-Fa-f]+/t(?:\.[^/]*)?\Z")
_IN_TEXT = re.compile(r"/t/[^/?#\s]+")
MASK = "/t/***"


class PathTokenMiddleware(Middleware):
    """Takes the token off a path; ``request.path_token`` has it, and ``request.shown_before`` its mask."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = take_off(request) if request.path_info.lstrip("/").startswith("t/") else None
        response = self._get_response(request)
        if token is not None:
            # A page of a server that is asked so must not tell others where it was.
            response["Referrer-Policy"] = "no-referrer"
            if "Location" in response:
                response["Location"] = _with_token(request, response["Location"], token)
        return response


def take_off(request: HttpRequest) -> str | None:
    """Take the token off the path of a request; return it, or None where there is none."""
    path = request.path_info
    found = _TOKEN.match(path)
    if found is None or _SYMBOL_OF_T.match(path):
        return None
    token, rest = found["token"], found["rest"] or "/"
    request.path_token = token  # type: ignore[attr-defined]
    request.shown_before = MASK  # type: ignore[attr-defined]
    request.path_info = request.path = rest
    request.META["PATH_INFO"] = rest
    return token


def masked(text: str) -> str:
    """Return a path or a URL without the tokens in it."""
    return _IN_TEXT.sub(MASK, text)


def _with_token(request: HttpRequest, location: str, token: str) -> str:
    """Return where a client is sent, with its token in front where that is this server."""
    before = f"/t/{quote(token, safe='')}"
    if location.startswith("/") and not location.startswith("//"):
        return before + location
    path = request.get_full_path()
    with suppress(DisallowedHost):  # who is refused is sent nowhere
        if location == f"https://{request.get_host()}{path}":
            return f"{location.removesuffix(path)}{before}{path}"
    return location  # to the bucket
