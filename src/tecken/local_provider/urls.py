# SPDX-License-Identifier: MPL-2.0

"""URLs of the provider."""

from django.contrib.auth.views import LoginView
from django.urls import include, path
from oauth2_provider.views import (
    ConnectDiscoveryInfoView,
    JwksInfoView,
    TokenView,
    UserInfoView,
)

from tecken.local_provider.views import Authorize, SignUp, home, logout, stylesheet

_openid = [
    path("authorize", Authorize.as_view(), name="authorize"),
    path("token", TokenView.as_view(), name="token"),
    path("userinfo", UserInfoView.as_view(), name="user-info"),
    path("jwks", JwksInfoView.as_view(), name="jwks-info"),
    path(
        ".well-known/openid-configuration",
        ConnectDiscoveryInfoView.as_view(),
        name="oidc-connect-discovery-info",
    ),
]

urlpatterns = [
    path("", home),
    path("pages.css", stylesheet),
    path("account/login", LoginView.as_view(template_name="login.html")),
    path("account/signup", SignUp.as_view()),
    path("account/logout", logout),
    path("openid/", include((_openid, "oauth2_provider"))),
]
