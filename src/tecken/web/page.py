# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""The web app's page. Its assets are served by WhiteNoise, under names that never change."""

from django.conf import settings
from django.http import HttpResponse


def app_page(status: int = 200) -> HttpResponse:
    """Answer with the built ``index.html``, which browsers revalidate every time."""
    try:
        response = HttpResponse((settings.WEB_APP_DIR / "index.html").read_bytes(), status=status)
    except FileNotFoundError:
        message = "The web app is not built: run `make build`.\n"
        response = HttpResponse(message, "text/plain; charset=utf-8", status)
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept"
    return response
