# SPDX-License-Identifier: MPL-2.0

"""Answers on the wire (RFC 9112)."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from time import time
from wsgiref.handlers import format_date_time

_WITHOUT_BODY = frozenset({"204", "304"})
LAST_CHUNK = b"0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def has_body(method: str, status: str) -> bool:
    """Say whether an answer of this status to this method has one."""
    return method != "HEAD" and status[:3] not in _WITHOUT_BODY and not status.startswith("1")


def is_framed(headers: Iterable[tuple[str, str]]) -> bool:
    """Say whether the headers tell where the body ends."""
    return any(name.lower() == "content-length" for name, _ in headers)


def head_bytes(
    status: str, headers: Sequence[tuple[str, str]], *, keep_alive: bool, chunked: bool
) -> bytes:
    """Return the head of an answer; ``Date`` and what is about the connection is added."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    lines.append(f"Date: {_date(int(time()))}")
    if chunked:
        lines.append("Transfer-Encoding: chunked")
    if not keep_alive:
        lines.append("Connection: close")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def framed_chunk(data: bytes) -> bytes:
    """Return a chunk of a body that has no length, as it is sent."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@lru_cache(maxsize=1)
def _date(now: int) -> str:
    return format_date_time(now)
