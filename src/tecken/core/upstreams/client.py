# SPDX-License-Identifier: MPL-2.0

"""Ask another symbol server for a file, and follow where it redirects to.

Each host of the chain is resolved once, and the connection goes to an address that was checked: one of the public
network, or one that the server's own host has. So a server in a network of one's own can be asked, and a
stranger's cannot lead there. Credentials go to the server's own origin alone. What it says takes as long as the
time-outs allow from the connection to the last header, however it drips; the body has an idle time, a total time and a
least rate.
"""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any

import httpx2

from tecken.core.errors import (
    InvalidRequestError,
    NoConnectionError,
    RemoteUnavailableError,
    StorageUnavailableError,
)
from tecken.core.fetching.addresses import Address, is_public, resolve
from tecken.core.fetching.deadline import Deadline
from tecken.core.fetching.rules import (
    FetchRules,
    FetchTimeOuts,
    check_url,
    find_addresses,
    parse_url,
)
from tecken.core.upstreams.credentials import Credentials
from tecken.core.upstreams.urls import Layout, UpstreamUrl, is_loopback_host

_MAX_REDIRECTS = 5
_CHUNK_BYTES = 256 * 1024
_MIN_BYTES_A_SECOND = 4 * 1024
_RATE_AFTER_SECONDS = 10.0  # a body may be slow for as long
_FAILURES = {408, 425, 429}  # and all of 5xx
# Some symsrv servers answer nobody else.
_USER_AGENTS = {Layout.SYMSRV: "Microsoft-Symbol-Server/6.3.0.0"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said; with the status 200 a file is coming.

    ``length`` is of the body as it is sent, None where it has no length, ``encoding`` its Content-Encoding, ``size``
    what a debuginfod says that the file has. ``chunks`` raises StorageUnavailableError for what does not arrive whole.
    """

    status: int
    length: int | None
    encoding: str
    size: int | None
    chunks: Iterator[bytes]

    @property
    def is_there(self) -> bool:
        """Whether there is a file."""
        return self.status == HTTPStatus.OK


@dataclass(eq=False)
class UpstreamClient:
    """Asks one server; it may be used from several threads. ``name`` stands in errors for it.

    ``before_each`` is called before every request, redirects included.
    """

    url: UpstreamUrl
    time_outs: FetchTimeOuts
    credentials: Credentials | None = field(default=None, repr=False)
    allow_http: bool = False
    resolve: Callable[[str], tuple[Address, ...]] = resolve
    before_each: Callable[[], None] = lambda: None
    _answered_at: float = field(default=0.0, init=False)

    @contextmanager
    def ask(self, path: str) -> Iterator[Answer]:
        """Open the file at a path below the server's URL, if it has one there.

        Raises StorageUnavailableError; NoConnectionError when the server gives no sign of life.
        """
        with Deadline(self.time_outs.total_seconds) as deadline, self._errors(deadline, path):
            response = self._follow(f"{self.url.base}/{path}", deadline)
            try:
                self._answered_at = time.monotonic()
                yield self._answer(path, response, deadline)
            finally:
                response.close()

    def check(self) -> None:
        """Ask for nothing in particular. Raises StorageUnavailableError when it cannot be used."""
        with self.ask(""):
            pass

    def _answer(self, path: str, response: httpx2.Response, deadline: Deadline) -> Answer:
        status = response.status_code
        if status in _FAILURES or status >= 500:
            raise self._failure(path, f"the server answered {status}")
        if status == 401 or (status == 403 and self.credentials):
            raise self._failure(path, f"the server refuses these credentials ({status})")
        return Answer(
            status,
            _number(response.headers.get("Content-Length")),
            response.headers.get("Content-Encoding", "").strip().lower(),
            _number(response.headers.get("X-Debuginfod-Size")),
            self._chunks(path, response, deadline),
        )

    def _follow(self, address: str, deadline: Deadline) -> httpx2.Response:
        """Return the answer that is no redirect."""
        start = current = parse_url(address)
        for _ in range(_MAX_REDIRECTS + 1):
            self.before_each()
            with self._errors_of_head(deadline) as head:
                response = self._send(current, start, deadline, head)
            if not response.has_redirect_location:
                return response
            response.close()
            try:
                current = parse_url(response.headers["Location"], base=current)
            except InvalidRequestError:  # what it says may have a signature
                raise InvalidRequestError("it redirects to what is no URL") from None
        raise InvalidRequestError("it redirects too often")

    def _send(
        self, url: httpx2.URL, start: httpx2.URL, deadline: Deadline, head: Deadline
    ) -> httpx2.Response:
        rules = self._rules(start)
        if url.scheme not in {"http", "https"}:  # the URL itself may be signed
            raise InvalidRequestError("it leads to what is not a URL that can be fetched")
        check_url(url, rules)
        if url.scheme == "http" and not (self.allow_http or is_loopback_host(url.host)):
            raise InvalidRequestError("it leads to an insecure URL")
        is_own = (url.scheme, url.host, url.port) == (start.scheme, start.host, start.port)
        headers = {"Host": url.netloc.decode("ascii")}
        if is_own and self.credentials:
            headers[self.credentials.header] = self.credentials.value

        def watch(event: str, info: dict[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                socket = info["return_value"].get_extra_info("socket")
                deadline.watch(socket)
                head.watch(socket)

        addresses = find_addresses(url, rules)
        for number, address in enumerate(addresses, start=1):
            request = self._client.build_request(
                "GET",
                url.copy_with(host=str(address)),
                headers=headers,
                extensions={"sni_hostname": url.raw_host.decode("ascii"), "trace": watch},
            )
            try:
                return self._client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if number == len(addresses) or head.passed or deadline.passed:
                    raise
        raise InvalidRequestError("its host has no address")

    def _rules(self, start: httpx2.URL) -> FetchRules:
        """Return the rules for all URLs: those of the server's own host may be anywhere."""
        own: list[Address] = []

        def resolve_noting(host: str) -> tuple[Address, ...]:
            found = self.resolve(host)
            if host == start.raw_host.decode("ascii"):
                own.extend(found)
            return found

        def may_connect(address: Address) -> bool:
            if not own:
                own.extend(self.resolve(start.raw_host.decode("ascii")))
            return address in own or is_public(address)

        return FetchRules(
            self.time_outs,
            https_only=start.scheme == "https",
            hosts=None,
            may_connect=may_connect,
            resolve=resolve_noting,
        )

    def _chunks(self, path: str, response: httpx2.Response, deadline: Deadline) -> Iterator[bytes]:
        started, size = time.monotonic(), 0
        with self._errors(deadline, path):
            for chunk in response.iter_raw():
                size += len(chunk)
                seconds = time.monotonic() - started
                if seconds > _RATE_AFTER_SECONDS and size < seconds * _MIN_BYTES_A_SECOND:
                    raise self._failure(path, "what it sends comes too slowly")
                yield chunk
        if deadline.passed:  # a body without a length just ends there
            raise self._failure(path, "it took too long")
        expected = _number(response.headers.get("Content-Length"))
        if expected is not None and size != expected:
            raise self._failure(path, f"it sent {size} bytes, and had announced {expected}")

    @contextmanager
    def _errors(self, deadline: Deadline, path: str) -> Iterator[None]:
        """Turn what goes wrong into our errors, none of which has what is secret."""
        try:
            yield
        except httpx2.TimeoutException as error:
            raise self._failure(path, "the server did not go on in time") from error
        except httpx2.HTTPError as error:
            reason = (
                "it took too long"
                if deadline.passed
                else f"the connection broke ({type(error).__name__})"
            )
            raise self._failure(path, reason) from error
        except (InvalidRequestError, RemoteUnavailableError) as error:
            raise self._failure(path, str(error)) from error

    @contextmanager
    def _errors_of_head(self, deadline: Deadline) -> Iterator[Deadline]:
        """Cut what has not said its status and headers in time. Raises NoConnectionError for no sign of life."""
        started = time.monotonic()
        seconds = self.time_outs.connect_seconds + self.time_outs.read_seconds
        with Deadline(seconds) as head:
            try:
                yield head
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                said = (
                    "did not answer in time"
                    if isinstance(error, httpx2.TimeoutException)
                    else "cannot be reached"
                )
                raise NoConnectionError(self.url.name, None, f"the server {said}") from error
            except RemoteUnavailableError as error:
                raise NoConnectionError(
                    self.url.name, None, "the server's host is not known"
                ) from error
            except httpx2.HTTPError as error:
                is_late = head.passed or deadline.passed
                if not (is_late or isinstance(error, httpx2.TimeoutException)):
                    raise
                reason = "the server did not answer in time"
                if (
                    self._answered_at > started
                ):  # it does answer others: this file is what it cannot do
                    raise StorageUnavailableError(self.url.name, None, reason) from error
                raise NoConnectionError(self.url.name, None, reason) from error
            if head.passed or deadline.passed:
                raise NoConnectionError(self.url.name, None, "the server did not answer in time")

    def _failure(self, path: str, reason: str) -> StorageUnavailableError:
        return StorageUnavailableError(self.url.name, path or None, reason)

    @cached_property
    def _client(self) -> httpx2.Client:
        agent = _USER_AGENTS.get(self.url.layout, "tecken")
        return httpx2.Client(
            headers={"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": agent},
            verify=ssl.create_default_context(),
            trust_env=False,
            follow_redirects=False,
            # No connection is used twice: two hosts may share an address, and each must show its own certificate.
            limits=httpx2.Limits(max_keepalive_connections=0),
            timeout=httpx2.Timeout(
                self.time_outs.read_seconds, connect=self.time_outs.connect_seconds, pool=None
            ),
        )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
