# SPDX-License-Identifier: MPL-2.0

"""The buckets: whether they can be asked, and written to where uploads go."""

import secrets
from collections.abc import Iterator

from django.conf import settings

from tecken.commands.check.findings import Finding, error, ok, warning
from tecken.core.errors import ObjectNotFoundError, StorageError
from tecken.core.storage.base import Content
from tecken.core.storage.source_urls import signed_url_of
from tecken.core.storage.sources import Source, prefix_warning
from tecken.core.upstreams.urls import is_upstream
from tecken.env import SettingError
from tecken.web.sources import BucketLocation, bucket_of, named_urls, open_named

_READ_ONLY = "DJANGO_SYMBOL_URLS"


def check_buckets() -> Iterator[Finding]:
    """Look at each URL of a bucket. What several variables have for the same reason is told once."""
    told: set[tuple[BucketLocation, str]] = set()
    for name, url in named_urls():
        if not url:
            continue  # it cannot be used, which has been told
        check = _check_upstream if is_upstream(url) else _check
        for reason, finding in check(name, url):
            if finding.level == "ok" or (bucket_of(url), reason) not in told:
                yield finding
            told.add((bucket_of(url), reason))


def _check(name: str, url: str) -> Iterator[tuple[str, Finding]]:
    """Yield what is found, each after what it comes from: other URLs of the bucket may share it."""
    writes, shown = name != _READ_ONLY, url.partition("?")[0]
    reason = prefix_warning(url, settings.SYMBOL_FILE_PREFIX)
    if reason:
        yield (
            "prefix",
            warning(name, f"{reason}; leave it out of the URL, or of DJANGO_SYMBOL_FILE_PREFIX"),
        )
    try:
        source = open_named(name, signed_url_of(url) if writes else url)
        _read(source)
        if writes:
            _write(source)
    except SettingError as refusal:
        yield "form", error(name, refusal.reason)
    except StorageError as failure:
        text = f"{shown} cannot be used: {failure.reason}{_hint(failure)}"
        yield failure.reason, error(name, text)
    else:
        yield "", ok(name, f"{shown} can be {'written' if writes else 'read'}")


def _check_upstream(name: str, url: str) -> Iterator[tuple[str, Finding]]:
    """Ask another symbol server, and look at the bucket that keeps what it sends."""
    shown = url.partition("?")[0]
    try:
        open_named(name, url).bucket.check()
    except SettingError as refusal:
        yield "form", error(name, refusal.reason)
    except StorageError as failure:
        yield failure.reason, warning(name, f"{shown} cannot be used now: {failure.reason}")
    else:
        yield "", ok(name, f"{shown} can be asked")
    if settings.REDIS_URL and settings.UPSTREAM_CACHE_URL.startswith("file:"):
        text = (
            "is a folder of this machine: set a bucket that all nodes reach, or symbols that workers on other "
            "machines derive of other servers' files are never found"
        )
        yield "cache", warning("DJANGO_UPSTREAM_CACHE_URL", text)


def _read(source: Source) -> None:
    """Ask for the bucket, and for a key that nobody has: it must be told from a refusal."""
    source.bucket.check()
    try:
        source.bucket.head(_key(source))
    except ObjectNotFoundError:
        pass  # as it should be


def _write(source: Source) -> None:
    key = _key(source)
    source.bucket.put(key, b"", Content())
    source.bucket.delete(key)


def _hint(failure: StorageError) -> str:
    """Say what to set, where the reason does not."""
    if "does not exist" in failure.reason or "No such file" in failure.reason:
        return "; make it, or set DJANGO_CREATE_BUCKETS"
    if "credentials" in failure.reason:
        return "; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of one who may"
    return ""


def _key(source: Source) -> str:
    return "/".join(filter(None, (source.prefix, f"tecken-check-{secrets.token_hex(8)}")))
