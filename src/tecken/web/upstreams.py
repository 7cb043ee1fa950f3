# SPDX-License-Identifier: MPL-2.0

"""Other symbol servers as sources: from the settings to what asks them."""

import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.utils import timezone

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
from tecken.core.upstreams.asking import AskedServer
from tecken.core.upstreams.bucket import upstream_source
from tecken.core.upstreams.claims import Claims
from tecken.core.upstreams.client import UpstreamClient
from tecken.core.upstreams.eviction import StoredBytes, evict
from tecken.core.upstreams.fetches import Patience
from tecken.core.upstreams.pace import Pace
from tecken.core.upstreams.receiving import ReceivingRules
from tecken.core.upstreams.upstream import FOLDER_PREFIX, Upstream, UpstreamRules
from tecken.core.upstreams.urls import UpstreamUrl, is_upstream, origin_of, parse_upstream_url
from tecken.core.upstreams.verdicts import Verdicts
from tecken.web.metrics import UPSTREAM_BYTES, UPSTREAMS
from tecken.web.request_ids import current_request

# Of the 16 threads of a process that answer requests (tecken.edge.threads); the rest answers others.
_MAX_REQUESTS = 8
_MARGIN_SECONDS = 3600
_FAILURE_SECONDS, _MAX_REASON = 7 * 24 * 3600, 500
_EVICTION_TURN_SECONDS = 600  # whoever has not ended by then is stopped
_SIZE_KEY, _SIZE_SECONDS = "tecken:upstreams:bytes", 2 * 24 * 3600

logger = logging.getLogger(__name__)
Derive = Callable[[str, SymbolKey, str], None]
_derive: list[Derive] = []
_later = LaterThread("upstream-cache")


def derive_with(derive: Derive) -> None:
    """Have this called with a source's name, a key and a code id when symbols are to be derived."""
    _derive[:] = [derive]


def open_upstream(url: str, symbol_file_prefix: str) -> Source:
    """Open another server as a source; nobody is asked. Raises UnsupportedSourceError."""
    try:
        parsed = parse_upstream_url(url, allow_http=settings.UPSTREAM_ALLOW_HTTP)
    except ValueError as error:
        raise UnsupportedSourceError(origin_of(url), str(error)) from None
    time_outs = FetchTimeOuts(
        settings.UPSTREAM_CONNECT_TIMEOUT,
        settings.UPSTREAM_READ_TIMEOUT,
        settings.UPSTREAM_FETCH_TIMEOUT,
    )
    receiving = receiving_rules(settings.UPSTREAM_MAX_FILE_BYTES)
    server = open_server(parsed, time_outs, receiving, allow_http=settings.UPSTREAM_ALLOW_HTTP)
    cache_url, missing_seconds = settings.UPSTREAM_CACHE_URL, settings.UPSTREAM_MISSING_SECONDS
    return _opened(url, symbol_file_prefix, server, cache_url, missing_seconds)


def receiving_rules(max_bytes: int, program_seconds: float = 300) -> ReceivingRules:
    """Return what may be received of another server."""
    return ReceivingRules(
        max_bytes,
        settings.UPLOAD_MAX_RATIO,
        FreeSpace(settings.DATA_DIR, settings.UPLOAD_MIN_FREE_BYTES, "upstreams"),
        InspectionRules(tuple(settings.DISALLOWED_SYMBOLS_SNIPPETS), verify_module=True),
        settings.CABEXTRACT_PATH,
        program_seconds,
    )


def open_server(
    url: UpstreamUrl, time_outs: FetchTimeOuts, receiving: ReceivingRules, *, allow_http: bool
) -> AskedServer:
    """Return the server of a URL, whoever asks it; in this process there is one of each."""
    at_once, rate = url.at_once or settings.UPSTREAM_AT_ONCE, url.rate or settings.UPSTREAM_RATE
    return _server(url, time_outs, receiving, allow_http, at_once, rate, _folder())


