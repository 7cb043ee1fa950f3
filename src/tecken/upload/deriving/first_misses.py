# SPDX-License-Identifier: MPL-2.0

"""Native files that lie beside missing symbols, and whose symbols are derived when they are first asked for.

``xul.pdb/<id>/xul.sym`` is missing, and ``xul.pdb/<id>/xul.pdb`` is there: uploaded before symbols were derived, or
copied into the bucket. Only buckets that uploads go to are looked into, as what is derived goes there.

Most of what is missing has no native file, and is asked for again and again. A folder is asked each time, which costs
nothing. Of a bucket on another server, that there is nothing is remembered for a day, by all processes, unless the key's
generation changes; so each missing key costs two questions a day at most.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache, lru_cache, partial
from hashlib import blake2b
from itertools import islice
from threading import Lock
from typing import Final, NamedTuple

from django.conf import settings
from django.core.cache import cache as shared_cache
from django.db import DatabaseError, InterfaceError, transaction

from tecken.core.concurrency.at_once import map_at_once
from tecken.core.concurrency.circuit_breaker import CircuitBreaker
from tecken.core.errors import InvalidNameError, StorageError
from tecken.core.identifiers import SymbolKey, is_full_debug_id, symbol_file_name
from tecken.core.locating.generations import Generation
from tecken.core.native.kinds import DERIVABLE_KINDS
from tecken.core.storage.base import ObjectInfo
from tecken.core.storage.sources import Source
from tecken.core.storage.storing import current_object
from tecken.jobs.registry import find_task
from tecken.jobs.services import enqueue_once, is_crowded
from tecken.upload.deriving import stored_natives
from tecken.web.generations import generations
from tecken.web.sources import (
    source_pauses,
    sources,
    try_source,
    writers_of,
)

# So many are looked for in a request; the others when they are asked for again.
MAX_KEYS: Final = 100
_AT_ONCE = 16
_MAX_WAITING = 1000  # modules whose turn has not come
_SHARED_SECONDS = 24 * 3600
_MAX_TOKENS = 100_000  # some 10 MB, and as much again of those before
_breaker = CircuitBreaker()

logger = logging.getLogger(__name__)


class _KnownMisses:
    """Tokens of keys beside which there is no native file. Those that were added longest ago go first."""

    def __init__(self) -> None:
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()
        self._lock = Lock()

    def has(self, token: bytes) -> bool:
        return token in self._young or token in self._old

    def add(self, tokens: Iterable[bytes]) -> None:
        with self._lock:
            for token in tokens:
                if len(self._young) >= _MAX_TOKENS:
                    self._old, self._young = self._young, set()
                self._young.add(token)


@cache
def _known() -> _KnownMisses:
    return _KnownMisses()


def derive_at_miss(
    missing: Mapping[SymbolKey, Generation | None], with_try: bool
) -> set[SymbolKey]:
    """Have the symbols of missing keys derived whose native files are there; return which will be.

    Each has its generation, where that was read before it was found to be missing. What cannot be asked at this moment is as if it were not there; the next request asks again.
    """
    if not settings.UPLOAD_DERIVE_AT_MISS or not _breaker.may_ask():
        return set()
    wanted = dict(islice(((key, missing[key]) for key in missing if _is_of_module(key)), MAX_KEYS))
    pending: set[SymbolKey] = set()
    try:
        for source in _own_sources(with_try=with_try):
            look = _look_far if source.remote else _look_near
            pending |= look(source, wanted)
    except (DatabaseError, InterfaceError) as error:
        _breaker.failed()
        logger.warning("missing symbols could not be derived: %s", error)
        return pending
    _breaker.worked()
    return pending


def _is_of_module(key: SymbolKey) -> bool:
    return is_full_debug_id(key.debug_id) and key.symbol_file == symbol_file_name(key.debug_file)


def _own_sources(*, with_try: bool) -> tuple[Source, ...]:
    """Return those of the sources that are asked that uploads go to, opened to write."""
    # What tells them: to open them each time would take half of what a miss costs here.
    told = (
        tuple(settings.SYMBOL_URLS),
        settings.UPLOAD_DEFAULT_URL,
        *settings.UPLOAD_URL_EXCEPTIONS.values(),
        settings.UPLOAD_TRY_SYMBOLS_URL,
        settings.SYMBOL_FILE_PREFIX,
        settings.S3_OPTIONS,
    )
    return _opened_own_sources(told, with_try=with_try)


@lru_cache(maxsize=16)
def _opened_own_sources(_told: tuple[object, ...], *, with_try: bool) -> tuple[Source, ...]:
    asked = (*sources(), try_source()) if with_try else sources()
    return tuple({source.url: source for source in writers_of(asked).values()}.values())


class _Answer(Enum):
    NOTHING = "there is no native file, or its symbols will not come"
    PENDING = "its symbols will come"
    UNSURE = "it could not be asked"


def _look_near(source: Source, wanted: Iterable[SymbolKey]) -> set[SymbolKey]:
    return {key for key in wanted if _look_beside(source, key) == _Answer.PENDING}


def _look_far(source: Source, wanted: Mapping[SymbolKey, Generation | None]) -> set[SymbolKey]:
    tokens = _new_tokens(source, wanted)
    found = map_at_once(partial(_natives_beside, source), tokens, _AT_ONCE)
    # Rows are looked at in this thread, which has the connection.
    answers = {
        key: _begin_first(source, natives) for key, natives in zip(tokens, found, strict=True)
    }
    nothing = [tokens[key] for key, answer in answers.items() if answer == _Answer.NOTHING]
    if nothing:
        _known().add(nothing)
        shared_cache.set_many({_cache_key(token): 1 for token in nothing}, _SHARED_SECONDS)
    return {key for key, answer in answers.items() if answer == _Answer.PENDING}


def _look_beside(source: Source, key: SymbolKey) -> _Answer:
    """Look into a folder; of what is there and is no use, the rows are not read again."""
    natives = _natives_beside(source, key)
    if not natives:
        return _Answer.UNSURE if natives is None else _Answer.NOTHING
    token = _token(source, key, [native.info.etag for native in natives])
    if _known().has(token):
        return _Answer.NOTHING
    answer = _begin_first(source, natives)
    if answer == _Answer.NOTHING:
        _known().add([token])
    return answer


def _new_tokens(
    source: Source, wanted: Mapping[SymbolKey, Generation | None]
) -> dict[SymbolKey, bytes]:
    """Return the keys of which nobody has found out today that there is nothing, and what that is noted as."""
    tokens = {
        key: _token(source, key, generation or generations().read([str(key)])[0])
        for key, generation in wanted.items()
    }
    tokens = {key: token for key, token in tokens.items() if not _known().has(token)}
    if not tokens:
        return tokens
    told = shared_cache.get_many(map(_cache_key, tokens.values()))
    known = [token for token in tokens.values() if _cache_key(token) in told]
    _known().add(known)
    return {key: token for key, token in tokens.items() if token not in known}


class _Native(NamedTuple):
    key: SymbolKey
    info: ObjectInfo


def _natives_beside(source: Source, key: SymbolKey) -> list[_Native] | None:
    """Return what may be native files beside a missing symbol file; None where nobody can tell."""
    found = []
    for native in _native_keys(key):
        try:
            with source_pauses().asking(source, native):
                info = current_object(source, native)
        except StorageError:
            return None
        if info is not None:
            found.append(_Native(native, info))
    return found


def _native_keys(key: SymbolKey) -> Iterator[SymbolKey]:
    """Yield where the native files of a module may lie that is named by its debug file and id."""
    names = [key.debug_file]
    if not key.debug_file.lower().endswith(".pdb"):
        names.append(f"{key.debug_file}.debug")
    for name in names:
        try:
            yield SymbolKey.of_parts(key.debug_file, key.debug_id, name)
        except InvalidNameError:  # too long, with its ending
            continue


def _begin_first(source: Source, natives: Sequence[_Native] | None) -> _Answer:
    """Have the symbols of the native files beside a key derived; say what will come of that."""
    if natives is None:
        return _Answer.UNSURE
    answers = {_begin(source, native) for native in natives}
    return next(filter(answers.__contains__, (_Answer.PENDING, _Answer.UNSURE)), _Answer.NOTHING)


def _begin(source: Source, native: _Native) -> _Answer:
    key, info = native
    rows = stored_natives.rows_of(source, key)
    if stored_natives.is_read(rows) or not (rows or stored_natives.may_have_rows(source)):
        return _Answer.NOTHING
    try:
        kind = stored_natives.kind_stored(source, info)
    except StorageError:
        return _Answer.UNSURE
    if kind not in DERIVABLE_KINDS:
        return _Answer.NOTHING
    task = find_task(stored_natives.TASK)
    if is_crowded(task, _MAX_WAITING):
        return _Answer.UNSURE
    version = blake2b(f"{source.url} {info.key} {info.etag}".encode(), digest_size=16).hexdigest()
    with transaction.atomic():
        slot = f"{task.name} {version}"
        if enqueue_once(task, slot=slot, source_name=source.name, object_key=info.key):
            stored_natives.mark_pending(source, key, info)
    return _Answer.PENDING


def _token(source: Source, key: SymbolKey, version: object) -> bytes:
    day = datetime.now(UTC).date().toordinal()
    text = f"{day} {source.url} {key} {version}"
    return blake2b(text.encode(), digest_size=16).digest()


def _cache_key(token: bytes) -> str:
    return f"native-beside:{token.hex()}"
