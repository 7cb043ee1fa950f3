# SPDX-License-Identifier: MPL-2.0

"""What the OpenAPI document says of the URLs of debuggers: GET and HEAD of files by the ids of their builds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Json = dict[str, Any]

_STRING: Json = {"type": "string"}
_TEXT: Json = {"text/plain": {"schema": _STRING}}
_PROBLEM: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_BUILD = MappingProxyType({"build_id": "In hexadecimal digits of any case"})
_MAX_SIZE = "X-DEBUGINFOD-MAXSIZE"


@dataclass(frozen=True, slots=True)
class _Path:
    """A URL; ``names`` are those of its parts, with what they mean. ``has_limit``: a client may say how much it takes."""

    url: str
    operation: str
    summary: str
    description: str = ""
    names: Mapping[str, str] = field(default_factory=lambda: _BUILD)
    has_limit: bool = False


_PATHS = (
    _Path(
        "/buildid/{build_id}/debuginfo",
        "debuginfod_debuginfo",
        "Get the debug information of a build, as debuginfod's clients ask for it",
        "An executable that still has its own counts as well.",
        has_limit=True,
    ),
    _Path(
        "/buildid/{build_id}/executable",
        "debuginfod_executable",
        "Get the executable of a build",
        has_limit=True,
    ),
    _Path(
        "/buildid/{build_id}/section/{section}",
        "debuginfod_section",
        "Get one section of a build's files",
        names={**_BUILD, "section": "`.text`"},
    ),
    _Path(
        "/buildid/{build_id}/source/{source_path}",
        "debuginfod_source",
        "Get a source file out of a source bundle",
        names={**_BUILD, "source_path": "Its slashes stay as they are"},
    ),
    _Path(
        "/unified/{start}/{rest}/{role}",
        "unified",
        "Get a file in Sentry's unified layout",
        names={
            "start": "The first two digits of the id",
            "rest": "The others",
            "role": "`debuginfo`, `executable`, `breakpad` or `sourcebundle`",
        },
    ),
)


def debugger_paths() -> Iterator[tuple[str, Json]]:
    """Yield the URLs, and the operations of each."""
    for path in _PATHS:
        named: Json = {"tags": ["downloads"], "summary": path.summary}
        described = {"description": path.description} if path.description else {}
        head = {
            **named,
            "operationId": f"head_{path.operation}",
            "summary": f"{path.summary}, without its bytes",
            "parameters": list(_parameters(path)),
            "responses": dict(_answers(path)),
        }
        conditions = [_parameter(name, "header") for name in ("Range", "If-None-Match")]
        get = {
            **named,
            **described,
            "operationId": path.operation,
            "parameters": [*_parameters(path), *conditions],
            "responses": {**dict(_answers(path)), **_OF_BYTES},
        }
        yield path.url, {"get": get, "head": head}


def _parameters(path: _Path) -> Iterator[Json]:
    for name, meaning in path.names.items():
        yield _parameter(name, "path", meaning)
    if path.has_limit:
        yield _parameter(_MAX_SIZE, "header", "Answer 406 where the file has more bytes")


def _parameter(name: str, where: str, meaning: str = "") -> Json:
    described = {"description": meaning} if meaning else {}
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "schema": _STRING,
        **described,
    }


# What GET is answered, and HEAD is not.
_OF_BYTES: Json = {
    "200": {"description": "The file, or that part of it", "content": {"*/*": {}}},
    "206": {"description": "A range of it", "content": {"*/*": {}}},
    "416": {"description": "Beyond its end", "content": _PROBLEM},
}


def _answers(path: _Path) -> Iterator[tuple[str, Json]]:
    location = {"schema": _STRING, "description": "Where it is"}
    yield "200", {"description": "It is there"}
    yield (
        "302",
        {
            "description": "Go there for it: a bucket hands it out",
            "headers": {"Location": location},
        },
    )
    yield "304", {"description": "It is still the same"}
    nothing = "Not there; and whatever else is wrong, as debuggers take 404 for no more than that"
    yield "404", {"description": nothing, "content": {**_TEXT, **_PROBLEM}}
    if path.has_limit:
        yield "406", {"description": "It is larger than that", "content": _TEXT}
    yield "412", {"description": "It is another version", "content": _PROBLEM}
    yield "503", {"description": "Storage cannot be asked; try again", "content": _PROBLEM}
