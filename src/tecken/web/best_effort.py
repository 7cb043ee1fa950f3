# SPDX-License-Identifier: MPL-2.0

"""Notes about requests that only read: they must not fail because a note cannot be written.

A disk may be full, or a database take no writes while it is switched over.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import Error, transaction

from tecken.core.concurrency.circuit_breaker import FIRST_PAUSE_SECONDS, CircuitBreaker

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class Notes:
    """Writes notes of one kind, ``what`` in the plural. Safe to use from threads.

    After one that could not be written none is tried for a while, as each may wait for the database.
    That is logged once, until one is written again.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._breaker = CircuitBreaker()

    def write(self, write: Callable[[], Result]) -> Result | None:
        """Return what ``write`` returns, None when it could not, or was not tried."""
        if not self._breaker.may_ask():
            return None
        try:
            with transaction.atomic():
                result = write()
        except Error as error:
            if self._breaker.failed() == FIRST_PAUSE_SECONDS:
                logger.warning("%s cannot be written down: %s", self._what, error)
            return None
        self._breaker.worked()
        return result