@lru_cache(maxsize=64)
def _server(
    url: UpstreamUrl,
    time_outs: FetchTimeOuts,
    receiving: ReceivingRules,
    allow_http: bool,
    at_once: int,
    rate: int,
    folder: Path,
) -> AskedServer:
    pace = Pace(folder / _name_of(url), at_once, rate)
    client = UpstreamClient(
        url,
        time_outs,
        settings.UPSTREAM_CREDENTIALS.get(url.credentials),
        allow_http,
        before_each=partial(pace.pause_for_rate, time_outs.total_seconds),
    )
    return AskedServer(client, pace, receiving)


@lru_cache(maxsize=64)
def _opened(
    url: str, symbol_file_prefix: str, server: AskedServer, cache_url: str, missing_seconds: float
) -> Source:
    name = _name_of(server.client.url)
    rules = UpstreamRules(
        missing_seconds,
        StoringRules(frozenset(settings.COMPRESS_EXTENSIONS), settings.MIME_OVERRIDES),
        _temporary_folder(),
        _folder() / "locks",
        stored=_stored,
        derive_later=_derive_later,
        noted=partial(_note, name),
        failed=partial(note_failure, name),
    )
    cache, verdicts = _cache_of(name, cache_url), Verdicts(name, caches["default"])
    # A folder may be the node's own: then others would wait for what they cannot have.
    claims = Claims(name, caches["default"]) if cache.remote and settings.REDIS_URL else None
    return upstream_source(Upstream(cache, server, verdicts, patience(), rules, claims), url)


def _name_of(url: UpstreamUrl) -> str:
    """Return the name of a server's cache, which stays when only its pace or credentials change."""
    return source_name(url.name, f"{url.base}?{url.layout}")


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


def _cache_of(name: str, cache_url: str) -> Source:
    return replace(_open_cache(cache_url, name), name=name)


def _open_cache(url: str, name: str) -> Source:
    source = open_source(url, name, settings.S3_OPTIONS, settings.UPLOAD_MIN_FREE_BYTES)
    if not source.remote:
        source.bucket.make()  # it is nobody's but ours
    return source


def _folder() -> Path:
    folder: Path = settings.DATA_DIR / "cache" / "upstreams"
    return folder


def _temporary_folder() -> Path:
    folder: Path = settings.DATA_DIR / "tmp" / "upstreams"
    return folder


def _stored(size: int) -> None:
    """Look now and then whether the cache is too large, in a thread for which nobody waits."""
    if StoredBytes(_folder() / "stored-bytes").add(size, settings.UPSTREAM_CACHE_MAX_BYTES):
        _later("surplus", _evict_in_turn)


def _evict_in_turn() -> None:
    """Look after who looks now: that one may have passed what is new."""
    with file_lock(_folder() / "eviction.lock", _EVICTION_TURN_SECONDS):
        try:
            if count := evict_surplus():
                logger.info("%d files of other symbol servers made room for newer ones", count)
        except StorageError as error:
            logger.warning("the cache of other symbol servers cannot be tidied: %s", error)


def _derive_later(name: str, key: SymbolKey, code_id: str) -> None:
    for derive in _derive:
        derive(name, key, code_id)


def _note(source: str, outcome: str, seconds: float, size: int) -> None:
    UPSTREAMS.note(seconds, outcome=outcome, source=source)
    UPSTREAM_BYTES.add(size, source=source)


# --- why one could not be asked, the last time: nodes share it by the cache, which may forget it ---


class Failure(NamedTuple):
    """When it was, and what was wrong."""

    at: datetime
    reason: str


def note_failure(source: str, reason: str) -> None:
    """Remember a failure. That this cannot be done is no further one."""
    text = f"{timezone.now().isoformat()} {reason[:_MAX_REASON]}"
    try:
        caches["default"].set(_failure_key(source), text, _FAILURE_SECONDS)
    except Exception:  # noqa: BLE001 - a cache raises whatever its client does
        logger.warning("The failure of %s cannot be kept", source)


def last_failure(source: str) -> Failure | None:
    """Return the last failure of a source, None when there was none for a week."""
    kept: str | None = caches["default"].get(_failure_key(source))
    if kept is None:
        return None
    at, _, reason = kept.partition(" ")
    return Failure(datetime.fromisoformat(at), reason)


def _failure_key(source: str) -> str:
    return f"tecken:upstreams:failure:{source}"
