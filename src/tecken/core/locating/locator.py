# SPDX-License-Identifier: MPL-2.0

"""Which source of an ordered list has a symbol key: the first, whichever answers first.

Remote sources are asked at the same time, once for all processes of a node. What they say is
remembered by the process and shared with the others. Who reads it says how old it may be, so that
downloads and symbolication use what the other has found out. Nothing is concluded from an error, and
an error counts only if no source before it has the key.

Symbols that no source has under the key of their module may be under another one, or be derived of what lies beside it:
all who miss them ask that here (``Fallback``), with the generations that were read once for all of it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import msgspec

from tecken.core.concurrency.at_once import each_at_once
from tecken.core.concurrency.single_flight import NodeSingleFlight
from tecken.core.errors import (
    ObjectChangedError,
    ObjectNotFoundError,
    ObjectPendingError,
    StorageUnavailableError,
)
from tecken.core.identifiers import SymbolKey
from tecken.core.locating.facts import Fact, Known, Reader, SharedFacts
from tecken.core.locating.generations import Generation, still_holds
from tecken.core.locating.lone_ids import LONE_IDS
from tecken.core.locating.memory import FactMemory
from tecken.core.storage.aliases import AliasKey, target_of
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source

_MAX_MEMORY_BYTES = 40 * 1024 * 1024  # of each process: about 30,000 keys that are nowhere
# For so long others are told at least where a key is: there are only so many. That it is nowhere, they are
# told for as long as who asked believes it.
_TOLD_SECONDS = 6 * 3600
_MAX_TARGETS = 10_000  # some 4 MB
_ATTEMPTS = 5  # an alias may be replaced while it is read


class Found(msgspec.Struct, frozen=True):
    """An object that has a key, and its source; ``identity`` is that of this version."""

    source: Source
    key: SymbolKey
    info: ObjectInfo

    @property
    def identity(self) -> str:
        """What no other version of any object has."""
        return f"{self.source.url}:{self.info.key}:{self.info.etag}"


class MissGenerations(NamedTuple):
    """What a miss is found out under: the generation of its key, and that of ``LONE_IDS``; None: it was not read."""

    of_key: Generation | None = None
    of_lone_ids: Generation | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """What knows of symbols that no source has under their module's key; both are told whether try symbols count.

    ``key_by_id_alone`` returns under which other key they may be, and ``derive`` those keys whose symbols will be there
    soon, as they are derived from now on.
    """

    key_by_id_alone: Callable[[SymbolKey, Generation | None, bool], SymbolKey | None]
    derive: Callable[[Mapping[SymbolKey, Generation | None], bool], set[SymbolKey]]


class Locator:
    """Finds keys, for one process. ``folder`` is the node's, for its locks; ``clock`` is that of Unix."""

    def __init__(
        self,
        shared: SharedFacts,
        folder: Path,
        clock: Callable[[], float] = time.time,
        fallback: Fallback | None = None,
    ) -> None:
        self._shared = shared
        self._fallback = fallback
        self.generations = shared.generations
        self._clock = clock
        self._memory = FactMemory(_MAX_MEMORY_BYTES)
        self._targets: dict[str, SymbolKey | None] = {}  # of versions of aliases
        self._lock = Lock()
        self._once: NodeSingleFlight[Found | None] = NodeSingleFlight(folder)

    def find(
        self,
        key: SymbolKey,
        sources: Sequence[Source],
        reader: Reader,
        generation: Generation | None = None,
        code_id: str = "",
    ) -> Found:
        """Return where the first source that has a key has it.

        ``generation`` is the key's, where it was read already; ``code_id`` helps other servers. Raises
        ObjectNotFoundError (ObjectPendingError when a source is to have it soon), and
        StorageError when a source that comes before any that has the key could not be asked: whether
        a later one has it does not matter, as its object may be another.
        """
        generation = generation or self.generations_of(key, sources, reader).of_key
        if generation and (found := self.known(key, sources, reader, generation)):
            return found
        for buckets, server in _with_servers_apart(sources):
            with suppress(ObjectNotFoundError):
                return self._find_in_buckets(key, buckets, reader, generation)
            # Nobody else waits for whoever asks another server: that bounds by itself who waits, and for how long.
            if server and server.upstream:
                try:
                    return Found(server, key, server.upstream.find(key, code_id))
                except ObjectPendingError:
                    raise
                except ObjectNotFoundError:
                    continue
        raise ObjectNotFoundError("all sources", str(key))

    def find_symbols(
        self,
        key: SymbolKey,
        sources: Sequence[Source],
        reader: Reader,
        made_under: MissGenerations,
        code_id: str = "",
        *,
        with_try: bool,
    ) -> Found:
        """As ``find``, and where no source has the key of a module's symbols, under another one, which ``key`` tells."""
        try:
            return self.find(key, sources, reader, made_under.of_key, code_id)
        except ObjectPendingError:
            raise
        except ObjectNotFoundError:
            other = self.other_key(key, made_under, with_try=with_try)
            if other is None:
                raise
        return self.find(other, sources, reader)

    def other_key(
        self, key: SymbolKey, made_under: MissGenerations, *, with_try: bool
    ) -> SymbolKey | None:
        """Return another key under which the symbols may be that are not under this one."""
        if self._fallback is None:
            return None
        return self._fallback.key_by_id_alone(key, made_under.of_lone_ids, with_try)

    def derive(
        self, missing: Mapping[SymbolKey, Generation | None], *, with_try: bool
    ) -> set[SymbolKey]:
        """Have symbols derived that are nowhere, where native files lie beside; return which will be there soon."""
        return self._fallback.derive(missing, with_try) if self._fallback else set()

    def find_by_alias(
        self,
        alias: AliasKey,
        sources: Sequence[Source],
        reader: Reader,
        generation: Generation | None = None,
    ) -> Found:
        """Return where the original is that an alias points at; ``generation`` is the alias's, where it was read.

        What an alias points at is remembered by its version. Raises as ``find``.
        """
        for _ in range(_ATTEMPTS):
            found = self.find(alias, sources, reader, generation)
            try:
                target = self._target_of(found)
            except (ObjectChangedError, ObjectNotFoundError):
                self.forget(found)
                generation = None
                continue
            if target is None:
                raise ObjectNotFoundError(found.source.name, str(alias))
            return self.find(target, [found.source], reader)
        raise StorageUnavailableError("all sources", str(alias), "replaced again and again")

    def _target_of(self, alias: Found) -> SymbolKey | None:
        with self._lock:
            if alias.identity in self._targets:
                return self._targets[alias.identity]
        target = target_of(alias.source, alias.info)
        with self._lock:
            if len(self._targets) >= _MAX_TARGETS:
                self._targets.clear()
            self._targets[alias.identity] = target
        return target

    def generations_of(
        self, key: SymbolKey, sources: Sequence[Source], reader: Reader
    ) -> MissGenerations:
        """Return the generations under which a key is looked for, by one round trip; none where nothing is remembered.

        By the same round trip it is learned what others know of the key, if nothing is known.
        """
        if not reader.folders and not any(source.is_told_of for source in sources):
            return MissGenerations()
        if self._memory.get(key) is not None:
            return MissGenerations(*self.generations.read([str(key), LONE_IDS]))
        known, [of_lone_ids] = self._shared.read_with(key, LONE_IDS)
        if known.facts:
            self._memory.put(key, known)
        return MissGenerations(known.generation, of_lone_ids)

    def _find_in_buckets(
        self,
        key: SymbolKey,
        sources: Sequence[Source],
        reader: Reader,
        generation: Generation | None,
    ) -> Found:
        remembered = self._remembered(key, generation)
        if _far_sources_to_ask(sources, reader, remembered, self._clock()):
            # Who comes after an upload has another generation, and shares nothing with those before.
            names = ",".join(source.name for source in sources)
            found = self._once.do(
                f"{reader.name}:{names}:{generation}:{key}",
                lambda: self._ask(key, sources, reader, self._shared.read(key)),
            )
        else:
            found = self._ask(key, sources, reader, remembered)
        if found is None:
            raise ObjectNotFoundError("all sources", str(key))
        return found

    def known(
        self, key: SymbolKey, sources: Sequence[Source], reader: Reader, generation: Generation
    ) -> Found | None:
        """Return where a key is, if this process knows it.

        Raises ObjectNotFoundError when it knows that the key is nowhere.
        """
        now, facts = self._clock(), self._remembered(key, generation).facts
        for source in sources:
            fact = facts.get(source.name)
            if fact is None or not reader.believes(source, fact, now):
                return None
            if fact.info is not None:
                return Found(source, key, fact.info)
        raise ObjectNotFoundError("all sources", str(key))

    def forget(self, found: Found) -> None:
        """Have every process look again for the key of an object that has changed or gone.

        Nothing happens if that was seen before, and something else is known by now.
        """
        known = self._memory.get(found.key)
        fact = known and known.facts.get(found.source.name)
        if fact and fact.info == found.info:
            self.outdate(found.key)

    def outdate(self, key: SymbolKey) -> None:
        """Outdate what any process knows of a key, or is finding out at this moment."""
        self._memory.drop(key)
        self.generations.raise_([str(key)])

    def _remembered(self, key: SymbolKey, generation: Generation | None) -> Known:
        """Return what this process knows; without a generation that is nothing."""
        known = self._memory.get(key)
        if known and generation and still_holds(known.generation, generation):
            return known
        return Known(generation or (), 0.0, {})

    def _ask(
        self, key: SymbolKey, sources: Sequence[Source], reader: Reader, known: Known
    ) -> Found | None:
        """Ask the sources of which nothing is known that the reader believes."""
        now = self._clock()
        asked = _far_sources_to_ask(sources, reader, known, now)
        ask = partial(_ask, key=key, reader=reader, now=now)
        answers = each_at_once(ask, [*asked.values()])
        far, near = dict[str, Fact](), dict[str, Fact]()
        try:
            for source in sources:
                if not source.is_told_of:
                    fact = near[source.name] = ask(source)
                elif source.name in asked:
                    fact = far[source.name] = next(answers)
                else:
                    fact = known.facts[source.name]
                if fact.info is not None:
                    if not source.is_told_of:
                        near.clear()
                    return Found(source, key, fact.info)
            return None
        finally:
            if far:
                known = self._share(key, known, far, reader, now)
            if near and reader.folders:
                known = msgspec.structs.replace(known, facts={**known.facts, **near})
            if known.facts:
                self._memory.put(key, known)

    def _share(
        self, key: SymbolKey, known: Known, said: Mapping[str, Fact], reader: Reader, now: float
    ) -> Known:
        """Add what sources said to what is known, and let others know it."""
        seconds = reader.missing_seconds
        if any(fact.info for fact in said.values()):
            seconds = max(reader.found_seconds, _TOLD_SECONDS)
        until = max(known.until, now + seconds)
        known = Known(known.generation, until, {**known.facts, **said})
        if until > now:
            self._shared.write(key, known, until - now)
        return known


