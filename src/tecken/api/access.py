# SPDX-License-Identifier: MPL-2.0

"""Who may call an endpoint. Every router names one of these as its ``auth``.

Whoever asks is checked before the body of the request is read. An unsafe request of a session then
needs its CSRF token; one with an API token does not, as no page of another site can send that.
"""

from collections.abc import Callable

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
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
from tecken.upload.buckets import REGULAR_PERMISSION, TRY_PERMISSION
from tecken.upload.models import FileUpload, Upload

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


def deletable_files(request: HttpRequest) -> "QuerySet[FileUpload]":
    """Return the files that a request may delete: one's own, and with a superuser's session all.

    Those of regular or of try symbols, where a token could not upload such. Raises
    NotPermittedError for a token that could upload neither.
    """
    files = FileUpload.objects.all()
    if may_delete_all(request):
        return files
    files = files.filter(upload__user=require_user(request))
    if request_token(request) is not None:
        require(request, REGULAR_PERMISSION, TRY_PERMISSION)
        if REGULAR_PERMISSION not in granted(request):
            return files.filter(upload__try_symbols=True)
    return files


def may_delete_all(request: HttpRequest) -> bool:
    """Say whether a request may delete the files of others; a token never may."""
    return require_user(request).is_superuser and request_token(request) is None


def require_deletable(request: HttpRequest, upload: Upload | None) -> None:
    """Check that a request may delete an upload, or a file of one, or of none.

    Raises Http404 for that of another, and NotPermittedError for a token that could not upload to
    where it lies.
    """
    if may_delete_all(request):
        return
    if upload is None or upload.user_id != require_user(request).pk:
        raise Http404("There is nothing of yours with this number")
    if request_token(request) is not None:
        kinds = (
            (REGULAR_PERMISSION, TRY_PERMISSION) if upload.try_symbols else (REGULAR_PERMISSION,)
        )
        require(request, *kinds)


def _session_user(request: HttpRequest) -> User:
    """Return who has signed in. Tokens are not managed with a token, or it could outlive itself."""
    user = require_user(request)
    if request_token(request) is not None:
        raise NotPermittedError("Forbidden")
    return user


def _token_manager(request: HttpRequest) -> User:
    """Return who may make tokens of one's own: where reading needs a login, a debugger of anybody has one."""
    user = _session_user(request)
    return user if settings.READ_REQUIRES_LOGIN else require(request, MANAGE_TOKENS)


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
