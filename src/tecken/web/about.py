# SPDX-License-Identifier: MPL-2.0

"""What a server tells of itself to whoever asks: ``/__version__`` and ``/contribute.json``."""

from importlib.metadata import metadata

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tecken.web.build_info import build_info
from tecken.web.private import open_to_all
from tecken.web.responses import json_response


@open_to_all
@require_safe
def version(request: HttpRequest) -> HttpResponse:
    """Answer with the version of the package, and of the code it was built from."""
    return json_response(build_info())


@open_to_all
@require_safe
def contribute(request: HttpRequest) -> HttpResponse:
    """Answer with how to take part, in the form of contributejson.org."""
    package = metadata("tecken")
    return json_response(
        {
            "name": "Tecken",
            "description": package["Summary"],
            "repository": {"url": build_info()["source"], "license": package["License-Expression"]},
            "keywords": ["symbols", "symbolication", "breakpad", "python", "django", "react"],
        }
    )
