# SPDX-License-Identifier: MPL-2.0

"""The URLs of symbolication."""

from django.urls import path

from tecken.symbolication.minidump_views import minidump
from tecken.symbolication.text_views import text
from tecken.symbolication.views import root, v4, v5

urlpatterns = [
    path("symbolicate/v5", v5),
    path("symbolicate/v4", v4),
    path("symbolicate/text", text),
    path("symbolicate/minidump", minidump),
    path("", root),
]
