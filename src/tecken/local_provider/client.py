# SPDX-License-Identifier: MPL-2.0

"""Tecken as a client of the provider: who it is, where it may be, and what it is told."""

from typing import Any
from urllib.parse import urlsplit

from oauth2_provider.models import Application
from oauth2_provider.oauth2_validators import OAuth2Validator

_CALLBACK = "/oidc/callback/"
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def register(client_id: str, secret: str) -> None:
    """Let Tecken ask, with this secret from now on."""
    Application.objects.update_or_create(
        client_id=client_id,
        defaults={
            "name": "Tecken",
            "client_secret": secret,
            "hash_client_secret": False,  # ID tokens are signed with it
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
            "algorithm": Application.HS256_ALGORITHM,
        },
    )


class Validator(OAuth2Validator):
    """Sends people back to this machine alone, and tells their email address."""

    oidc_claim_scope = OAuth2Validator.oidc_claim_scope | {"email": "email"}

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Take any port: one comes by the server's own, or by that of the development server."""
        try:
            parts = urlsplit(redirect_uri)
        except ValueError:
            return False
        name = parts.hostname or ""
        is_here = name in _THIS_MACHINE or name.endswith(".localhost")
        return parts.scheme == "http" and is_here and parts.path == _CALLBACK and not parts.query

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Nobody verified the address, so nothing is said of that."""
        return {"email": request.user.email}
