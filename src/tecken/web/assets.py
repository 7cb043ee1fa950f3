# SPDX-License-Identifier: MPL-2.0

"""The web app's assets, also those of a build that was made under a running server."""

import os
import threading
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

from tecken.web.responses import mark_pulled

Answer = Callable[[HttpRequest], HttpResponse]


class AssetsMiddleware:
    """Serves the assets by WhiteNoise, which lists them when the first is asked for.

    A build takes the files away that it has no more, and ``index.html``, read at every request,
    names the new ones. So they are listed again when their folder has changed, at the price of one
    ``stat`` for each asset.
    """

    def __init__(self, get_response: Answer) -> None:
        self._get_response = self._assets = get_response
        self._listed_at: int | None = None
        self._lock = threading.Lock()

    def _list(self) -> None:
        """List the files; of all requests that want this at the same time, one does it."""
        with self._lock:
            changed_at = _changed_at()  # before the files are listed: a change meanwhile is seen
            if changed_at != self._listed_at:
                self._assets = WhiteNoiseMiddleware(self._get_response)
                self._listed_at = changed_at

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(settings.STATIC_URL):
            return self._get_response(request)
        if _changed_at() != self._listed_at:
            self._list()
        try:
            response = self._assets(request)
            mark_pulled(response)
            return response
        except FileNotFoundError:  # a build takes it away at this moment
            return self._get_response(request)


def _changed_at() -> int:
    """Return when a file of the folder came or went, 0 where there is no folder."""
    try:
        return os.stat(settings.STATIC_ROOT or "").st_mtime_ns
    except FileNotFoundError:
        return 0
