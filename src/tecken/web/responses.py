# SPDX-License-Identifier: MPL-2.0

"""JSON answers and their headers."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from django.http import HttpResponse
from django.http.response import HttpResponseBase

RETRY_AFTER_SECONDS = 5


def json_response(content: object, status: int = 200) -> HttpResponse:
    """Answer with JSON; datetimes must be in UTC and end in ``Z``."""
    return HttpResponse(msgspec.json.encode(content), "application/json", status)


def json_error(message: str, status: int, **more: object) -> HttpResponse:
    """Answer ``{"error": message}``, with more keys if there are any."""
    content: Mapping[str, object] = {"error": message, **more}
    response = json_response(content, status)
    if status in {429, 503}:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def mark_pulled(response: HttpResponseBase, *, is_far: bool = False) -> None:
    """Let an answer be made as its client reads it, chunk by chunk and each in any thread.

    The edge makes all others whole before they are sent. What the answer holds open meanwhile must
    be little. ``is_far`` is for chunks that another server is asked for: of these answers there are
    only so many at a time, and who is one too many gets 503.
    """
    response.pulled = True  # type: ignore[attr-defined]
    response.is_far = is_far  # type: ignore[attr-defined]


def iso_datetime(moment: datetime | None) -> str | None:
    """Return ``2026-11-24T14:28:03.123456Z``."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
