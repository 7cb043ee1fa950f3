# SPDX-License-Identifier: MPL-2.0

"""Bodies of requests: JSON or a form, with the same names."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from tecken.core.errors import InvalidFieldsError, InvalidRequestError

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
JSON_TYPE = "application/json"


class BodyParser(Parser):
    """Reads what endpoints declare as a form from JSON, too, whatever its content type says."""

    def parse_querydict(
        self, data: "MultiValueDict[str, Any]", list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Return the fields of a query or a body. Raises InvalidRequestError."""
        if data is request.GET:
            return super().parse_querydict(data, list_fields, request)
        if request.content_type not in FORM_TYPES:
            return _json_object(request.body)
        if request.method == "DELETE":
            # Django reads the form of a POST alone.
            if request.content_type != FORM_TYPES[0]:
                raise InvalidRequestError(f"The body of a DELETE is JSON or {FORM_TYPES[0]}")
            data = QueryDict(request.body)
        # A list is repeated fields, or one whose values are separated by commas (schemas.common).
        return {name: values if len(values) > 1 else values[0] for name, values in data.lists()}


@contextmanager
def told_as(field: str) -> Iterator[None]:
    """Tell what a service refuses as what is wrong with a field. Raises InvalidFieldsError."""
    try:
        yield
    except InvalidRequestError as error:
        raise InvalidFieldsError({field: [str(error)]}) from error


def _json_object(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        content = msgspec.json.decode(body)
    except UnicodeDecodeError:
        raise InvalidRequestError("The body is not valid UTF-8") from None
    except (msgspec.DecodeError, RecursionError):
        raise InvalidRequestError("The body is not valid JSON") from None
    if not isinstance(content, dict):
        raise InvalidRequestError("The body is not a JSON object")
    return content
