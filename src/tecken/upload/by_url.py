# SPDX-License-Identifier: MPL-2.0

"""An archive that a client names by its URL: fetched into the spool, as if it had been sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import BoundedSemaphore

from django.conf import settings

from tecken.core.errors import BusyError
from tecken.core.fetching.fetch import fetch
from tecken.core.fetching.rules import check_url, parse_url
from tecken.upload.rules import fetch_rules
from tecken.upload.spool import Spool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an archive was fetched from: the URL that was given, and those it led to."""

    url: str
    redirect_urls: tuple[str, ...]


def fetch_archive(url: str, spool: Spool) -> Origin:
    """Fetch an archive into a spool.

    Raises InvalidRequestError, also when the spool has a file already; BusyError when others are
    fetched already, as many as may be; RemoteUnavailableError; LimitExceededError and NoRoomError,
    before the body is read where its length is known.
    """
    rules = fetch_rules()
    parsed = parse_url(url)
    check_url(parsed, rules)
    spool.new_file("url", parsed.path.rpartition("/")[2])
    with _fetching(), fetch(url, rules) as fetched:
        spool.check_length(fetched.length or 0)
        for chunk in fetched.chunks:
            spool.write(chunk)
    spool.complete()
    return Origin(url, fetched.redirect_urls)


@contextmanager
def _fetching() -> Iterator[None]:
    """Be one of the few that fetch: each holds a thread of the server for as long as it takes."""
    semaphore = _semaphore(settings.UPLOAD_URL_MAX_AT_ONCE)
    if not semaphore.acquire(blocking=False):
        raise BusyError("As many archives as are allowed are being fetched now")
    try:
        yield
    finally:
        semaphore.release()


@lru_cache(maxsize=1)
def _semaphore(count: int) -> BoundedSemaphore:
    return BoundedSemaphore(count)
