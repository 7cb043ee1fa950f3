# SPDX-License-Identifier: MPL-2.0

"""The sources that the settings name, opened once for the whole process."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache, partial

from django.conf import settings

from tecken.core.errors import StorageError, StorageUnavailableError
from tecken.core.locating.source_pauses import SourcePauses
from tecken.core.storage.s3_options import S3Options
from tecken.core.storage.source_urls import location_of, signed_url_of, without_query
from tecken.core.storage.sources import Source, UnsupportedSourceError, open_source, prefix_warning
from tecken.core.upstreams.urls import is_upstream
from tecken.env import SettingError, raise_problems
from tecken.web.measured_bucket import measure
from tecken.web.upstreams import open_upstream

logger = logging.getLogger(__name__)

BucketLocation = tuple[str, str]  # host, and name or folder


def sources() -> tuple[Source, ...]:
    """Return the regular sources, in the order in which they are asked."""
    prefix = settings.SYMBOL_FILE_PREFIX
    return tuple(_open(url, prefix) for url in settings.SYMBOL_URLS)


def all_sources() -> tuple[Source, ...]:
    """Return the regular sources and that of try symbols, in the order in which they are asked.

    That of try symbols comes last, but before other symbol servers at the end of the list: what is ours comes first.
    """
    regular = sources()
    end = len(regular)
    while end and regular[end - 1].upstream is not None:
        end -= 1
    return *regular[:end], try_source(), *regular[end:]


def try_source() -> Source:
    """Return the source of try symbols, which is asked after all regular buckets."""
    return _open(settings.UPLOAD_TRY_SYMBOLS_URL, settings.SYMBOL_FILE_PREFIX)


def upload_source(*, try_symbols: bool) -> Source:
    """Return the source that uploads go to where no exception holds, opened to write."""
    url = settings.UPLOAD_TRY_SYMBOLS_URL if try_symbols else settings.UPLOAD_DEFAULT_URL
    return writable_source(url)


def writable_source(url: str) -> Source:
    """Return the source of a URL, opened to write, for which credentials are needed."""
    return _open(signed_url_of(url), settings.SYMBOL_FILE_PREFIX)


def written_sources() -> tuple[Source, ...]:
    """Return all sources that somebody's uploads may go to, opened to write."""
    urls = (
        settings.UPLOAD_DEFAULT_URL,
        *settings.UPLOAD_URL_EXCEPTIONS.values(),
        settings.UPLOAD_TRY_SYMBOLS_URL,
    )
    return tuple(writable_source(url) for url in dict.fromkeys(urls))


def writers_of(asked: Iterable[Source]) -> dict[str, Source]:
    """Return by their names those sources that uploads go to, too, opened to write."""
    locations = {(bucket_of(writer.url), writer.prefix): writer for writer in written_sources()}
    locations_of_asked = (
        (source.name, bucket_of(source.url), source.prefix)
        for source in asked
        if source.upstream is None
    )
    return {
        name: locations[bucket, prefix]
        for name, bucket, prefix in locations_of_asked
        if (bucket, prefix) in locations
    }


@cache
def source_pauses() -> SourcePauses:
    """Return what this process leaves alone for a moment; every answer of a bucket is told to it."""
    return SourcePauses()


def is_paused(source: Source) -> bool:
    """Say whether this process leaves a source alone for a moment."""
    if source.upstream is not None:
        return source.upstream.is_paused
    return source_pauses().is_paused(source.url)


def source_named(name: str) -> Source | None:
    """Return the configured source of that name."""
    return next((source for source in all_sources() if source.name == name), None)


def prepare_clients() -> None:
    """Let no request of this process be the first that asks a source."""
    uploads = (upload_source(try_symbols=False), upload_source(try_symbols=True))
    for source in (*all_sources(), *uploads):
        try:
            source.bucket.prepare()
        except StorageError as error:
            logger.warning("%s cannot be used: %s", source.name, error)


