# SPDX-License-Identifier: MPL-2.0

"""The web app's page. Its assets are served by ``tecken.web.assets``."""

import secrets

from django.conf import settings
from django.http import HttpResponse

from tecken.web.headers import set_page_policy
from tecken.web.sentry import dsn_origin

# What the build writes where the policy's nonce belongs (``cspNonce`` in frontend/vite.config.ts).
NONCE_PLACEHOLDER = b"__CSP_NONCE__"


def app_page(status: int = 200) -> HttpResponse:
    """Answer with the built ``index.html``, which browsers ask for every time.

    It has a nonce of its own in every answer, and so no ETag: a page that a browser kept would not
    fit the policy of a later answer.
    """
    try:
        text = (settings.WEB_APP_DIR / "index.html").read_bytes()
    except FileNotFoundError:
        message = "The web app is not built: run `make build`.\n"
        response = HttpResponse(message, "text/plain; charset=utf-8", status)
    else:
        nonce = secrets.token_urlsafe(16)
        response = HttpResponse(text.replace(NONCE_PLACEHOLDER, nonce.encode()), status=status)
        set_page_policy(response, nonce, connect_to=dsn_origin(settings.SENTRY_PUBLIC_DSN))
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept"
    return response
