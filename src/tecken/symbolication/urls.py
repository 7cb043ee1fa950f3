# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The URLs of symbolication."""

from django.urls import path

from tecken.symbolication.views import root, v4, v5

urlpatterns = [
    path("symbolicate/v5", v5),
    path("symbolicate/v4", v4),
    path("", root),
]
