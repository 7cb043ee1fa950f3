# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The way to an OpenID Connect provider, and back."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from tecken.accounts.models import User
from tecken.accounts.provider import PROVIDER_ERRORS
from tecken.accounts.sessions import SIGN_IN_FAILED_URL, SIGNED_IN_URL, sign_in
from tecken.core.errors import BusyError
from tecken.web.per_minute import PerMinute

logger = logging.getLogger(__name__)

_BEGUN_SECONDS = 3600  # how long a sign-in may take
# Each that is begun without a session makes one, which is a row.
_BEGUN = PerMinute("sign-ins", 600)


@method_decorator(never_cache, name="dispatch")
class BeginSignIn(OIDCAuthenticationRequestView):
    """Sends a browser to the provider; ``next`` may name one of our pages to come back to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_OP_AUTHORIZATION_ENDPOINT:
            raise Http404("There is no provider to sign in with; `tecken signin-link` makes a link")
        if request.session.is_empty():
            if not _BEGUN.note():
                raise BusyError("Too many begin to sign in. Try again in a minute.")
            request.session.set_expiry(_BEGUN_SECONDS)
        response: HttpResponse = super().get(request)
        return response


@method_decorator(never_cache, name="dispatch")
class FinishSignIn(OIDCAuthenticationCallbackView):
    """Signs in whom the provider sends back. Why somebody is not signed in is logged, not shown."""

    user: User | None = None

    def get(self, request: HttpRequest) -> HttpResponse:
        if "error" in request.GET:
            # The library would also sign out whoever is signed in, at the word of any page.
            return self._refuse(f"the provider says {request.GET['error']!r:.100}")
        try:
            response: HttpResponse = super().get(request)
        except PROVIDER_ERRORS as error:
            return self._refuse(f"{type(error).__name__}: {error!s:.500}")
        return response

    def login_success(self) -> HttpResponseRedirect:
        assert self.user is not None  # noqa: S101 - the library calls this with a user alone
        own_page = self.request.session.pop("oidc_login_next", None)
        sign_in(self.request, self.user, how="provider")
        return HttpResponseRedirect(own_page or SIGNED_IN_URL)

    def login_failure(self) -> HttpResponseRedirect:
        if self.user is not None:
            return self._refuse(f"user {self.user.pk} is not active")
        return self._refuse("the browser has no sign-in that was begun, or the user was refused")

    def _refuse(self, reason: str) -> HttpResponseRedirect:
        logger.warning("a sign-in failed: %s", reason)
        return HttpResponseRedirect(SIGN_IN_FAILED_URL)
