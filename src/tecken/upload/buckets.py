# SPDX-License-Identifier: MPL-2.0

"""Which bucket an upload goes to.

That of the uploader's email in the exceptions, else the default one; who may use several names one
by its ``bucket_name``. Try symbols have one location, whoever uploads them.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.conf import settings
from django.http import HttpRequest

from tecken.accounts.models import User
from tecken.accounts.permissions import granted, require
from tecken.core.errors import NotPermittedError
from tecken.core.storage.source_urls import is_public
from tecken.core.storage.sources import Source
from tecken.web.sources import writable_source

REGULAR_PERMISSION = "upload.upload_symbols"
TRY_PERMISSION = "upload.upload_try_symbols"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the files of an upload are stored, and whether they are try symbols."""

    source: Source
    try_symbols: bool


@dataclass(frozen=True, slots=True)
class PossibleBucket:
    """A bucket that somebody may upload to; the default one is taken when none is named."""

    url: str
    bucket_name: str
    private: bool
    default: bool


def choose_destination(
    email: str, permissions: Collection[str], *, wants_try: bool, bucket_name: str = ""
) -> Destination:
    """Choose by who asks, what the request may do and what it asks for.

    Who may only upload try symbols never writes anywhere else, whatever the form says. Raises
    NotPermittedError for a bucket that this upload may not go to.
    """
    try_symbols = wants_try or REGULAR_PERMISSION not in permissions
    for url in _possible_urls(email, try_symbols=try_symbols):
        source = writable_source(url)
        if bucket_name in ("", source.bucket.name):
            return Destination(source, try_symbols)
    raise NotPermittedError("No valid bucket")


def uploader_of(request: HttpRequest) -> User:
    """Return who asks, and may upload something. Raises NotPermittedError."""
    return require(request, REGULAR_PERMISSION, TRY_PERMISSION)


def destination_of(
    request: HttpRequest, user: User, *, wants_try: bool, bucket_name: str = ""
) -> Destination:
    """Return where an upload of a request goes, as ``choose_destination``."""
    may = granted(request)
    return choose_destination(user.email, may, wants_try=wants_try, bucket_name=bucket_name)


def possible_buckets(email: str, permissions: Collection[str]) -> tuple[PossibleBucket, ...]:
    """Return the buckets that somebody may name, none for who may not upload."""
    if {REGULAR_PERMISSION, TRY_PERMISSION}.isdisjoint(permissions):
        return ()
    urls = _possible_urls(email, try_symbols=REGULAR_PERMISSION not in permissions)
    return tuple(
        PossibleBucket(url, writable_source(url).bucket.name, not is_public(url), number == 0)
        for number, url in enumerate(urls)
    )


def _possible_urls(email: str, *, try_symbols: bool) -> tuple[str, ...]:
    """Return the URLs of buckets, that which is taken by itself first."""
    if try_symbols:
        return (settings.UPLOAD_TRY_SYMBOLS_URL,)
    return tuple(dict.fromkeys([*_exceptions(email.lower()), settings.UPLOAD_DEFAULT_URL]))


def _exceptions(email: str) -> Iterator[str]:
    """Yield what the exceptions have for an email: by the whole of it, then by patterns."""
    exceptions = {who.lower(): url for who, url in settings.UPLOAD_URL_EXCEPTIONS.items()}
    if email in exceptions:
        yield exceptions[email]
    yield from (url for pattern, url in exceptions.items() if fnmatchcase(email, pattern))
