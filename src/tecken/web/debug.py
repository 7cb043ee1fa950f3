# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The ``Debug`` header, which asks for details of how an answer came about."""

from django.http import HttpRequest

_TRUE = frozenset({"true", "1", "yes"})


def wants_debug(request: HttpRequest) -> bool:
    """Say whether a request has ``Debug: true`` (or ``1``, or ``yes``, in any case)."""
    return request.headers.get("Debug", "").strip().lower() in _TRUE
