# SPDX-License-Identifier: MPL-2.0

"""The WSGI application."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from tecken.web.request_body import ENDLESS

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tecken.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request; a chunked body counts as one without end, where the server marks its end."""
    if not environ.get("CONTENT_LENGTH") and environ.get("HTTP_TRANSFER_ENCODING"):
        environ["CONTENT_LENGTH"] = str(ENDLESS)
    return _django(environ, start_response)
