# SPDX-License-Identifier: MPL-2.0

"""The ``tecken`` command with two more URLs, for baselines: they do nothing, or ask the cache once.

``python -m benchmarks.empty_views serve …``
"""

import os

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def empty(_request: HttpRequest) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse()


@csrf_exempt
def get(_request: HttpRequest) -> HttpResponse:
    """Ask the cache once, and answer with nothing."""
    cache.get("empty")
    return HttpResponse()


def main() -> None:
    """Run a command of Tecken with these URLs before its own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tecken.settings")
    settings.ROOT_URLCONF = "benchmarks.empty_views"
    from tecken.commands.main import main as tecken

    tecken()


if __name__ == "__main__":
    main()
else:  # as the URLs of the server that was run so
    urlpatterns: list[URLPattern | URLResolver] = [
        path("__empty__", empty),
        path("__empty__/get", get),
        path("", include("tecken.urls")),
    ]
