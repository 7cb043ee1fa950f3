# SPDX-License-Identifier: MPL-2.0

"""The interface below ``/api/``: its routers, and how it reads requests and writes answers."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.renderers import BaseRenderer

from tecken.api.form_or_json import BodyParser
from tecken.core.errors import InvalidFieldsError
from tecken.web.errors import error_response


class _Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


interface = NinjaAPI(
    title="Tecken",
    version="1",
    description="A symbol server: upload, download, symbolication, and the data of its web app.",
    openapi_url=None,
    docs_url=None,
    parser=BodyParser(),
    renderer=_Renderer(),
)
for _router, _prefix in {
    "auth": "",
    "app": "",
    "stats": "",
    "tokens": "tokens/",
    "created": "uploads/created/",
    "files": "uploads/files/",
    "uploads": "uploads/",
    "users": "_users/",
    "audit": "audit/",
    "tasks": "tasks/",
    "settings": "",
    "sources": "",
    "downloads": "downloads/",
    "symbols": "",
    "lookup": "",
}.items():
    interface.add_router(_prefix, f"tecken.api.routers.{_router}.router")


@interface.exception_handler(Exception)
@interface.exception_handler(Http404)  # of which the library has a handler of its own
def _raise(request: HttpRequest, error: Exception) -> HttpResponse:
    """Leave errors to ``tecken.web.errors``, the one place that answers them."""
    raise error


@interface.exception_handler(ValidationError)
def _answer_invalid_fields(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors: dict[str, list[str]] = {}
    for found in error.errors:
        message = found["msg"].removeprefix(
            "Value error, "
        )  # what our own checks say is a sentence
        errors.setdefault(_field(found["loc"]), []).append(message)
    return error_response(InvalidFieldsError(errors))


def _field(location: Sequence[str | int]) -> str:
    """Return ``permissions`` for ``("form", "asked", "permissions", 0)``: source and argument go."""
    return str(location[2]) if len(location) > 2 else str(location[-1])
