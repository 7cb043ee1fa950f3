# SPDX-License-Identifier: MPL-2.0
"""Sign-ins that a browser has begun at the provider, and not finished.

The browser keeps them, in a cookie with our signature: beginning one, which anybody may do as often
as he likes, costs neither a row nor room in the cache, and any node can finish it. What is in the
cookie (nonce and code verifier, RFC 7636) may be known to the browser itself, and to nobody else.
"""

import time
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# By its state: ``nonce``, ``code_verifier`` and ``added_on`` of the library, ``next`` of ours.
Begun = dict[str, dict[str, Any]]

COOKIE = "begun_sign_ins"
LIFETIME_SECONDS = 3600  # how long a sign-in may take

_PATH = "/oidc/"
_SALT = "tecken.accounts.begun_sign_ins"
# Browsers take 4,096 bytes with the name and the attributes. Ten sign-ins have 1,700; the pages to
# come back to are what may be long.
_MAX_LENGTH = 3_800


def read_begun(request: HttpRequest) -> Begun:
    """Return the sign-ins that a browser brings, without those that took too long."""
    try:
        found: Begun = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT)
    except signing.BadSignature:
        return {}
    oldest = time.time() - LIFETIME_SECONDS
    return {state: begun for state, begun in found.items() if begun["added_on"] > oldest}


def keep_begun(response: HttpResponseBase, begun: Begun) -> None:
    """Let the browser keep these sign-ins in place of those it had."""
    if not begun:
        response.delete_cookie(COOKIE, path=_PATH, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        _fitting(begun),
        max_age=LIFETIME_SECONDS,
        path=_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",  # the provider's page sends the browser here
    )


def _fitting(begun: Begun) -> str:
    """Return what the cookie says: as many of the newest as it can hold, the last one at least."""
    states = sorted(begun, key=lambda state: begun[state]["added_on"])
    for number in range(len(states)):
        text = _signed({state: begun[state] for state in states[number:]})
        if len(text) <= _MAX_LENGTH:
            return text
    last = states[-1]
    return _signed({last: {**begun[last], "next": None}})  # its page to come back to is too long


def _signed(begun: Begun) -> str:
    return signing.dumps(begun, salt=_SALT, compress=True)
