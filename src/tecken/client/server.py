# SPDX-License-Identifier: MPL-2.0

"""A server that is asked over HTTP, again where asking again can help.

Asked again: 429, 5xx, and whatever fails below HTTP. Every endpoint used here can be asked twice:
the server skips the files of an upload that it has already.
"""

import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from tecken.client.errors import ClientError, RefusedByServerError, ServerUnavailableError
from tecken.client.terminal import printable

if TYPE_CHECKING:
    import httpx2

Result = TypeVar("Result")

MAX_ERROR_BYTES = 64 * 1024  # of an error's body: a sentence fits, an endless page does not
MAX_SENTENCE_LENGTH = 500
CONNECT_TIMEOUT_SECONDS = 10
TIMEOUT_SECONDS = 120  # without a byte; a big module that is nowhere indexed takes some seconds


def _say_nothing(message: str) -> None:
    """Where nobody wants to hear of retries."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a server is asked again, and how long to wait before it is.

    ``notify`` gets a line before each wait.
    """

    retries: int = 5
    first_wait_seconds: float = 1
    max_wait_seconds: float = 60
    sleep: Callable[[float], None] = time.sleep
    notify: Callable[[str], None] = _say_nothing

    def wait_seconds(self, failures: int, retry_after_seconds: float | None) -> float:
        """Return the wait after so many failures: doubled each time unless the server names one."""
        wanted = retry_after_seconds
        if wanted is None:
            wanted = self.first_wait_seconds * 2 ** (failures - 1)
        return min(max(wanted, 0), self.max_wait_seconds)


@dataclass(frozen=True, slots=True)
class _FailedTry:
    """Why one try had no usable answer."""

    sentence: str
    retry_after_seconds: float | None = None


