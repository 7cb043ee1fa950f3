# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The pages of the web app, all of which are one: the app finds out which by its address."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tecken.web.page import app_page


@require_safe
def home(request: HttpRequest, **_parts: object) -> HttpResponse:
    """Answer with the web app."""
    return app_page()
