# SPDX-License-Identifier: MPL-2.0

"""Who somebody is, as an OpenID Connect provider says.

The library checks the nonce of an ID token. Its signature, its time and whom it is for (OpenID Connect
Core, 3.1.3.7) are checked here, and that it and the user information are about the same person (5.3.2). People are known by email, and a provider may say that one is not verified.
"""

from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from tecken.accounts.blocked import note_vouched_for
from tecken.accounts.models import User

_MAX_EMAIL_LENGTH = 254
_LEEWAY_SECONDS = 60  # the clocks of two machines differ: a token may come from the future

# What becomes of talking to a provider that is down, or that says what it should not.
PROVIDER_ERRORS = (
    SuspiciousOperation,
    requests.RequestException,
    jwt.PyJWTError,
    # An answer that is JSON of another shape.
    LookupError,
    TypeError,
    ValueError,
    AttributeError,
)

Claims = dict[str, Any]


class ProviderBackend(OIDCAuthenticationBackend):
    """Finds the user of a code that a provider gave to a browser, or makes one."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        if not settings.OIDC_OP_TOKEN_ENDPOINT:
            return None
        user: User | None = super().authenticate(request, **kwargs)
        if user is not None:
            note_vouched_for(user)
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the user of a session, unless that one is not active."""
        return ModelBackend.get_user(self, user_id)

    def get_payload_data(self, token: str, key: Any) -> Claims:
        """Return the claims of an ID token that is signed, for us, and of this time."""
        return jwt.decode(
            token,
            key,
            algorithms=[self.OIDC_RP_SIGN_ALGO],
            audience=self.OIDC_RP_CLIENT_ID,
            leeway=_LEEWAY_SECONDS,
        )

    def get_userinfo(self, access_token: str, id_token: str, payload: Claims) -> Claims:
        claims: Claims = super().get_userinfo(access_token, id_token, payload)
        if not payload.get("sub") or claims.get("sub") != payload["sub"]:
            raise SuspiciousOperation("the user information is about somebody else")
        return claims

    def verify_claims(self, claims: Claims) -> bool:
        """Return True. Raises SuspiciousOperation that says what is wrong with the email."""
        email = claims.get("email")
        try:
            validate_email(email)
        except ValidationError:
            raise SuspiciousOperation(f"{email!r:.100} is not an email address") from None
        if len(str(email)) > _MAX_EMAIL_LENGTH:
            raise SuspiciousOperation("the email address is too long")
        if claims.get("email_verified") in (False, "false"):
            raise SuspiciousOperation("the provider says that the email address is not verified")
        return True

    def create_user(self, claims: Claims) -> User:
        user, _ = User.objects.get_or_create_by_email(claims["email"])
        return user
