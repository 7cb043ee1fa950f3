# SPDX-License-Identifier: MPL-2.0
"""The body of ``POST /upload/check``: from JSON to the files that are asked about."""

import re
from dataclasses import dataclass

from django.http import HttpRequest

from tecken.core.errors import InvalidNameError, InvalidRequestError, LimitExceededError
from tecken.core.identifiers import SymbolKey, parse_stored_key
from tecken.core.storage.digest import Digest
from tecken.upload.json_body import read_json_object
from tecken.upload.presence import NamedFile

MAX_FILES = 20_000  # as many as an archive may have
_MD5 = re.compile(r"[0-9A-Fa-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What is asked; ``wants_try`` and ``bucket_name`` as in the form of an upload."""

    files: list[NamedFile]
    wants_try: bool
    bucket_name: str


def read_check_request(request: HttpRequest) -> CheckRequest:
    """Read ``{"files": [{"key", "size", "md5"}, …], "try": false, "bucket_name": ""}``.

    A key may also be that of a native file. Instead of ``key`` a file may have ``name`` and ``debug_id``, which stand for a module's symbol
    file. Raises InvalidRequestError that names what is wrong, and LimitExceededError.
    """
    content = read_json_object(request, MAX_FILES, 10 * MAX_FILES)
    files = content.get("files")
    if not isinstance(files, list):
        raise InvalidRequestError("files must be a list")
    if len(files) > MAX_FILES:
        raise LimitExceededError(
            f"The request has {len(files):,} files; at most {MAX_FILES:,} are allowed"
        )
    return CheckRequest(
        [_named_file(position, file) for position, file in enumerate(files)],
        _wants_try(content.get("try")),
        _bucket_name(content.get("bucket_name")),
    )


def _wants_try(value: object) -> bool:
    if value is not None and not isinstance(value, str | bool | int):
        raise InvalidRequestError("try must be true or false")
    return bool(value)


def _bucket_name(value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise InvalidRequestError("bucket_name must be a string")
    return value or ""


def _named_file(position: int, file: object) -> NamedFile:
    if not isinstance(file, dict):
        raise _refusal(position, "must be an object")
    size, md5 = file.get("size"), file.get("md5")
    if type(size) is not int or size < 0:
        raise _refusal(position, "size must be a number of bytes")
    if not isinstance(md5, str) or not _MD5.match(md5):
        raise _refusal(position, "md5 must be 32 hexadecimal digits")
    return NamedFile(_key_of(position, file), Digest(size, md5.lower()))


def _key_of(position: int, file: dict[str, object]) -> SymbolKey:
    key, name, debug_id = file.get("key"), file.get("name"), file.get("debug_id")
    try:
        if isinstance(key, str):
            return parse_stored_key(key)
        if key is None and isinstance(name, str) and isinstance(debug_id, str):
            return SymbolKey.of_module(name, debug_id)
    except InvalidNameError as error:
        raise _refusal(position, str(error)) from error
    raise _refusal(position, "needs a key, or a name and a debug_id, which are strings")


def _refusal(position: int, reason: str) -> InvalidRequestError:
    return InvalidRequestError(f"files[{position}]: {reason}")
