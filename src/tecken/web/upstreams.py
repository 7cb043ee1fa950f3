# SPDX-License-Identifier: MPL-2.0

"""Other symbol servers as sources: from the settings to what asks them."""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.cache import caches

from tecken.core.archives.inspection import InspectionRules
from tecken.core.concurrency.file_lock import file_lock
from tecken.core.concurrency.later import LaterThread
from tecken.core.errors import StorageError
from tecken.core.fetching.rules import FetchTimeOuts
from tecken.core.identifiers import SymbolKey
from tecken.core.storage.sources import (
    Source,
    UnsupportedSourceError,
    open_source,
    source_name,
)
from tecken.core.storage.storing import StoringRules
from tecken.core.tempfiles.spooling import FreeSpace
from tecken.core.upstreams.bucket import upstream_source
from tecken.core.upstreams.client import UpstreamClient
from tecken.core.upstreams.eviction import evict
from tecken.core.upstreams.fetches import Patience
from tecken.core.upstreams.pace import Pace
from tecken.core.upstreams.receiving import ReceivingRules
from tecken.core.upstreams.upstream import FOLDER_PREFIX, Upstream, UpstreamRules
from tecken.core.upstreams.urls import UpstreamUrl, is_upstream, parse_upstream_url
from tecken.core.upstreams.verdicts import Verdicts
from tecken.web.metrics import (
    UPSTREAM_BYTES,
    UPSTREAMS,
)
from tecken.web.request_ids import current_request

# Of the 16 threads of a process that answer requests (tecken.edge.threads); the rest answers others.
_MAX_REQUESTS = 8
# After so much of the bound was stored it is looked whether anything must go.
_LOOK_PART = 20
_MARGIN_SECONDS = 3600
_SIZE_KEY, _SIZE_SECONDS = "tecken:upstreams:bytes", 24 * 3600

logger = logging.getLogger(__name__)
Derive = Callable[[str, SymbolKey, str], None]
_derive: list[Derive] = []
_stored_bytes = 0
_stored_lock = threading.Lock()
_later = LaterThread("upstream-cache")


def derive_with(derive: Derive) -> None:
    """Have this called with a source's name, a key and a code id when symbols are to be derived."""
    _derive[:] = [derive]


def open_upstream(url: str, symbol_file_prefix: str) -> Source:
    """Open another server as a source; nobody is asked. Raises UnsupportedSourceError."""
    try:
        parsed = parse_upstream_url(url, allow_http=settings.UPSTREAM_ALLOW_HTTP)
    except ValueError as error:
        raise UnsupportedSourceError(url, str(error)) from None
    time_outs = FetchTimeOuts(
        settings.UPSTREAM_CONNECT_TIMEOUT,
        settings.UPSTREAM_READ_TIMEOUT,
        settings.UPSTREAM_FETCH_TIMEOUT,
    )
    free_space = FreeSpace(settings.DATA_DIR, settings.UPLOAD_MIN_FREE_BYTES, "upstreams")
    inspection = InspectionRules(tuple(settings.DISALLOWED_SYMBOLS_SNIPPETS), verify_module=True)
    receiving = ReceivingRules(
        settings.UPSTREAM_MAX_FILE_BYTES,
        settings.UPLOAD_MAX_RATIO,
        free_space,
        inspection,
        settings.CABEXTRACT_PATH,
    )
    return _opened(url, parsed, symbol_file_prefix, time_outs, receiving, _Rest.of_settings())


class _Rest(NamedTuple):
    """What else of the settings a source depends on; with other settings it is another one."""

    cache_url: str
    data_dir: str
    missing_seconds: float
    at_once: int
    rate: int

    @classmethod
    def of_settings(cls) -> "_Rest":
        return cls(
            settings.UPSTREAM_CACHE_URL,
            str(settings.DATA_DIR),
            settings.UPSTREAM_MISSING_SECONDS,
            settings.UPSTREAM_AT_ONCE,
            settings.UPSTREAM_RATE,
        )


