# SPDX-License-Identifier: MPL-2.0

"""The OpenAPI document of the whole HTTP interface.

What is below ``/api/`` comes from the code that answers it; ``other_paths.json``, written by hand, has
upload, download, symbolication and what else is not built with the API library. The URLs of debuggers, which are
alike, are made by ``debugger_paths``.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from tecken.api.debugger_paths import debugger_paths
from tecken.api.form_or_json import FORM_TYPES, JSON_TYPE
from tecken.api.interface import interface
from tecken.api.schemas.common import FieldProblems, Problem

Json = dict[str, Any]

_PREFIX = "api/"
_EITHER_WAY: list[Json] = [{"token": []}, {"session": []}]
_REF = "#/components/schemas/{model}"


@cache
def document() -> Json:
    """Return the document, as ``/api/schema.json`` answers it. It says nothing of one server."""
    found: Json = json.loads(json.dumps(_Document(interface, _PREFIX)))
    other: Json = json.loads(files("tecken.api").joinpath("other_paths.json").read_bytes())
    for url, operations in other["paths"].items():
        if url == "/metadata":  # which is of debuggers, too
            found["paths"] |= dict(debugger_paths())
        found["paths"][url] = operations
    found["tags"] = other["tags"]
    components = found["components"]
    components["securitySchemes"] = other["components"]["securitySchemes"]
    components["schemas"] |= other["components"]["schemas"]
    components["schemas"] |= {
        shape.__name__: shape.model_json_schema(ref_template=_REF)
        for shape in (Problem, FieldProblems)
    }
    return found


# What these are about is named in the body, and may not be there.
_FIND_BY_BODY = frozenset({"delete_keys"})
# These do something without a body as well.
_BODY_IS_OPTIONAL = frozenset({"backfill", "change_user", "delete_file", "delete_upload"})


class _Document(OpenAPISchema):
    """What the library knows of the interface, with what is the same for all of its operations."""

    def operation_security(self, operation: Operation) -> list[Json] | None:
        """Say that a token or a session is needed."""
        return _EITHER_WAY if operation.auth_callbacks else None

    def request_body(self, operation: Operation) -> Json:
        """Say that a form may be JSON as well, and whether it may be left out."""
        body = super().request_body(operation)
        if not body:
            return {}
        [content] = body["content"].values()
        return {
            "content": dict.fromkeys((JSON_TYPE, *FORM_TYPES), content),
            "required": operation.operation_id not in _BODY_IS_OPTIONAL,
        }

    def responses(self, operation: Operation) -> dict[int, Json]:
        """Add the answers that tell of problems."""
        found = super().responses(operation)
        # Any of them may have headers that make no sense, or an API token that is refused.
        problems = {400: _refused(), 403: _problem("Not permitted"), 503: _problem("Try again")}
        if "{" in operation.path or operation.operation_id in _FIND_BY_BODY:
            problems[404] = _problem("Not found")
        if operation.methods != ["GET"]:
            problems[413] = _problem("The body is too large")
        return {**found, **problems}


def _problem(description: str) -> Json:
    return _answer(description, {"$ref": _REF.format(model="Problem")})


def _refused() -> Json:
    shapes = [{"$ref": _REF.format(model=name)} for name in ("FieldProblems", "Problem")]
    return _answer("What was sent makes no sense", {"anyOf": shapes})


def _answer(description: str, schema: Json) -> Json:
    return {"description": description, "content": {JSON_TYPE: {"schema": schema}}}
