# SPDX-License-Identifier: MPL-2.0

"""What sentry-cli asks and is answered: its options, the files that it wants assembled, and what became of them.

Source: what sentry-cli 3.8.2 was seen to send, and takes. It shows the ``error`` of a refusal to its
user, and the ``detail`` of a file that is in the state ``error``.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest

from tecken.accounts.models import User
from tecken.core.errors import InvalidRequestError, LimitExceededError
from tecken.core.native.kinds import LINES, SOURCES, SYMBOLS, UNWIND, Role
from tecken.upload.json_body import read_json_object
from tecken.upload.models import FileUpload

CHUNK_BYTES = 8 * 1024 * 1024
CHUNKS_PER_REQUEST = 64
REQUEST_BYTES = 4 * CHUNK_BYTES  # of chunks, inflated
_CONCURRENCY = 2
# Of what servers may take, what this one does: programs, their debug files, and sources.
_ACCEPTED = ["debug_files", "pdbs", "portablepdbs", "sources"]
MAX_CHUNKS = 40_000  # of all files of a request: 312 GiB
_MAX_NAME_LENGTH = 1024
_SHA1 = re.compile(r"[0-9a-f]{40}\Z")
_FEATURES = {LINES: "debug", SYMBOLS: "symtab", UNWIND: "unwind", SOURCES: "sources"}
_TYPES = {
    Role.DEBUGINFO: "dbg",
    Role.EXECUTABLE: "exe",
    Role.SOURCEBUNDLE: "src",
    Role.SPLIT: "dbg",
}
_NO_ID = "0" * 32


class State(StrEnum):
    """What became of a file, in the words of the protocol."""

    NOT_FOUND = "not_found"
    CREATED = "created"
    ASSEMBLING = "assembling"
    OK = "ok"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that is to be put together of chunks; all of them are named by their SHA-1."""

    sha1: str
    name: str
    chunks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of a file; ``stored`` is the row of what is there, and ``name`` what the client calls it."""

    state: State
    missing: tuple[str, ...] = ()
    detail: str = ""
    stored: FileUpload | None = None
    name: str = ""


def is_sha1(text: str) -> bool:
    """Say whether a text is a SHA-1 as it is written here: 40 hexadecimal digits in lower case."""
    return _SHA1.match(text) is not None


def token_answer(user: User, permissions: Collection[str]) -> dict[str, object]:
    """Return whose a token is; the scopes are the names of its permissions here."""
    scopes = sorted(name.partition(".")[2] for name in permissions)
    who = {"id": str(user.pk), "email": user.email, "username": user.email}
    return {"version": "0", "auth": {"scopes": scopes}, "user": who}


def upload_options(url: str) -> dict[str, object]:
    """Return what a client has to know before it sends chunks, which it does to ``url``."""
    return {
        "url": url,
        "chunkSize": CHUNK_BYTES,
        "chunksPerRequest": CHUNKS_PER_REQUEST,
        "maxRequestSize": REQUEST_BYTES,
        "maxFileSize": max_file_bytes(),
        "concurrency": _CONCURRENCY,
        "hashAlgorithm": "sha1",
        "compression": ["gzip"],
        "accept": _ACCEPTED,
    }


def max_file_bytes() -> int:
    """Return how large a file may be: no larger than in an archive."""
    limits: tuple[int, int, int] = (
        settings.UPLOAD_MAX_MEMBER_BYTES,
        settings.UPLOAD_MAX_ARCHIVE_BYTES,
        settings.UPLOAD_MAX_TOTAL_BYTES,
    )
    return min(limits)


def read_assemble_request(request: HttpRequest) -> list[WantedFile]:
    """Read ``{"<sha1>": {"name", "debug_id", "chunks": ["<sha1>", …]}, …}``.

    The debug id is not looked at: files tell of theirs. Raises InvalidRequestError that names what is
    wrong, and LimitExceededError.
    """
    most = settings.UPLOAD_MAX_MEMBERS
    content = read_json_object(request, most, MAX_CHUNKS + 8 * most)
    if len(content) > most:
        raise LimitExceededError(f"The request has {len(content):,} files; {most:,} are allowed")
    wanted = [_wanted_file(sha1, file) for sha1, file in content.items()]
    if sum(len(file.chunks) for file in wanted) > MAX_CHUNKS:
        raise LimitExceededError(f"The files have more than {MAX_CHUNKS:,} chunks")
    return wanted


def assemble_answer(found: Mapping[str, Progress]) -> dict[str, object]:
    """Return the JSON that tells of files by their SHA-1."""
    return {sha1: _told(sha1, progress) for sha1, progress in found.items()}


def _wanted_file(sha1: str, file: object) -> WantedFile:
    if not is_sha1(sha1):
        raise InvalidRequestError(f"{sha1!r:.60} is no SHA-1: 40 hexadecimal digits")
    if not isinstance(file, dict):
        raise InvalidRequestError(f"{sha1}: must be an object")
    name, chunks = file.get("name"), file.get("chunks")
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME_LENGTH:
        raise InvalidRequestError(f"{sha1}: name must be a string of up to {_MAX_NAME_LENGTH}")
    if not isinstance(chunks, list) or not chunks:
        raise InvalidRequestError(f"{sha1}: chunks must be a list of SHA-1s")
    if not all(isinstance(chunk, str) and is_sha1(chunk) for chunk in chunks):
        raise InvalidRequestError(f"{sha1}: chunks must be a list of SHA-1s")
    return WantedFile(sha1, name, tuple(chunks))


def _told(sha1: str, progress: Progress) -> dict[str, object]:
    told: dict[str, object] = {"state": progress.state, "missingChunks": progress.missing}
    if progress.detail:
        told["detail"] = progress.detail
    if progress.stored is not None:
        told["dif"] = _described(sha1, progress.name, progress.stored)
    return told


def _described(sha1: str, name: str, row: FileUpload) -> dict[str, object]:
    debug_id = _with_dashes(row.debug_id)
    return {
        "id": str(row.pk),
        "uuid": debug_id,
        "debugId": debug_id,
        "codeId": row.code_id.lower() or None,
        "objectName": name,
        "cpuName": row.arch or "any",
        "symbolType": row.kind,
        "sha1": sha1,
        "size": row.original_size,
        "data": {
            "type": _TYPES.get(Role(row.role)) if row.role else "dbg",
            "features": [_FEATURES[part] for part in row.features if part in _FEATURES],
        },
    }


def _with_dashes(debug_id: str) -> str:
    """Return ``44e4ec8c-2f41-492b-9369-d6b9a059577c-2``, without an age of 0."""
    digits = debug_id.lower() if len(debug_id) >= len(_NO_ID) else _NO_ID
    guid, age = digits[:32], digits[32:].lstrip("0")
    parts = (guid[:8], guid[8:12], guid[12:16], guid[16:20], guid[20:], age)
    return "-".join(filter(None, parts))
