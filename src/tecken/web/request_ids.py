# SPDX-License-Identifier: MPL-2.0

"""The id of the request at hand, which its log lines and its background tasks carry."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

NO_REQUEST = "-"
MAX_LENGTH = 64
# What proxies send: hexadecimal digits, UUIDs, "1-67891233-abcdef012345678912345678".
_SANE = re.compile(rf"[A-Za-z0-9._-]{{1,{MAX_LENGTH}}}")

_current: ContextVar[str] = ContextVar("request_id", default=NO_REQUEST)


class OneRequest:
    """Stands for one request, whatever id its client has given it: clients may use an id again."""


_one: ContextVar[OneRequest | None] = ContextVar("one_request", default=None)


def current_request() -> OneRequest | None:
    """Return what stands for the request that this code runs for, None when there is none."""
    return _one.get()


def current_request_id() -> str:
    """Return the id of the request that this code runs for, ``"-"`` when there is none."""
    return _current.get()


def choose_request_id(proposed: str | None) -> str:
    """Return the id that a proxy in front gave a request, if it is sane, else a new one."""
    if proposed is not None and _SANE.fullmatch(proposed):
        return proposed
    return secrets.token_hex(8)


@contextmanager
def for_request(request_id: str) -> Iterator[None]:
    """Run a block for the request of that id."""
    before, one_before = _current.set(request_id), _one.set(OneRequest())
    try:
        yield
    finally:
        _current.reset(before)
        _one.reset(one_before)