def _with_servers_apart(
    sources: Sequence[Source],
) -> Iterator[tuple[Sequence[Source], Source | None]]:
    """Yield the buckets before each other server, with that, and then those after the last one."""
    buckets: list[Source] = []
    for source in sources:
        if source.upstream is None:
            buckets.append(source)
        else:
            yield buckets, source
            buckets = []
    yield buckets, None


def is_stored(source: Source, key: SymbolKey) -> bool:
    """Ask a source's bucket whether it has a key. Raises StorageError."""
    return _info_of(source, key) is not None


def _far_sources_to_ask(
    sources: Sequence[Source], reader: Reader, known: Known, now: float
) -> dict[str, Source]:
    """Return by name those remote ones of which nothing is known, up to the first known to have the key."""
    asked = {}
    for source in sources:
        if source.is_told_of:
            fact = known.facts.get(source.name)
            if fact is None or not reader.believes(source, fact, now):
                asked[source.name] = source
            elif fact.info is not None:
                break
    return asked


def _ask(source: Source, key: SymbolKey, reader: Reader, now: float) -> Fact:
    with reader.pauses.asking(source, key) if reader.pauses else nullcontext():
        return Fact(now, _info_of(source, key))


def _info_of(source: Source, key: SymbolKey) -> ObjectInfo | None:
    try:
        return source.bucket.head(source.object_key(key))
    except ObjectNotFoundError:
        return None
