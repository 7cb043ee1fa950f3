# SPDX-License-Identifier: MPL-2.0

"""Which host names a request may be for."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware


class HostMiddleware(CommonMiddleware):
    """Django's own middleware, which refuses hosts that are not in ``ALLOWED_HOSTS``.

    Load balancers and health checks ask a machine by its address, which nobody lists there, so what
    they ask is answered whatever the host, as it is over plain http.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        path = request.path.lstrip("/")
        if any(re.search(pattern, path) for pattern in settings.SECURE_REDIRECT_EXEMPT):
            return None
        return super().process_request(request)
