# SPDX-License-Identifier: MPL-2.0

"""How long PostgreSQL is waited for.

A database that hangs, or a pooler in front of it, keeps its connections open and says nothing: no
limit of the database's own ends that wait, nor do keepalives. So the client has one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import psycopg
    from psycopg.abc import PQGen

_Result = TypeVar("_Result")

_INTERVAL_SECONDS = 0.1  # how often psycopg looks for signals meanwhile
_patient: ContextVar[bool] = ContextVar("_patient", default=False)


@contextmanager
def patience() -> Iterator[None]:
    """Let queries of this thread take as long as they need, as those of migrations do."""
    token = _patient.set(True)
    try:
        yield
    finally:
        _patient.reset(token)


@cache
def limited_connections(seconds: float) -> "type[psycopg.Connection[Any]]":
    """Return a class of connections, closed by a wait of so many seconds for one answer.

    The wait then raises OperationalError.
    """
    # The client takes its time to be imported; who has SQLite does not need it.
    import psycopg
    from psycopg.errors import _WaitTimeout

    class LimitedConnection(psycopg.Connection[Any]):
        def wait(
            self,
            gen: "PQGen[_Result]",
            interval: float = _INTERVAL_SECONDS,
            timeout: float | None = None,
        ) -> _Result:
            if timeout is not None or _patient.get():
                return super().wait(gen, interval, timeout)
            try:
                return super().wait(gen, interval, seconds)
            except _WaitTimeout:
                self.pgconn.finish()  # an answer that comes later is nobody's
                raise psycopg.OperationalError(f"no answer within {seconds} seconds") from None

    return LimitedConnection
