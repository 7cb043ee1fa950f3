# SPDX-License-Identifier: MPL-2.0

"""Who may read symbols: everybody, or on a private server (``DJANGO_READ_REQUIRES_LOGIN``) any active user.

A user is known by a session, or by an API token in whatever way its client can send one:
``Auth-Token``, ``Authorization: Bearer``, Basic with the token as password, or ``/t/<token>/`` in front
of the path. A token needs no permission for that. ``tecken.web.private`` says which views tell strangers what.
"""

from base64 import b64decode
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from tecken.accounts.models import User
from tecken.accounts.permissions import request_token
from tecken.accounts.tokens.known import known_tokens
from tecken.accounts.tokens.middleware import bearer_of
from tecken.core.errors import NotPermittedError
from tecken.web.errors import error_response
from tecken.web.middleware import Middleware
from tecken.web.private import Strangers, is_reading, treatment_of

_PRIVATE = (
    "This server is private: sign in, or send an API token, as Auth-Token, as Authorization: Bearer, "
    "as the password of Basic, or as /t/<token>/ in front of the path"
)
_NOTHING = "Symbol Not Found"
_SENT_BY = ("Auth-Token", "Authorization", "Cookie")


class ReadingMiddleware(Middleware):
    """Refuses strangers where a view does not serve them, and lets no cache keep what others may not see."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        match = request.resolver_match
        if match is not None and _is_private(match.func, request):
            _keep_from_caches(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        try:
            if _is_private(view, request):
                require_reader(request)
            elif not is_reading(view):
                return None
            elif settings.ENABLE_TOKENS_AUTHENTICATION and "Auth-Token" in request.headers:
                _note(request, known_tokens.user_id(request.headers["Auth-Token"]))
        except NotPermittedError as error:
            if treatment_of(view, request) is Strangers.SHOWN_NOTHING:
                return HttpResponse(_NOTHING, "text/plain; charset=utf-8", 404)
            return error_response(error)
        return None


def _is_private(view: Callable[..., Any], request: HttpRequest) -> bool:
    is_set: bool = settings.READ_REQUIRES_LOGIN
    return is_set and treatment_of(view, request) is not Strangers.SERVED


def require_reader(request: HttpRequest) -> None:
    """Raise NotPermittedError unless an active user asks, however that one is known."""
    if request_token(request) is not None:
        return  # it was checked for this request
    if settings.ENABLE_TOKENS_AUTHENTICATION:
        for text in (request.headers.get("Auth-Token"), getattr(request, "path_token", None)):
            if text is not None:
                _note(request, known_tokens.user_id(text))
                return
        sent = bearer_of(request) or _basic_password(request)
        if sent is not None and _is_token(request, sent):
            return
    if not isinstance(request.user, User):
        raise NotPermittedError(_PRIVATE)


def _is_token(request: HttpRequest, sent: str) -> bool:
    """Say whether a token was sent; a proxy in front may send something else for itself."""
    try:
        _note(request, known_tokens.user_id(sent))
    except NotPermittedError:
        if isinstance(request.user, User):
            return False
        raise
    return True


def _basic_password(request: HttpRequest) -> str | None:
    """Return the password of Basic (RFC 7617), or the name where that is all that was sent."""
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = b64decode(coded.strip(), validate=True).decode().partition(":")
    except ValueError:
        return None
    return password or name


def _note(request: HttpRequest, user_id: int) -> None:
    """Let the log tell who asked."""
    request.reader_id = user_id  # type: ignore[attr-defined]


def _keep_from_caches(response: HttpResponseBase) -> None:
    """Let nobody keep an answer, but for a browser that asks each time whether it may use it."""
    said = response.headers.get("Cache-Control", "")
    if "no-store" not in said:
        kept = ("private", "no-cache", *(("no-transform",) if "no-transform" in said else ()))
        response["Cache-Control"] = ", ".join(kept)
    patch_vary_headers(response, _SENT_BY)
