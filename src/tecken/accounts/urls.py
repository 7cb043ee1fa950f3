# SPDX-License-Identifier: MPL-2.0

"""URLs of signing in and out."""

from django.urls import path

from tecken.accounts.provider_views import BeginSignIn, finish_sign_in
from tecken.accounts.views import logout, signin_link
from tecken.web.private import open_to_all

urlpatterns = [
    path("signin-link/", signin_link),
    path("oidc/authenticate/", open_to_all(BeginSignIn.as_view())),
    path("oidc/callback/", finish_sign_in, name="oidc_authentication_callback"),
    path("oidc/logout/", logout),
]
