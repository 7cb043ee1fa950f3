# SPDX-License-Identifier: MPL-2.0

"""What sources said of symbol keys, and the cache in which processes share it.

What is known of a key carries its generation, read before any source was asked: an upload raises it
before it answers, so nothing that was found out earlier is used again, in any process of any node.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from sys import intern
from typing import Any, Protocol

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from tecken.core.identifiers import SymbolKey
from tecken.core.locating.generations import Generation, Generations, RedisGenerations, still_holds
from tecken.core.locating.source_pauses import SourcePauses
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source


class Fact(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a source said of a key that it was asked for at a Unix time; without ``info`` it has not got it."""

    asked: float
    info: ObjectInfo | None = None


class Known(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What is known of a key: facts by the names of sources, kept for others until a Unix time.

    Facts that are added later leave the generation as it is. An upload raises its counters one by one:
    under a generation that was read meanwhile an older fact would hold again.
    """

    generation: Generation
    until: float
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads facts, and how old in seconds those may be that are used.

    A folder on this machine is asked every time, and costs no round trip. With ``folders`` its "not
    there" is believed like that of others, unless another folder has the key. ``pauses`` say which
    sources are left alone for a moment.
    """

    name: str
    found_seconds: float
    missing_seconds: float
    folders: bool = False
    pauses: SourcePauses | None = None

    def believes(self, source: Source, fact: Fact, now: float) -> bool:
        """Say whether a source need not be asked again."""
        seconds = self.missing_seconds if fact.info is None else self.found_seconds
        return (self.folders or source.is_told_of) and now < fact.asked + seconds


class Cache(Protocol):
    """What is used of a cache of Django's, or of a Redis."""

    def get(self, key: str, /) -> Any: ...

    def set(self, key: str, value: bytes, seconds: int, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """What all processes know that share generations and a cache."""

    generations: Generations
    cache: Cache

    def read(self, key: SymbolKey) -> Known:
        """Return what is known of a key now. What cannot be read, or holds no longer, is nothing."""
        return self.read_with(key)[0]

    def read_with(self, key: SymbolKey, *others: str) -> tuple[Known, list[Generation]]:
        """Return the same, and the generations of others of the same moment."""
        (generation, *of_others), kept = self._get(key, others)
        return _known(generation, kept), of_others

    def write(self, key: SymbolKey, known: Known, seconds: float) -> None:
        """Let others know it for so long. What a Redis that is full or down cannot keep is no error."""
        with suppress(RedisError):
            self.cache.set(_name(key), _ENCODER.encode(known), ceil(seconds))

    def _get(self, key: SymbolKey, others: Sequence[str]) -> tuple[list[Generation], bytes | None]:
        return self.generations.read([str(key), *others]), self.cache.get(_name(key))


@dataclass(frozen=True, slots=True)
class FactsInRedis(SharedFacts):
    """The same in the Redis that has the generations, so that one round trip reads both."""

    generations: RedisGenerations
    cache: Redis

    def _get(self, key: SymbolKey, others: Sequence[str]) -> tuple[list[Generation], bytes | None]:
        return self.generations.read_with([str(key), *others], _name(key))


_ENCODER = msgspec.msgpack.Encoder(enc_hook=dict)  # metadata may be any mapping
_DECODER = msgspec.msgpack.Decoder(Known)


def _known(generation: Generation, kept: bytes | None) -> Known:
    with suppress(msgspec.MsgspecError):
        known = _DECODER.decode(kept or b"")
        if still_holds(known.generation, generation):
            # The names are the same few in every entry.
            facts = {intern(name): fact for name, fact in known.facts.items()}
            return Known(known.generation, known.until, facts)
    return Known(generation, 0.0, {})


def _name(key: SymbolKey) -> str:
    """Return what a key's entry is called; keys may be too long for a cache, and have spaces."""
    digest = hashlib.blake2b(str(key).encode(), digest_size=16).hexdigest()
    return f"tecken:located:{digest}"
