# SPDX-License-Identifier: MPL-2.0
"""The way to an OpenID Connect provider, and back."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from mozilla_django_oidc.views import OIDCAuthenticationRequestView

from tecken.accounts.begun_sign_ins import keep_begun, read_begun
from tecken.accounts.models import User
from tecken.accounts.provider import PROVIDER_ERRORS
from tecken.accounts.sessions import SIGN_IN_FAILED_URL, SIGNED_IN_URL, sign_in
from tecken.core.errors import BusyError
from tecken.web.clients import client_network
from tecken.web.per_minute import PerMinute
from tecken.web.private import open_to_all

logger = logging.getLogger(__name__)

# Each sign-in that is finished asks the provider, whose answer a thread waits for: of a process's 16
# threads a provider that hangs may have a quarter.
_FINISHED = PerMinute("finished-sign-ins", 60)
_AT_THE_PROVIDER = threading.BoundedSemaphore(4)


@method_decorator(never_cache, name="dispatch")
class BeginSignIn(OIDCAuthenticationRequestView):
    """Sends a browser to the provider; ``next`` may name one of our pages to come back to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_OP_AUTHORIZATION_ENDPOINT:
            raise Http404("There is no provider to sign in with; `tecken signin-link` makes a link")
        known = read_begun(request)
        # The library keeps what it needs in the session, which would be a row: it gets a dict.
        kept: dict[str, Any] = {"oidc_states": dict(known)}
        session, request.session = request.session, kept  # type: ignore[assignment]
        try:
            response: HttpResponse = super().get(request)
        finally:
            request.session = session
        begun = kept["oidc_states"]
        [state] = begun.keys() - known.keys()
        begun[state]["next"] = kept["oidc_login_next"]
        keep_begun(response, begun)
        return response


@open_to_all
@require_GET
@never_cache
def finish_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider sends back. Why somebody is not signed in is logged, not shown."""
    begun = read_begun(request)
    mine = begun.pop(request.GET.get("state", ""), None)
    if "error" in request.GET:
        response = _refuse(f"the provider says {request.GET['error']!r:.100}")
    elif mine is None or "code" not in request.GET:
        return _refuse("the browser has no sign-in that was begun")
    else:
        with _turn_at_the_provider(request):
            response = _finish(request, mine)
    keep_begun(response, begun)  # a way back is gone once
    return response


def _finish(request: HttpRequest, begun: dict[str, Any]) -> HttpResponse:
    secrets = {name: begun[name] for name in ("nonce", "code_verifier")}
    try:
        user = auth.authenticate(request, **secrets)
    except PROVIDER_ERRORS as error:
        return _refuse(f"{type(error).__name__}: {error!s:.500}")
    if not isinstance(user, User):
        return _refuse("the user was refused")
    if not user.is_active:
        return _refuse(f"user {user.pk} is not active")
    sign_in(request, user, how="provider")
    return HttpResponseRedirect(begun["next"] or SIGNED_IN_URL)


@contextmanager
def _turn_at_the_provider(request: HttpRequest) -> Iterator[None]:
    """Raises BusyError, before anything is asked: the same URL works a moment later."""
    if not _FINISHED.note(client_network(request)):
        raise BusyError("Too many sign-ins were tried. Try again in a minute.")
    if not _AT_THE_PROVIDER.acquire(blocking=False):
        raise BusyError("Many sign in at this moment. Try again.")
    try:
        yield
    finally:
        _AT_THE_PROVIDER.release()


def _refuse(reason: str) -> HttpResponse:
    logger.warning("a sign-in failed: %s", reason)
    return HttpResponseRedirect(SIGN_IN_FAILED_URL)
