# SPDX-License-Identifier: MPL-2.0

"""The ``Debug`` header, which asks for details of how an answer came about."""

from django.http import HttpRequest

_TRUE = frozenset({"true", "1", "yes"})


def wants_debug(request: HttpRequest) -> bool:
    """Say whether a request has ``Debug: true`` (or ``1``, or ``yes``, in any case)."""
    return request.headers.get("Debug", "").strip().lower() in _TRUE
