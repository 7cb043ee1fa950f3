# SPDX-License-Identifier: MPL-2.0

"""Leave alone for a moment what could not be asked: one object, or the bucket that it lies in.

Each question to a server that is down costs its time-outs, and a request asks for many modules. But a
server may also fail for one object that is damaged, or lies on a broken disk, and serve all others.
So a failure is held against its object. A bucket is left alone only when there is no connection to
its server, or when several different objects have failed and nothing was answered in between.

An object that keeps failing says nothing new of its bucket, so whoever asks for it again and again
cannot keep others from theirs. A folder says at once that it is not there, so it is asked every time.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.errors import NoConnectionError, StorageError, StorageUnavailableError
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.source_urls import location_of
from tecken.core.storage.sources import Source

FIRST_PAUSE_SECONDS = 1.0
# So many different objects that fail, and none that is answered, are the server's fault.
OBJECTS_IN_A_ROW = 3
# Short: another process that stores the object again cannot end the pause in this one.
LONGEST_OBJECT_PAUSE_SECONDS = 8.0
# For so long a failure of the same object is nothing new.
_KNOWN_SECONDS = 600.0
_MAX_FAILING_OBJECTS = 1_000  # of a bucket; their keys have at most 1 KiB each, with some prefix


@dataclass(slots=True)
class _FailingObject:
    """Until when an object is left alone, and what went wrong."""

    pause_seconds: float
    failed_at: float
    reason: str


@dataclass(slots=True)
class _State:
    """What is known of a bucket. ``in_a_row`` counts objects that failed since the last answer."""

    breaker: CircuitBreaker
    reason: str = ""
    in_a_row: int = 0
    failing: OrderedDict[str, _FailingObject] = field(default_factory=OrderedDict)


@dataclass(slots=True)
class SourcePauses:
    """Who asks a source for a symbol key does so within ``asking``. Safe to use from threads.

    After a failure the object is left alone for 1 s, then for 2 s and so on up to 8 s; a bucket for 1
    to 30 s. Any answer ends it, be it "not found" or that an upload was stored: whoever asks a bucket
    without ``asking`` tells of answers by ``answered``. Sources that lie in the same bucket share this.
    """

    clock: Callable[[], float] = time.monotonic
    _by_url: dict[str, _State] = field(default_factory=dict)
    _by_bucket: dict[tuple[str, str], _State] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def asking(self, source: Source, key: SymbolKey) -> Iterator[None]:
        """Raises StorageUnavailableError at once while the object or its bucket is left alone."""
        if not source.is_told_of:
            yield
            return
        state, object_key = self._state_of(source.url), source.object_key(key)
        if state.failing:
            self._expect_object(state, source, object_key)
        if not state.breaker.may_ask():
            raise _not_asked(source, None, state.reason)
        try:
            yield
        except StorageUnavailableError as error:
            self._note_failure(state, object_key, error)
            raise
        except StorageError:
            self._note_answer(state, object_key)
            raise
        self._note_answer(state, object_key)

    def is_paused(self, source_url: str) -> bool:
        """Say whether the bucket of a source is left alone now."""
        return self._state_of(source_url).breaker.is_pausing

    def answered(self, source_url: str, object_key: str) -> None:
        """Note that the bucket of a source has answered a question about an object."""
        self._note_answer(self._state_of(source_url), object_key)

    def _expect_object(self, state: _State, source: Source, object_key: str) -> None:
        with self._lock:
            failing = state.failing.get(object_key)
            if failing and self.clock() < failing.failed_at + failing.pause_seconds:
                raise _not_asked(source, object_key, failing.reason)

    def _note_answer(self, state: _State, object_key: str) -> None:
        state.breaker.worked()
        if state.in_a_row or state.failing:
            with self._lock:
                state.in_a_row = 0
                state.failing.pop(object_key, None)

    def _note_failure(self, state: _State, object_key: str, error: StorageUnavailableError) -> None:
        with self._lock:
            state.reason = error.reason
            if isinstance(error, NoConnectionError):
                state.breaker.failed()
                return
            is_new = self._note_failing(state.failing, object_key, error.reason)
            state.in_a_row += is_new
            if is_new and state.in_a_row >= OBJECTS_IN_A_ROW:
                state.breaker.failed()
            else:
                state.breaker.undecided()

    def _note_failing(
        self, objects: OrderedDict[str, _FailingObject], object_key: str, reason: str
    ) -> bool:
        """Leave an object alone; say whether it is a new one that fails."""
        now, pause = self.clock(), FIRST_PAUSE_SECONDS
        before = objects.get(object_key)
        is_new = before is None or now > before.failed_at + _KNOWN_SECONDS
        if before is not None and not is_new:
            if now < before.failed_at + before.pause_seconds:
                return False  # others who had asked before the pause began do not make it longer
            pause = min(2 * before.pause_seconds, LONGEST_OBJECT_PAUSE_SECONDS)
        objects[object_key] = _FailingObject(pause, now, reason)
        objects.move_to_end(object_key)
        if len(objects) > _MAX_FAILING_OBJECTS:
            objects.popitem(last=False)
        return is_new

    def _state_of(self, url: str) -> _State:
        state = self._by_url.get(url)
        if state is None:
            location = location_of(url)
            with self._lock:
                made = _State(CircuitBreaker(self.clock, FIRST_PAUSE_SECONDS))
                state = self._by_bucket.setdefault((location.host, location.bucket), made)
                self._by_url[url] = state
        return state


def _not_asked(source: Source, object_key: str | None, reason: str) -> StorageUnavailableError:
    said = f"is not asked for a moment, as of late {reason}"
    return StorageUnavailableError(source.bucket.name, object_key, said)
