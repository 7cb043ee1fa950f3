# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Every URL. ``settings.SERVE_ONLY`` names the parts that this process answers."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.decorators.csrf import csrf_exempt

from tecken.download.benchmarking import caching_vs_boto
from tecken.download.urls import symbol_url
from tecken.web.about import contribute, version
from tecken.web.auth_debug import auth_debug
from tecken.web.errors import not_found
from tecken.web.health import heartbeat, lbheartbeat
from tecken.web.views import home

handler400 = "tecken.web.errors.handler400"
handler500 = "tecken.web.errors.handler500"

urlpatterns: list[URLPattern | URLResolver] = [
    path("__lbheartbeat__", lbheartbeat),
    path("__heartbeat__", heartbeat),
    path("__version__", version),
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
if "symbolication" in settings.SERVE_ONLY:
    urlpatterns += [path("", include("tecken.symbolication.urls"))]
elif "web" in settings.SERVE_ONLY:
    urlpatterns += [path("", home)]
if "upload" in settings.SERVE_ONLY:
    urlpatterns += [path("", include("tecken.upload.urls"))]
if "download" in settings.SERVE_ONLY:
    urlpatterns += [path("", include("tecken.download.urls"))]
    # Asked more than all others together, so it is tried first.
    urlpatterns.insert(0, symbol_url)

# What nothing above answers. A pattern, so that it is answered the same way with DEBUG.
urlpatterns += [re_path("", csrf_exempt(not_found))]
