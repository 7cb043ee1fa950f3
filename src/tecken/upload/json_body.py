# SPDX-License-Identifier: MPL-2.0

"""The bodies of requests that ask about many files: JSON objects within limits."""

import msgspec
from django.http import HttpRequest

from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.web.codings import open_body
from tecken.web.request_body import declared_length

_MAX_BODY_BYTES = 16 * 1024 * 1024  # with the usual names, 20,000 files take 4 MB


def read_json_object(request: HttpRequest, max_files: int, max_values: int) -> dict[str, object]:
    """Return the object that a body is. Raises InvalidRequestError and LimitExceededError.

    Each value may become an object in memory, so they are counted before: so many files have no more than that.
    """
    _refuse_large(declared_length(request.META) or 0)
    body = open_body(request, _MAX_BODY_BYTES).read(_MAX_BODY_BYTES + 1)
    _refuse_large(len(body))
    if body.count(b",") > max_values:
        raise LimitExceededError(f"The body has more values than {max_files:,} files can have")
    try:
        content = msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise InvalidRequestError("The body is not valid JSON") from None
    if not isinstance(content, dict):
        raise InvalidRequestError("The body is not a JSON object")
    return content


def _refuse_large(size: int) -> None:
    if size > _MAX_BODY_BYTES:
        raise LimitExceededError(
            f"The body is too large: at most {_MAX_BODY_BYTES} bytes are allowed"
        )
