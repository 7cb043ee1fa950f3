# SPDX-License-Identifier: MPL-2.0
"""Upload a large archive in chunks, and go on after an interruption where it was.

Spoken is tus 1.0. A small file in the user's folder for states has the URL of an upload that is not
complete, so the next run finds it, too.
"""

import hashlib
import json
import os
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec
from platformdirs import user_state_dir

from tecken.client.errors import RefusedByServerError, ServerUnavailableError
from tecken.client.server import Server, read_json
from tecken.client.upload import TIMEOUT, Progress, Uploaded, form_fields, read_answer

if TYPE_CHECKING:
    from io import BufferedReader

DEFAULT_CHUNK_BYTES = 16 * 1024 * 1024
_WORTH_CHUNKS = 4  # a smaller archive is sent again as fast
_VERSION = {"Tus-Resumable": "1.0.0"}
_GONE = {404, 410}
_CONFLICT = 409
_KEPT_SECONDS = 7 * 24 * 3600  # of a state; servers keep an upload for a day
_MAX_WAIT_SECONDS = 10
# As long as for an answer: somebody else stores the same upload, or was killed while doing so.
_BUSY_SECONDS = 1800
_NOT_STORED = msgspec.Raw(b"null")


@dataclass(frozen=True, slots=True)
class Target:
    """What an archive is to become: its name, and where its files go."""

    name: str
    try_symbols: bool = False
    bucket_name: str = ""


class _State(msgspec.Struct):
    """How far an upload is, as the server says; ``upload`` is null until it is stored."""

    url: str
    offset: int
    size: int
    upload: msgspec.Raw = _NOT_STORED

    @property
    def is_stored(self) -> bool:
        return bytes(self.upload) != b"null"


class _KeptUrl:
    """Where the URL of an upload is kept from one run to the next."""

    def __init__(self, server: Server, archive: BinaryIO, target: Target) -> None:
        folder = Path(user_state_dir("tecken", appauthor=False)) / "uploads"
        said = [server.url, _digest(archive), target.name, target.try_symbols, target.bucket_name]
        name = hashlib.sha256(json.dumps(said).encode()).hexdigest()
        self._path = folder / f"{name}.json"

    def load(self) -> str | None:
        """Return the URL of the last run, if that did not end well."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            return None
        return kept.get("url")

    def save(self, url: str) -> None:
        """Keep a URL. Where it cannot be, the next run begins again."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            for path in self._path.parent.glob("*.json"):
                if path.stat().st_mtime < time.time() - _KEPT_SECONDS:
                    path.unlink()
            new = self._path.with_suffix(f".{os.getpid()}.new")
            new.write_text(json.dumps({"url": url}))
            new.replace(self._path)

    def forget(self) -> None:
        """Begin again the next time."""
        with suppress(OSError):
            self._path.unlink()


def is_worth_chunks(archive: BinaryIO, chunk_bytes: int) -> bool:
    """Say whether an archive is so large that it is sent in chunks; never when they have 0 bytes."""
    size = archive.seek(0, os.SEEK_END)
    return 0 < _WORTH_CHUNKS * chunk_bytes <= size


def upload_in_chunks(
    server: Server,
    archive: BinaryIO,
    target: Target,
    chunk_bytes: int = DEFAULT_CHUNK_BYTES,
    progress: Progress | None = None,
) -> Uploaded | None:
    """Upload the zip ``archive``; None when the server does not take it in this way.

    Raises ClientError. When the server refuses it, or it is stored, nothing is left of it to go on with.
    """
    kept = _KeptUrl(server, archive, target)
    url = kept.load()
    for _ in range(2):  # an upload that has expired meanwhile is begun again, once
        try:
            state = _ask(server, url) if url else _begin(server, archive, target)
            if state is None:
                return None
            kept.save(state.url)
            state = _send(server, archive, state, chunk_bytes, progress)
            kept.forget()
            return read_answer(b'{"upload":' + bytes(state.upload) + b"}", server.url)
        except RefusedByServerError as error:
            kept.forget()
            url = None
            if error.status not in _GONE:
                raise
    raise ServerUnavailableError(f"{server.url} does not keep what was sent of {target.name}")


def _begin(server: Server, archive: BinaryIO, target: Target) -> _State | None:
    """Begin an upload; None when that is refused, for which sending it at once gives the reason."""
    fields = {
        "filename": target.name,
        **form_fields(try_symbols=target.try_symbols, bucket_name=target.bucket_name),
    }
    metadata = ",".join(
        f"{name} {b64encode(value.encode()).decode()}" for name, value in fields.items()
    )
    length = str(archive.seek(0, os.SEEK_END))
    headers = {**_VERSION, "Upload-Length": length, "Upload-Metadata": metadata}
    try:
        answer = server.post("/upload/resumable/", headers=headers)
    except RefusedByServerError:
        return None
    return read_json(answer, _State, server.url)


def _ask(server: Server, url: str) -> _State:
    return read_json(server.get(url, lambda response: response.read()), _State, server.url)


def _send(
    server: Server,
    archive: BinaryIO,
    state: _State,
    chunk_bytes: int,
    progress: Progress | None,
) -> _State:
    """Send what is missing, until the server says that all is stored."""
    conflicts = _Conflicts(server)
    while not state.is_stored:
        archive.seek(state.offset)
        chunk = archive.read(chunk_bytes)
        sent = state.offset + len(chunk)
        if progress and not conflicts.count:
            progress(state.offset if sent < state.size else sent, state.size)
        if _append(server, state, chunk) and sent < state.size:
            state.offset = sent
            continue
        before, state = state.offset, _ask(server, state.url)
        if state.offset <= before:
            conflicts.wait()
    return state


def _append(server: Server, state: _State, chunk: bytes) -> bool:
    """Send a chunk; False when the server is not where that begins, or somebody else is at it."""
    headers: Mapping[str, str] = {
        **_VERSION,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(state.offset),
    }
    try:
        server.patch(state.url, content=chunk, headers=headers, timeout=TIMEOUT)
    except RefusedByServerError as error:
        if error.status == _CONFLICT:
            return False
        raise
    return True


class _Conflicts:
    """Waits for whoever stores the same upload, but not for ever."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ends = time.monotonic() + _BUSY_SECONDS
        self.count = 0

    def wait(self) -> None:
        """Pause, longer each time. Raises ServerUnavailableError after half an hour."""
        if time.monotonic() > self._ends:
            raise ServerUnavailableError(
                "another request has been storing this upload for too long"
            )
        self._server.pause(min(2**self.count, _MAX_WAIT_SECONDS), "the server is still storing it")
        self.count += 1


def _digest(archive: BinaryIO) -> str:
    archive.seek(0)
    return hashlib.file_digest(cast("BufferedReader", archive), "sha256").hexdigest()
