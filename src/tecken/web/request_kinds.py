# SPDX-License-Identifier: MPL-2.0

"""What kind of request a request is, for metrics: one of a few names, whatever clients ask for.

The view that answers decides: first by its name, then by its module, then by its application, so that
a new view has a kind without a line here.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

_ROOT = "/"  # a page for GET, and a request of v4 for POST
_OF_VIEWS = {
    "tecken.symbolication.views.v4": "symbolicate_v4",
    "tecken.symbolication.views.v5": "symbolicate_v5",
    "tecken.symbolication.views.root": _ROOT,
}
_OF_MODULES = {
    "tecken.web.health": "heartbeat",
    "tecken.web.about": "about",
    "tecken.web.prometheus": "metrics",
    "tecken.web.views": "page",
    "tecken.download.benchmarking": "other",
    "tecken.download.syminfo": "api",
}
_OF_APPLICATIONS = {
    "accounts": "signin",
    "api": "api",
    "download": "download",
    "symbolication": "symbolicate",
    "upload": "upload",
}
OTHER, ASSET = "other", "asset"
KINDS = frozenset(
    {*_OF_VIEWS.values(), *_OF_MODULES.values(), *_OF_APPLICATIONS.values(), OTHER, ASSET} - {_ROOT}
)


def kind_of(request: HttpRequest) -> str:
    """Return the kind of a request that was answered, one of ``KINDS``."""
    match = request.resolver_match
    if match is None:  # no view has answered it
        return ASSET if request.path.startswith(settings.STATIC_URL) else OTHER
    kind = _kind_of_view(match.func)
    if kind is _ROOT:
        return "symbolicate_v4" if request.method == "POST" else "page"
    return kind


@cache
def _kind_of_view(view: Callable[..., Any]) -> str:
    module = view.__module__
    name = getattr(view, "__name__", "")
    application = module.removeprefix("tecken.").partition(".")[0]
    return (
        _OF_VIEWS.get(f"{module}.{name}")
        or _OF_MODULES.get(module)
        or _OF_APPLICATIONS.get(application, OTHER)
    )
