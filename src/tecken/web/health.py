# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""What load balancers and people ask a server about itself."""

from importlib.metadata import version as package_version

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tecken.web.responses import json_response


@require_safe
def lbheartbeat(request: HttpRequest) -> HttpResponse:
    """Answer 200 as long as the process can answer at all."""
    return HttpResponse("ok\n", "text/plain; charset=utf-8")


@require_safe
def version(request: HttpRequest) -> HttpResponse:
    """Answer with the version of the package."""
    return json_response({"version": package_version("tecken")})
