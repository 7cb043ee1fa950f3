# SPDX-License-Identifier: MPL-2.0

"""What is remembered of keys that another server has not given: in this process, and in the cache that all share."""

import hashlib
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from tecken.core.identifiers import SymbolKey

MISSING = "missing"
PENDING = "pending"
REFUSED = "refused"
_LOCAL_SECONDS = 30.0  # others may have been told to forget it
_MAX_LOCAL = 20_000
_MAX_REASON = 500
_KEPT = re.compile(r"(?P<state>[a-z]+):(?P<until>[0-9.]+):(?P<reason>.*)", re.DOTALL)


class VerdictCache(Protocol):
    """What is used of a cache of Django's."""

    def get(self, key: str, /) -> Any: ...

    def set(self, key: str, value: str, seconds: float, /) -> Any: ...

    def delete(self, key: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """That a server has not got a key (``missing``), that symbols are being derived (``pending``), or that what it
    sent could not be used (``refused``) and why.
    """

    state: str
    reason: str = ""


@dataclass
class Verdicts:
    """The verdicts of one server, by key and code id."""

    name: str
    cache: VerdictCache
    clock: Callable[[], float] = time.monotonic
    _local: OrderedDict[str, tuple[float, Verdict]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, key: SymbolKey, code_id: str) -> Verdict | None:
        """Return what is known of a key."""
        name = self._name(key, code_id)
        with self._lock:
            until, verdict = self._local.get(name, (0.0, None))
        if verdict is not None and self.clock() < until:
            return verdict
        kept = _KEPT.fullmatch(str(self.cache.get(name)))
        seconds = float(kept["until"]) - time.time() if kept else 0.0
        if kept is None or seconds <= 0:
            return None
        verdict = Verdict(kept["state"], kept["reason"])
        self._keep(name, verdict, min(seconds, _LOCAL_SECONDS))
        return verdict

    def write(self, key: SymbolKey, code_id: str, verdict: Verdict, seconds: float) -> None:
        """Remember this of a key for so long."""
        name = self._name(key, code_id)
        until = time.time() + seconds
        text = f"{verdict.state}:{until:.1f}:{verdict.reason[:_MAX_REASON]}"
        self.cache.set(name, text, seconds)
        self._keep(name, verdict, min(seconds, _LOCAL_SECONDS))

    def forget(self, key: SymbolKey, code_id: str) -> None:
        """Forget it."""
        name = self._name(key, code_id)
        with self._lock:
            self._local.pop(name, None)
        self.cache.delete(name)

    def _keep(self, name: str, verdict: Verdict, seconds: float) -> None:
        if verdict.state == PENDING:
            return  # another process may be done with it in this moment
        with self._lock:
            self._local.pop(name, None)
            self._local[name] = self.clock() + seconds, verdict
            if len(self._local) > _MAX_LOCAL:
                self._local.popitem(last=False)

    def _name(self, key: SymbolKey, code_id: str) -> str:
        text = f"{self.name}\0{key}\0{code_id}".encode()
        return f"tecken:upstream:{hashlib.blake2b(text, digest_size=16).hexdigest()}"
