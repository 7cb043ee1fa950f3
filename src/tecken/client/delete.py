# SPDX-License-Identifier: MPL-2.0

"""Take back what was uploaded: uploads, files, or all of one's own files under some keys.

Each request can be sent again: it then says how far the server has come.
"""

from collections.abc import Sequence

import msgspec

from tecken.client.errors import ClientError
from tecken.client.server import Server

MAX_KEYS = 20_000  # that the server takes in a request
_TIMEOUT_SECONDS = 120


class Deleted(msgspec.Struct, frozen=True):
    """What became of the objects of deleted files: how many, and at most 1,000 keys of each kind.

    ``kept`` stay, as another upload has brought them, too; ``out_of_reach`` as their bucket is none
    that uploads go to now; ``pending`` are being removed.
    """

    removed: tuple[str, ...]
    removed_count: int
    kept: tuple[str, ...]
    kept_count: int
    out_of_reach: tuple[str, ...]
    out_of_reach_count: int
    pending: tuple[str, ...]
    pending_count: int


def delete_upload(server: Server, upload_id: int, reason: str) -> Deleted:
    """Take back an upload. Raises ClientError; RefusedByServerError with 404 for another's."""
    return _delete(server, f"/api/uploads/upload/{upload_id}", reason)


def delete_file(server: Server, file_id: int, reason: str) -> Deleted:
    """Take back a file. Raises as ``delete_upload``."""
    return _delete(server, f"/api/uploads/files/file/{file_id}", reason)


def delete_keys(server: Server, keys: Sequence[str], reason: str) -> Deleted:
    """Take back all of one's own files under some keys, or nothing. Raises as ``delete_upload``."""
    body = {"keys": list(keys), "reason": reason}
    return _read(server.post("/api/uploads/delete", json=body, timeout=_TIMEOUT_SECONDS))


def _delete(server: Server, path: str, reason: str) -> Deleted:
    return _read(server.delete(path, json={"reason": reason}, timeout=_TIMEOUT_SECONDS))


def _read(answer: bytes) -> Deleted:
    try:
        return msgspec.json.decode(answer, type=Deleted)
    except msgspec.MsgspecError as error:
        raise ClientError(f"the server's answer is not what was expected: {error}") from error
