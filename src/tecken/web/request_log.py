# SPDX-License-Identifier: MPL-2.0

"""One log line, and one metric, for each request."""

import logging
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.encoding import escape_uri_path

from tecken.web.metrics import RESPONSES
from tecken.web.middleware import Middleware
from tecken.web.request_ids import choose_request_id, for_request
from tecken.web.request_kinds import kind_of

logger = logging.getLogger(__name__)

_MAX_PATH_LENGTH = 500
# Load balancers and Prometheus ask every few seconds, and nobody wants to read that.
_QUIET_PATHS = frozenset({"/__lbheartbeat__", "/metrics"})


class RequestLogMiddleware(Middleware):
    """Gives a request its id, and logs what became of it.

    The id is the one that a proxy in front sent in ``X-Request-ID``, if that is sane, or a new one;
    the answer carries it. A query may hold secrets (signatures, codes of a sign-in), so only the
    path is logged.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = perf_counter()
        request_id = choose_request_id(request.headers.get("X-Request-ID"))
        with for_request(request_id):
            response = self._get_response(request)
            seconds = perf_counter() - started
            _log(request, response, seconds)
        code = response.status_code
        RESPONSES.note(seconds, status=f"{code // 100}xx", kind=kind_of(request), code=str(code))
        response["X-Request-ID"] = request_id
        return response


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    level = logging.DEBUG if request.path in _QUIET_PATHS else logging.INFO
    if not logger.isEnabledFor(level):
        return
    fields = {
        "method": request.method,
        "path": f"{getattr(request, 'shown_before', '')}{escape_uri_path(request.path)}"[
            :_MAX_PATH_LENGTH
        ],
        "status": response.status_code,
        "ms": round(seconds * 1000, 2),
        "bytes": _length(response),
        "user": _user_id(request),
    }
    line = "%(method)s %(path)s %(status)s %(ms)s ms, %(bytes)s bytes, user %(user)s"
    logger.log(level, line, fields, extra={"fields": fields})


def _length(response: HttpResponseBase) -> int | None:
    """Return how many bytes an answer has; None for one that is made while it is sent."""
    if response.has_header("Content-Length"):
        return int(response["Content-Length"])
    return None if response.streaming else len(response.content)  # type: ignore[attr-defined]


def _user_id(request: HttpRequest) -> int | None:
    """Return who asked, if that had to be found out: no query is made for the log."""
    reader_id: int | None = getattr(request, "reader_id", None)
    if reader_id is not None:
        return reader_id
    token = getattr(request, "token", None)
    user = token.user if token else getattr(request, "_cached_user", None)
    return user.pk if user else None