@lru_cache(maxsize=64)
def _opened(
    url: str,
    parsed: UpstreamUrl,
    symbol_file_prefix: str,
    time_outs: FetchTimeOuts,
    receiving: ReceivingRules,
    rest: _Rest,
) -> Source:
    # The name, and with it the cache, stays when only its pace or credentials change.
    name = source_name(parsed.name, f"{parsed.base}?{parsed.layout}")
    folder = settings.DATA_DIR / "cache" / "upstreams"
    pace = Pace(folder / name, parsed.at_once or rest.at_once, parsed.rate or rest.rate)
    client = UpstreamClient(
        parsed,
        time_outs,
        settings.UPSTREAM_CREDENTIALS.get(parsed.credentials),
        settings.UPSTREAM_ALLOW_HTTP,
        before_each=partial(pace.pause_for_rate, time_outs.total_seconds),
    )
    compressed = frozenset(settings.COMPRESS_EXTENSIONS)
    rules = UpstreamRules(
        rest.missing_seconds,
        receiving,
        StoringRules(compressed, settings.MIME_OVERRIDES),
        _temporary_folder(),
        folder / "locks",
        stored=_stored,
        derive_later=_derive_later,
        noted=partial(_note, name),
    )
    verdicts = Verdicts(name, caches["default"])
    upstream = Upstream(_cache_of(name), client, pace, verdicts, patience(), rules)
    return upstream_source(upstream, url)


@cache
def patience() -> Patience:
    """Return what the requests of this process wait by, whatever server they wait for."""
    return Patience(settings.UPSTREAM_WAIT_SECONDS, _MAX_REQUESTS, current_request)


def cache_source() -> Source:
    """Return the bucket that has the files of all other servers. Raises UnsupportedSourceError."""
    return _open_cache(settings.UPSTREAM_CACHE_URL, "")


def evict_surplus(*, dry_run: bool = False) -> int:
    """Keep the cache within its bound; return how many objects went. Raises StorageError."""
    if not any(map(is_upstream, settings.SYMBOL_URLS)):
        return 0
    source = cache_source()
    prefix = f"{source.prefix}/" if source.prefix else ""
    count, left = evict(source.bucket, prefix, settings.UPSTREAM_CACHE_MAX_BYTES, dry_run=dry_run)
    caches["default"].set(_SIZE_KEY, left, _SIZE_SECONDS)
    return count


def sweep_fetches(*, dry_run: bool = False) -> int:
    """Remove the temporary files of fetches whose process was killed; return how many there were."""
    before = time.time() - settings.UPSTREAM_FETCH_TIMEOUT - _MARGIN_SECONDS
    folders = _temporary_folder().glob(f"{FOLDER_PREFIX}*")
    left = [folder for folder in folders if _was_made_before(folder, before)]
    if not dry_run:
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _was_made_before(folder: Path, moment: float) -> bool:
    try:
        return folder.stat().st_mtime < moment
    except FileNotFoundError:  # its process has removed it meanwhile
        return False


def cache_bytes() -> int | None:
    """Return what the cache took when somebody last looked, None when nobody has."""
    found: int | None = caches["default"].get(_SIZE_KEY)
    return found


def _cache_of(name: str) -> Source:
    source = _open_cache(settings.UPSTREAM_CACHE_URL, name)
    return Source(
        name,
        source.url,
        source.bucket,
        source.prefix,
        source.public,
        source.region,
        source.endpoint_url,
    )


def _open_cache(url: str, name: str) -> Source:
    source = open_source(url, name, settings.S3_OPTIONS, settings.UPLOAD_MIN_FREE_BYTES)
    if not source.remote:
        source.bucket.make()  # it is nobody's but ours
    return source


def _temporary_folder() -> Path:
    folder: Path = settings.DATA_DIR / "tmp" / "upstreams"
    return folder


def _stored(size: int) -> None:
    """Look now and then whether the cache is too large, in a thread for which nobody waits."""
    global _stored_bytes
    with _stored_lock:
        _stored_bytes += size
        if _stored_bytes < settings.UPSTREAM_CACHE_MAX_BYTES / _LOOK_PART:
            return
        _stored_bytes = 0
    _later("surplus", _evict_in_turn)


def _evict_in_turn() -> None:
    lock = settings.DATA_DIR / "cache" / "upstreams" / "eviction.lock"
    with file_lock(lock, 0.05) as is_ours:
        if is_ours:
            try:
                count = evict_surplus()
                logger.info("%d files of other symbol servers made room for newer ones", count)
            except StorageError as error:
                logger.warning("the cache of other symbol servers cannot be tidied: %s", error)


def _derive_later(name: str, key: SymbolKey, code_id: str) -> None:
    for derive in _derive:
        derive(name, key, code_id)


def _note(source: str, outcome: str, seconds: float, size: int) -> None:
    UPSTREAMS.note(seconds, outcome=outcome, source=source)
    UPSTREAM_BYTES.add(size, source=source)
