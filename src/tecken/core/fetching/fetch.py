# SPDX-License-Identifier: MPL-2.0

"""Fetch the file of a URL, following its redirects one by one.

Every URL of the chain is held to the same rules. Its host is resolved once, and the connection goes
to an address that was checked, so no second answer of a name server matters; the certificate is
still that of the host. No proxy of the environment is used, since it would connect by name. No
connection is used twice: two hosts may share an address, and each must show its own certificate.
"""

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from tecken.core.errors import InvalidRequestError, RemoteUnavailableError
from tecken.core.fetching.addresses import Address
from tecken.core.fetching.deadline import Deadline
from tecken.core.fetching.rules import (
    FetchRules,
    check_url,
    find_addresses,
    host_of,
    parse_url,
)

MAX_REDIRECTS = 5
_ERRNO = re.compile(
    r"^\[Errno -?\d+\] "
)  # what the system calls an error, which tells people nothing
_CHUNK_BYTES = 256 * 1024
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "tecken"}
_NOT_FOUND = {404, 410}
_LATER = {408, 425, 429}  # and all of 5xx


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is coming. ``length`` is in bytes, None where the server does not say it."""

    redirect_urls: tuple[str, ...]
    length: int | None
    chunks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Hop:
    """A URL of the chain, and where its host is."""

    url: httpx2.URL
    addresses: tuple[Address, ...]


@contextmanager
def fetch(url: str, rules: FetchRules) -> Iterator[Fetched]:
    """Open the file of a URL; it is read while the block runs.

    Raises InvalidRequestError for what may not be fetched or is not there, RemoteUnavailableError
    for what cannot be fetched now; reading ``chunks`` raises the latter, too.
    """
    parsed = parse_url(url)
    with Deadline(rules.time_outs.total_seconds) as deadline, _client(rules) as client:
        session = _Session(client, rules, deadline)
        with _told(parsed, deadline):
            found, passed = session.follow(parsed)
        try:
            yield Fetched(passed, _length_of(found), _chunks(found, deadline))
        finally:
            found.close()


class _Session:
    """The requests of one fetch."""

    def __init__(self, client: httpx2.Client, rules: FetchRules, deadline: Deadline) -> None:
        self._client = client
        self._rules = rules
        self._deadline = deadline

    def follow(self, url: httpx2.URL) -> tuple[httpx2.Response, tuple[str, ...]]:
        """Return the answer that has the file, and the URLs that led to it."""
        current = url
        passed: list[str] = []
        while True:
            response = self._ask(current)
            if not response.has_redirect_location:
                return response, tuple(passed)
            response.close()
            if len(passed) == MAX_REDIRECTS:
                raise InvalidRequestError(f"Too many redirects trying to open {url}")
            current = parse_url(response.headers["Location"], base=current)
            passed.append(str(current))

    def _ask(self, url: httpx2.URL) -> httpx2.Response:
        """Return a redirect, or the answer whose body is the file.

        HEAD saves opening what is not there. Servers that do not know it, and signed URLs that are
        good for GET alone, refuse it in all sorts of ways; then GET decides.
        """
        check_url(url, self._rules)
        hop = _Hop(url, find_addresses(url, self._rules))
        head = self._send("HEAD", hop)
        head.close()
        if head.has_redirect_location:
            return head
        if head.status_code in _NOT_FOUND:
            raise _refusal(url, head.status_code)
        response = self._send("GET", hop)
        if response.status_code == 200 or response.has_redirect_location:
            return response
        response.close()
        raise _refusal(url, response.status_code)

    def _send(self, method: str, hop: _Hop) -> httpx2.Response:
        """Send a request to the first address that takes the connection; redirects come back.

        There may be thousands of addresses, and there is nothing to cut while none answers.
        """
        for address in hop.addresses[:-1]:
            if self._deadline.passed:
                break
            try:
                return self._send_to(address, method, hop.url)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return self._send_to(hop.addresses[-1], method, hop.url)

    def _send_to(self, address: Address, method: str, url: httpx2.URL) -> httpx2.Response:
        request = self._client.build_request(
            method,
            url.copy_with(host=str(address)),
            headers={"Host": url.netloc.decode("ascii")},
            extensions={"sni_hostname": host_of(url), "trace": self._watch},
        )
        return self._client.send(request, stream=True)

    def _watch(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._deadline.watch(info["return_value"].get_extra_info("socket"))


def _chunks(response: httpx2.Response, deadline: Deadline) -> Iterator[bytes]:
    with _told(response.request.url, deadline):
        yield from response.iter_raw(_CHUNK_BYTES)


@contextmanager
def _told(url: httpx2.URL, deadline: Deadline) -> Iterator[None]:
    """Turn what the client raises into our errors."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise RemoteUnavailableError(str(url), "the server did not answer in time") from error
    except httpx2.HTTPError as error:
        said = _ERRNO.sub("", str(error)) or type(error).__name__
        reason = "it took too long" if deadline.passed else said
        raise RemoteUnavailableError(str(url), reason) from error
    if deadline.passed:  # a body without a length just ends there
        raise RemoteUnavailableError(str(url), "it took too long")


def _refusal(url: httpx2.URL, status: int) -> InvalidRequestError | RemoteUnavailableError:
    if status in _NOT_FOUND:
        return InvalidRequestError(f"{url} can't be found ({status})")
    if status >= 500 or status in _LATER:
        return RemoteUnavailableError(str(url), f"the server answered {status}")
    return InvalidRequestError(f"{url} can't be fetched ({status})")


def _length_of(response: httpx2.Response) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _client(rules: FetchRules) -> httpx2.Client:
    seconds = rules.time_outs.read_seconds
    return httpx2.Client(
        headers=_HEADERS,
        # What the system trusts, or what SSL_CERT_FILE and SSL_CERT_DIR say.
        verify=ssl.create_default_context(),
        trust_env=False,
        follow_redirects=False,
        limits=httpx2.Limits(max_keepalive_connections=0),
        timeout=httpx2.Timeout(seconds, connect=rules.time_outs.connect_seconds),
    )