def prepare_sources() -> None:
    """Open every source, warn of odd URLs, and make the buckets that may be made.

    Raises SettingError for all URLs that no source can be made of. Variables that name the same
    bucket, as the defaults of some do, share its errors: each is told once.
    """
    problems: dict[BucketLocation, SettingError] = {}
    warnings: dict[BucketLocation, str] = {}
    made: set[tuple[BucketLocation, bool]] = set()
    for name, url in named_urls():
        bucket = bucket_of(url)
        try:
            source = open_named(name, url)
            warning = None if is_upstream(url) else prefix_warning(url, settings.SYMBOL_FILE_PREFIX)
            if warning:
                warnings.setdefault(bucket, f"{name}: {warning}")
            if settings.READ_REQUIRES_LOGIN and source.public:
                warnings.setdefault(bucket, f"{name}: {_public_warning(source)}")
            # One that is read without credentials is not made, but may be for who has them.
            may_make = settings.CREATE_BUCKETS and source.upstream is None
            if may_make and (bucket, source.public) not in made:
                made.add((bucket, source.public))
                _make_bucket(name, source)
        except SettingError as error:
            problems.setdefault(bucket, error)
    for warning in warnings.values():
        logger.warning(warning)
    raise_problems(problems.values())


def _public_warning(source: Source) -> str:
    return (
        f"everybody can read {without_query(source.url)} (access=public), and downloads lead there,"
        " although DJANGO_READ_REQUIRES_LOGIN is set"
    )


def named_urls() -> Iterator[tuple[str, str]]:
    """Yield every URL of a source, after the variable it comes from."""
    for url in settings.SYMBOL_URLS:
        yield "DJANGO_SYMBOL_URLS", url
    yield "DJANGO_UPLOAD_DEFAULT_URL", settings.UPLOAD_DEFAULT_URL
    for url in settings.UPLOAD_URL_EXCEPTIONS.values():
        yield "DJANGO_UPLOAD_URL_EXCEPTIONS", url
    yield "DJANGO_UPLOAD_TRY_SYMBOLS_URL", settings.UPLOAD_TRY_SYMBOLS_URL


def bucket_of(url: str) -> BucketLocation:
    """Return which bucket a URL names: its host and the bucket's name or folder."""
    if is_upstream(url):
        return url, ""  # whatever lies on the same host
    location = location_of(url)
    return location.host, location.bucket


def open_named(name: str, url: str) -> Source:
    """Open a source that the variable ``name`` has. Raises SettingError."""
    try:
        return _open(url, settings.SYMBOL_FILE_PREFIX)
    except UnsupportedSourceError as error:
        raise SettingError(name, f"cannot be used: {error}") from error


def _make_bucket(name: str, source: Source) -> None:
    try:
        source.bucket.make()
    except StorageUnavailableError as error:
        logger.warning("%s: the bucket could not be made: %s", name, error)  # it may come back
    except StorageError as error:
        raise SettingError(name, f"names a bucket that cannot be made: {error}") from error


def _open(url: str, symbol_file_prefix: str) -> Source:
    if is_upstream(url):
        return _measured_upstream(open_upstream(url, symbol_file_prefix))
    return _opened(url, symbol_file_prefix, settings.S3_OPTIONS, settings.UPLOAD_MIN_FREE_BYTES)


@lru_cache(maxsize=64)
def _opened(
    url: str, symbol_file_prefix: str, s3_options: S3Options, min_free_bytes: int
) -> Source:
    source = open_source(url, symbol_file_prefix, s3_options, min_free_bytes)
    answered = partial(source_pauses().answered, url) if source.remote else None
    return replace(source, bucket=measure(source.bucket, source.name, answered))


@lru_cache(maxsize=64)
def _measured_upstream(source: Source) -> Source:
    return replace(source, bucket=measure(source.bucket, source.name))
