# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""Leave a source alone for a moment that could not be reached.

Each question to a server that is down costs its time-outs, and a request asks for many modules. A
folder says at once that it is not there, so it is asked every time.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tecken.core.breaker import Breaker
from tecken.core.errors import StorageError, StorageUnavailableError
from tecken.core.storage.sources import Source

# Short: what fails may be one object of a source that is well otherwise.
FIRST_PAUSE_SECONDS = 1.0


@dataclass(slots=True)
class _State:
    breaker: Breaker
    trouble: str = ""


@dataclass(slots=True)
class SourcePauses:
    """Who asks a source does so within ``asking``. Safe to use from threads.

    After a failure the source is left alone for 1 s, then for 2 s and so on up to 30 s, until a
    question is answered, be it by "not found".
    """

    clock: Callable[[], float] = time.monotonic
    _states: dict[str, _State] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def asking(self, source: Source) -> Iterator[None]:
        """Raises StorageUnavailableError at once while the source is left alone."""
        if not source.remote:
            yield
            return
        state = self._state_of(source)
        if not state.breaker.may_ask():
            reason = f"is not asked for a moment, as of late {state.trouble}"
            raise StorageUnavailableError(source.bucket.name, None, reason)
        try:
            yield
        except StorageUnavailableError as error:
            state.trouble = error.reason
            state.breaker.failed()
            raise
        except StorageError:
            state.breaker.worked()
            raise
        state.breaker.worked()

    def _state_of(self, source: Source) -> _State:
        with self._lock:
            state = self._states.get(source.url)
            if state is None:
                state = _State(Breaker(self.clock, FIRST_PAUSE_SECONDS))
                self._states[source.url] = state
            return state