class Server:
    """One server: ``Server("https://symbols.example.com", token)``. A context manager.

    Raises ClientError for a URL or a token that cannot be used. The token is sent to this
    server's own origin only, so never to the bucket that a download is redirected to.
    """

    def __init__(
        self, url: str, token: str | None = None, retry: RetryPolicy | None = None
    ) -> None:
        self.url = _checked_url(url)
        self._token = _checked_token(token)
        self._retry = retry or RetryPolicy()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if "_http" in self.__dict__:
            self._http.close()

    @property
    def has_token(self) -> bool:
        """Say whether there is a token to send."""
        return self._token is not None

    def get(
        self, url: str, receive: "Callable[[httpx2.Response], Result]", **request: Any
    ) -> Result:
        """GET a path of this server, or a whole URL; follow redirects; return what ``receive`` does.

        ``receive`` gets an open response whose body was not read yet, and is called again when
        the connection breaks while it reads. Raises RefusedByServerError, ServerUnavailableError.
        """
        return self._ask("GET", url, receive, follow_redirects=True, **request)

    def post(self, path: str, **request: Any) -> bytes:
        """POST to a path of this server and return the body. Raises as ``get`` does.

        Redirects are not followed: a POST would arrive as a GET.
        """
        return self._ask("POST", path, lambda response: response.read(), **request)

    def patch(self, path: str, **request: Any) -> bytes:
        """PATCH a path of this server and return the body. Raises as ``get`` does."""
        return self._ask("PATCH", path, lambda response: response.read(), **request)

    def delete(self, path: str, **request: Any) -> bytes:
        """DELETE a path of this server and return the body. Raises as ``get`` does."""
        return self._ask("DELETE", path, lambda response: response.read(), **request)

    def pause(self, seconds: float, reason: str) -> None:
        """Wait for something that the server does, and say so."""
        self._retry.notify(f"{reason}; looking again in {seconds:g} s")
        self._retry.sleep(seconds)

    @cached_property
    def _http(self) -> "httpx2.Client":
        # Imported when it is used: `tecken --help` should not wait for it.
        from importlib.metadata import version

        import httpx2

        return httpx2.Client(
            base_url=self.url,
            # Only gzip, so that a receiver has one encoding to undo.
            headers={"User-Agent": f"tecken/{version('tecken')}", "Accept-Encoding": "gzip"},
            timeout=httpx2.Timeout(TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
            event_hooks={"request": [self._add_token]},
        )

    def _add_token(self, request: "httpx2.Request") -> None:
        """Send the token to this server's origin; take it away when a redirect leads elsewhere."""
        request.headers.pop("Auth-Token", None)
        own = self._http.base_url
        here = (request.url.scheme, request.url.host, request.url.port)
        if self._token and here == (own.scheme, own.host, own.port):
            request.headers["Auth-Token"] = self._token

    def _ask(
        self, method: str, url: str, receive: "Callable[[httpx2.Response], Result]", **request: Any
    ) -> Result:
        failures = 0
        while True:
            answer = self._try_once(method, url, receive, request)
            if not isinstance(answer, _FailedTry):
                return answer
            failures += 1
            if failures > self._retry.retries:
                raise ServerUnavailableError(f"{answer.sentence} (tried {failures} times)")
            wait = self._retry.wait_seconds(failures, answer.retry_after_seconds)
            self._retry.notify(f"{answer.sentence}; trying again in {wait:g} s")
            self._retry.sleep(wait)

    def _try_once(
        self,
        method: str,
        url: str,
        receive: "Callable[[httpx2.Response], Result]",
        request: dict[str, Any],
    ) -> Result | _FailedTry:
        import httpx2

        try:
            with self._http.stream(method, url, **request) as response:
                status = response.status_code
                if status == 429 or status >= 500:
                    return _FailedTry(_sentence(response), _retry_after(response))
                if status >= 400:
                    raise RefusedByServerError(status, _sentence(response))
                if status >= 300:
                    _refuse_redirect(response)
                return receive(response)
        except (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL) as error:
            raise ClientError(f"{self.url}: {printable(str(error))}") from error
        except httpx2.TransportError as error:
            return _FailedTry(f"{self.url}: {printable(str(error)) or type(error).__name__}")
        except (httpx2.TooManyRedirects, httpx2.DecodingError) as error:
            raise ClientError(f"{self.url}: {printable(str(error))}") from error


def read_json(answer: bytes, shape: type[Result], url: str) -> Result:
    """Read what the server at ``url`` answered. Raises ClientError."""
    try:
        return msgspec.json.decode(answer, type=shape)
    except msgspec.MsgspecError as error:
        raise ClientError(f"{url} did not answer as a symbol server does: {error}") from error


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ClientError(f"{printable(url)} is not the http or https URL of a server")
    if parts.username or parts.password:
        # Such a URL ends up in messages and links; a password does not belong there.
        raise ClientError("the URL of a server must not have a user name or a password in it")
    return url.rstrip("/")


def _checked_token(token: str | None) -> str | None:
    """Refuse what is no header value here: an error from further down would print the token."""
    token = (token or "").strip()
    if not (token.isascii() and token.isprintable()):
        raise ClientError("the token has characters that no token has")
    return token or None


def _refuse_redirect(response: "httpx2.Response") -> NoReturn:
    target = printable(response.headers.get("Location", "nowhere"))
    raise ClientError(f"the server redirects to {target}: is --url right?")


def _retry_after(response: "httpx2.Response") -> float | None:
    """Read ``Retry-After``, seconds or a date (RFC 9110, section 10.2.3); None when not readable."""
    value = response.headers.get("Retry-After", "")
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter for numbers of very many digits
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - datetime.now(UTC)).total_seconds()


def _sentence(response: "httpx2.Response") -> str:
    """Find the sentence that says what was wrong: JSON, plain text, or else only the status."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_ERROR_BYTES:
            break
    text = ""
    content_type = response.headers.get("Content-Type", "")
    if content_type.startswith("application/json"):
        text = _json_sentence(body)
    elif content_type.startswith("text/plain"):
        text = body.decode(errors="replace").strip()
    text = printable(text)[:MAX_SENTENCE_LENGTH]
    return text or f"the server answered {response.status_code} {response.reason_phrase}".strip()


def _json_sentence(body: bytes) -> str:
    """Read ``{"error": sentence}`` or ``{"errors": {field: [sentence, …]}}``; "" for anything else."""
    with contextlib.suppress(ValueError, RecursionError):
        answer = json.loads(body)
        if isinstance(answer, dict) and isinstance(answer.get("error"), str):
            return str(answer["error"])
        if isinstance(answer, dict) and isinstance(answer.get("errors"), dict):
            return "; ".join(f"{field}: {text}" for field, text in answer["errors"].items())
    return ""
