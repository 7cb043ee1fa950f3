# SPDX-License-Identifier: MPL-2.0

"""Which URLs may be fetched, and how long that may take."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import httpx2

from tecken.core.errors import InvalidRequestError
from tecken.core.fetching.addresses import Address, is_public, resolve

_MAX_URL_LENGTH = 8192  # signed URLs have some 2,000


@dataclass(frozen=True, slots=True)
class FetchTimeOuts:
    """Seconds for a connection, for the next bytes of an answer, and for all of it together."""

    connect_seconds: float
    read_seconds: float
    total_seconds: float


@dataclass(frozen=True, slots=True)
class FetchRules:
    """What holds for a URL and for every URL that it redirects to.

    ``hosts`` are the names that may be asked, None for any. ``resolve`` is asked once for each URL, and every
    address it gives must be one that ``may_connect`` accepts.
    """

    time_outs: FetchTimeOuts
    https_only: bool
    hosts: frozenset[str] | None
    may_connect: Callable[[Address], bool] = is_public
    resolve: Callable[[str], tuple[Address, ...]] = resolve

    @classmethod
    def lifted(cls, time_outs: FetchTimeOuts) -> Self:
        """Return rules that let everything pass: for development, and for trusted networks."""
        return cls(time_outs, https_only=False, hosts=None, may_connect=lambda _: True)


def check_url(url: httpx2.URL, rules: FetchRules) -> None:
    """Check all that can be told without asking anybody. Raises InvalidRequestError."""
    if rules.https_only and url.scheme != "https":
        raise InvalidRequestError("Insecure URL")
    if url.scheme not in {"http", "https"} or not url.host:
        raise InvalidRequestError(f"'{url}' is not a URL that can be fetched")
    if url.userinfo:
        raise InvalidRequestError("A URL with a user name or password is not fetched")
    if rules.hosts is not None and host_of(url) not in rules.hosts:
        raise InvalidRequestError(f"Not an allowed domain ('{host_of(url)}') to download from.")


def find_addresses(url: httpx2.URL, rules: FetchRules) -> tuple[Address, ...]:
    """Return the addresses that may be connected to.

    Raises InvalidRequestError when any of them may not: a host with a public and a private address
    is no accident. Raises RemoteUnavailableError when the host is not known.
    """
    addresses = rules.resolve(host_of(url))
    for address in addresses:
        if not rules.may_connect(address):
            raise InvalidRequestError(
                f"'{host_of(url)}' has the address {address}, which is not a public one"
            )
    return addresses


def host_of(url: httpx2.URL) -> str:
    """Return the host as name servers and certificates have it: ``xn--bcher-kva.example``."""
    return url.raw_host.decode("ascii")


def parse_url(text: str, base: httpx2.URL | None = None) -> httpx2.URL:
    """Parse a URL, or one that is relative to ``base``. Raises InvalidRequestError."""
    try:
        if len(text) > _MAX_URL_LENGTH:
            raise InvalidRequestError(f"The URL is longer than {_MAX_URL_LENGTH} characters")
        url = base.join(text) if base else httpx2.URL(text)
        if url.port is not None and not 0 < url.port < 65536:
            raise InvalidRequestError(f"'{text}' is not a URL: it has no port {url.port}")
        return url.copy_with(fragment=None)
    except (httpx2.InvalidURL, ValueError) as error:
        raise InvalidRequestError(f"'{text}' is not a URL: {error}") from error
