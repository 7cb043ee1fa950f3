# SPDX-License-Identifier: MPL-2.0

"""The URLs of download.

``/try/…`` asks for try symbols too. The product names are those that old clients still put in front, and
the second slash is of those that put one between a server's URL with a slash and a path with one.
"""

from django.urls import path, re_path

from tecken.core.dialects.requests import PATHS
from tecken.download.dialects import dialect
from tecken.download.files import file
from tecken.download.reports import missing_symbols_csv
from tecken.download.syminfo import syminfo
from tecken.download.views import symbol

_PRODUCTS = "firefox|seamonkey|sunbird|thunderbird|xulrunner|fennec|b2g"

# No other URL has three parts, or four with one of those in front, and a hexadecimal one before the
# last; a source's name has a dash.
symbol_url = re_path(
    rf"^/?(?:(?P<try_prefix>try)/|(?:{_PRODUCTS})/)?"
    r"(?P<debug_file>[^/]+)/(?P<debug_id>[0-9A-Fa-f]+)/(?P<symbol_file>[^/]+)$",
    symbol,
)
# Comes first: ``buildid/c6be…/debuginfo`` looks like a symbol key.
dialect_url = re_path(rf"^/?(?:(?P<try_prefix>try)/)?(?P<path>{PATHS})\Z", dialect)
urlpatterns = [
    path("missingsymbols.csv", missing_symbols_csv),
    re_path(r"^api/syminfo/(?P<file>[^/]+)/(?P<some_id>[^/]+)/?$", syminfo),
    re_path(r"^_files/(?P<source_name>[^/]+)/(?P<object_key>.+)$", file),
]
