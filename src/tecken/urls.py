# SPDX-License-Identifier: MPL-2.0

"""Every URL. ``settings.SERVE_ONLY`` names the parts that this process answers."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from tecken.download.benchmarking import caching_vs_boto
from tecken.download.urls import dialect_url, symbol_url
from tecken.web.about import contribute, version
from tecken.web.auth_debug import auth_debug
from tecken.web.codings import reads_nothing
from tecken.web.errors import not_found
from tecken.web.health import heartbeat, lbheartbeat
from tecken.web.prometheus import metrics
from tecken.web.views import home

handler400 = "tecken.web.errors.handler400"
handler500 = "tecken.web.errors.handler500"

# URLs are tried one after the other: those that are asked for most come first.
urlpatterns: list[URLPattern | URLResolver] = []
if "download" in settings.SERVE_ONLY:
    urlpatterns += [dialect_url, symbol_url]
if "symbolication" in settings.SERVE_ONLY:
    urlpatterns += [path("", include("tecken.symbolication.urls"))]
elif "web" in settings.SERVE_ONLY:
    urlpatterns += [path("", home)]
urlpatterns += [
    path("__lbheartbeat__", lbheartbeat),
    path("__heartbeat__", heartbeat),
    path("__version__", version),
    path("metrics", metrics),
]
if "web" in settings.SERVE_ONLY:
    urlpatterns += [
        path("__auth_debug__", auth_debug),
        path("__benchmarking__/caching-vs-boto/", caching_vs_boto),
        path("contribute.json", contribute),
        path("", include("tecken.accounts.urls")),
        path("api/", include("tecken.api.urls")),
        path("", include("tecken.jobs.urls")),
        path("", include("tecken.web.urls")),
    ]
if "upload" in settings.SERVE_ONLY:
    urlpatterns += [path("", include("tecken.upload.urls"))]
if "download" in settings.SERVE_ONLY:
    urlpatterns += [path("", include("tecken.download.urls"))]

# What nothing above answers. A pattern, so that it is answered the same way with DEBUG.
urlpatterns += [re_path("", csrf_exempt(reads_nothing(not_found)))]
