# SPDX-License-Identifier: MPL-2.0

"""The pages of the web app, all of which are one: the app finds out which by its address."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tecken.web.page import app_page
from tecken.web.private import open_to_all


@open_to_all
@require_safe
def home(request: HttpRequest, **_parts: object) -> HttpResponse:
    """Answer with the web app."""
    return app_page(request)
