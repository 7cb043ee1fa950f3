# SPDX-License-Identifier: MPL-2.0

"""Headers that every answer carries: what pages may do with it, and how long it is."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from tecken.web.middleware import Middleware

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
_HEADER = "Content-Security-Policy"

_WITHOUT_BODY = frozenset({204, 304})


def set_page_policy(response: HttpResponseBase, nonce: str, connect_to: str = "") -> None:
    """Allow a page the inline scripts and styles with a nonce, and requests to another origin."""
    inline = f"'self' 'nonce-{nonce}'"
    connect = f"'self' {connect_to}".rstrip()
    response[_HEADER] = (
        f"{CONTENT_SECURITY_POLICY}; script-src {inline}; style-src {inline}; connect-src {connect}"
    )


class SecurityPolicyMiddleware(Middleware):
    """Adds ``Content-Security-Policy`` to what has none of its own, and lets no page be framed.

    Browsers that know the policy need no ``X-Frame-Options``; scanners look for it all the same.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        response.headers.setdefault(_HEADER, CONTENT_SECURITY_POLICY)
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response


class LengthMiddleware(Middleware):
    """Sees to ``Content-Length``, also of what other middleware answers.

    An answer without one is sent in chunks. One that never has a body must not have the header,
    which would be about the file that is not sent (RFC 9110 section 8.6).
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if response.status_code in _WITHOUT_BODY:
            del response["Content-Length"]
        elif isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
            response["Content-Length"] = str(len(response.content))
        return response
