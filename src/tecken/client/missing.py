# SPDX-License-Identifier: MPL-2.0
"""Ask a server which files it does not have, before any of them is sent.

The server compares key, size and MD5 of the uncompressed bytes, as it does with an upload.
"""

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import msgspec

from tecken.client.errors import RefusedByServerError
from tecken.client.gzips import iter_inflated, iter_plain
from tecken.client.layout import Member
from tecken.client.server import Server

# Compressed, a question about so many is small for a server: it has more threads for those than for large ones.
_FILES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is asked about a file: where it would be stored, size in bytes, MD5 in hexadecimal."""

    key: str
    size: int
    md5: str


class _Answer(msgspec.Struct):
    missing: list[int]


def fingerprint(key: str, chunks: Iterable[bytes]) -> Fingerprint:
    """Read a file to its end; ``chunks`` are its bytes, uncompressed."""
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    for chunk in chunks:
        md5.update(chunk)
        size += len(chunk)
    return Fingerprint(key, size, md5.hexdigest())


def fingerprint_of(member: Member) -> Fingerprint:
    """Read the file of a member. Raises DamagedGzipError and OSError."""
    with member.path.open("rb") as source:
        chunks = iter_inflated(source) if member.gzipped else iter_plain(source)
        return fingerprint(str(member.key), chunks)


class Checker:
    """Asks one server, for uploads to one destination; not at all when ``is_wanted`` is false."""

    def __init__(
        self,
        server: Server,
        *,
        try_symbols: bool = False,
        bucket_name: str = "",
        is_wanted: bool = True,
    ) -> None:
        self._server = server
        self._destination = {"try": try_symbols, "bucket_name": bucket_name}
        self._is_wanted = is_wanted

    @cached_property
    def can_ask(self) -> bool:
        """Say whether the server answers such questions: files need not be read if it does not.

        One that refuses this will say why when the files are sent. Raises ServerUnavailableError.
        """
        return self._is_wanted and self._ask(()) is not None

    def missing(self, files: Iterable[Fingerprint]) -> set[str] | None:
        """Return the keys of the files that the server does not have; None when it does not say.

        Raises ServerUnavailableError.
        """
        if not self.can_ask:
            return None
        keys: set[str] = set()
        waiting = iter(files)
        while some := list(islice(waiting, _FILES_AT_ONCE)):
            missing = self._ask(some)
            if missing is None:
                return None
            keys |= missing
        return keys

    def _ask(self, files: Sequence[Fingerprint]) -> set[str] | None:
        body = gzip.compress(msgspec.json.encode({"files": files, **self._destination}))
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        try:
            answer = self._server.post("/upload/check", content=body, headers=headers)
            return {
                files[position].key
                for position in msgspec.json.decode(answer, type=_Answer).missing
            }
        except (RefusedByServerError, msgspec.MsgspecError, IndexError):
            return None
