# SPDX-License-Identifier: MPL-2.0

"""Signing in and out."""

from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest

from tecken.accounts.audit import Action, record
from tecken.accounts.models import User

SIGN_IN_URL = "/oidc/authenticate/"
SIGN_OUT_URL = "/oidc/logout/"
SIGNED_IN_URL = "/?signedin=true"
SIGN_IN_FAILED_URL = "/?signin=failed"
SIGNED_OUT_URL = "/"


def sign_in_url() -> str | None:
    """Return where a browser is sent to sign in, None when there is no provider."""
    return SIGN_IN_URL if settings.OIDC_OP_AUTHORIZATION_ENDPOINT else None


def sign_in(request: HttpRequest, user: User, *, how: str) -> None:
    """Make the session that of a user. It gets a new key, so that nobody knows it from before."""
    with transaction.atomic():
        auth.login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        record(Action.SIGNED_IN, user, by=user, how=how)
    # One that was begun by a visitor ends soon.
    request.session.set_expiry(None)


def sign_out(request: HttpRequest) -> None:
    """End the session, if it is somebody's."""
    if isinstance(request.user, User):
        record(Action.SIGNED_OUT, request.user, by=request.user)
    auth.logout(request)
