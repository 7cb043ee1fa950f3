# SPDX-License-Identifier: MPL-2.0

"""A connection: requests are read, answered one after the other, and clients that stall are ended."""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from typing import Protocol, cast

import httptools

from tecken.core.errors import RefusedError
from tecken.edge.application import Answer, Chunks
from tecken.edge.bodies import ArrivingBody, ClientGoneError, ended_early
from tecken.edge.exchange import Edge, closing, find_answer
from tecken.edge.heads import Ends, Head, HeadReader, with_ascii_target
from tecken.edge.limits import (
    DRAIN_IDLE_SECONDS,
    DRAIN_SECONDS,
    EXTRA_BYTES_A_BYTE,
    LEAVING_IDLE_SECONDS,
    MAX_HEAD_BYTES,
    MAX_WAITING_REQUESTS,
)
from tecken.edge.refusals import LINGER_SECONDS, refusal
from tecken.edge.sockets import reset
from tecken.edge.threads import run_in
from tecken.edge.wire import BrokenAnswerError, Wire
from tecken.web.metrics import RECEIVED_BYTES
from tecken.web.path_tokens import masked

_WORTH_BYTES = 1024 * 1024  # of a body that nobody wants, to keep its connection

logger = logging.getLogger(__name__)


class Process(Protocol):
    """What a connection knows of its worker process."""

    edge: Edge
    leaving: bool

    def opened(self, connection: "Connection") -> None: ...

    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """One client. Called by the transport, by the parser, and once a second by the worker."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._edge = process.edge
        self._clock = asyncio.get_running_loop().time
        self._parser = httptools.HttpRequestParser(self)
        self._reader: HeadReader | None = None  # of the head that is arriving
        self._raw_bytes = 0  # of the request that is arriving
        self._body: ArrivingBody | None = None  # the one that is arriving
        self._requests: deque[tuple[Head, ArrivingBody]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._is_last = False  # nothing is read any more
        self._has_ended = False  # the client sends nothing any more
        self._ends = False  # it is closed as soon as the client has all that it was sent
        self._holds: set[str] = set()
        self._since = self._clock()  # when the last request ended or the head at hand began

    # --- the transport ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        client = transport.get_extra_info("peername") or ("", 0)
        server = transport.get_extra_info("sockname") or ("", 0)
        self._wire = Wire(
            self._transport, Ends(client[:2], server[:2], self._is_there), self._clock
        )
        self._process.opened(self)

    def data_received(self, data: bytes) -> None:
        RECEIVED_BYTES.add(len(data))
        if self._is_last:
            return
        self._raw_bytes += len(data)
        if self._body is None and self._reader is None:
            data = with_ascii_target(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:  # to another protocol, which we do not speak
            self._is_last = True
        except httptools.HttpParserError as error:
            self._refuse(400, f"The request is not HTTP: {error.__context__ or error}")
        if self._reader is not None and self._raw_bytes > MAX_HEAD_BYTES:
            self._refuse(431, f"The head is too large: at most {MAX_HEAD_BYTES} bytes are allowed")
        elif self._body is not None and self._raw_bytes > _most_raw_bytes(self._body):
            self._refuse(400, "The body has too much around its chunks")

    def eof_received(self) -> bool:
        """A client may close its half after a whole request, and read the answer."""
        self._is_last = self._has_ended = True
        if self._body is not None:
            self._body.fail(ended_early())
        if self._task is None:
            self._end()
        return True

    def connection_lost(self, _error: Exception | None) -> None:
        self._is_last = self._has_ended = True
        self._wire.lose()
        if self._body is not None:
            self._body.fail(ClientGoneError())
        self._process.closed(self)

    def pause_writing(self) -> None:
        self._wire.pause()

    def resume_writing(self) -> None:
        self._wire.resume()

    # --- the parser ---

    def on_message_begin(self) -> None:
        self._reader = HeadReader()
        self._since = self._clock()

    def on_url(self, part: bytes) -> None:
        if self._reader is not None:
            self._reader.add_target(part)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reader is not None:  # a trailer has none
            self._reader.add_header(name, value)

    def on_headers_complete(self) -> None:
        if self._reader is None:
            return
        if len(self._requests) >= MAX_WAITING_REQUESTS:
            raise ValueError("too many requests that wait for an answer")
        head = self._reader.finish(
            self._parser.get_method(),
            self._parser.get_http_version(),
            keep_alive=self._parser.should_keep_alive(),
        )
        self._reader = None
        self._body = ArrivingBody(head.length, self._edge.limits, self._hold_body, self._clock)
        self._requests.append((head, self._body))
        self._next()

    def on_body(self, data: bytes) -> None:
        if self._body is not None:
            self._body.feed(data)

    def on_message_complete(self) -> None:
        if self._body is not None:
            self._body.end()
        self._body, self._raw_bytes = None, 0

    # --- requests, one after the other ---

    def _next(self, *, is_early: bool = False) -> None:
        """Begin the next request, unless one is under way; of those that wait few are read.

        One that came before the answer to another is begun when that has arrived: who asks without
        end and reads nothing must not keep us at work.
        """
        if self._task is None and self._requests:
            head, body = self._requests.popleft()
            answering = self._answer(head, body, is_early=is_early)
            self._task = asyncio.get_running_loop().create_task(answering)
        self._hold("requests", on=bool(self._requests))

    async def _answer(self, head: Head, body: ArrivingBody, *, is_early: bool) -> None:
        keep_alive = False
        try:
            if is_early:
                await self._wire.deliver()
            answer = await find_answer(self._edge, head, body, self._wire)
            keep_alive = await self._send(head, body, answer)
        except ClientGoneError:
            pass
        except BrokenAnswerError as error:
            logger.warning("%s %.200s: %s", head.method, _shown(head), error)
            self._transport.abort()
        except Exception:
            logger.exception("%s %.200s", head.method, _shown(head))
            self._wire.write(refusal(500, "Internal Server Error"))
        finally:
            self._finish(keep_alive=keep_alive)

    async def _send(self, head: Head, body: ArrivingBody, answer: Answer) -> bool:
        """Send an answer, and then read the rest of a body that nobody wanted.

        Many clients send all before they look for an answer, so they must be let to; reading on
        before the answer would keep others waiting.
        """
        is_last = self._is_last and not self._requests
        if is_last or self._process.leaving or not _is_nearly_there(head, body):
            head = closing(head)
        try:
            keep_alive = await self._wire.send(head, answer, self._edge.threads)
        finally:
            if isinstance(answer.body, Chunks):
                await run_in(self._edge.threads.of_chunks(answer.body), answer.close)
            else:
                answer.close()
        return await _read_on(body) and keep_alive

    def _finish(self, *, keep_alive: bool) -> None:
        self._task = None
        self._since = self._clock()
        if keep_alive and (not self._is_last or self._requests):
            self._next(is_early=True)
        else:
            self._end()

    def _end(self) -> None:
        """Close the connection once the client has all that it was sent.

        What a closed connection leaves to the system is looked after by nobody.
        """
        self._is_last = True
        is_closing = self._process.leaving or self._transport.is_closing()
        if is_closing or not self._wire.undelivered_bytes():
            self._transport.close()
        elif not self._ends:
            self._ends = True
            try:
                self._transport.write_eof()
            except OSError:  # the client has reset it
                self._transport.abort()

    # --- limits ---

    def check(self) -> None:
        """End a client that stalls; called once a second."""
        limits, leaving = self._edge.limits, self._process.leaving
        most = LEAVING_IDLE_SECONDS if leaving else limits.answer_idle_seconds
        has_stalled = self._wire.stalled_seconds() > most
        if (
            self._ends
            and not self._transport.is_closing()
            and (leaving or self._wire.has_delivered)
        ):
            self._transport.close()  # the system sends what it has, also after our end
        elif has_stalled:
            reset(self._transport)
        elif self._body is not None:
            body_idle = DRAIN_IDLE_SECONDS if self._body.is_dropped else limits.body_idle_seconds
            self._body.check(min(body_idle, LEAVING_IDLE_SECONDS) if leaving else body_idle)
        elif not self._wire.has_delivered:
            self._since = self._clock()
        elif self._task is None and self._clock() - self._since > limits.header_seconds:
            if self._reader is None or self._is_last:
                self._transport.close()
            else:
                self._refuse(408, f"The head took longer than {limits.header_seconds:g} seconds")

    def close_if_idle(self) -> None:
        """End a connection that is between two requests."""
        if self._task is None and self._reader is None:
            self._transport.close()

    def abort(self) -> None:
        """End it whatever is under way."""
        self._transport.abort()

    def _is_there(self) -> bool:
        return not self._has_ended

    def _refuse(self, status: int, sentence: str) -> None:
        """Answer what is no request, unless an answer is being sent, and end the connection."""
        self._is_last = True
        self._reader = None
        if self._body is not None:
            self._body.fail(ended_early())
        if self._task is None:
            self._wire.write(refusal(status, sentence))
            # To close at once while bytes arrive would take the answer away from the client.
            asyncio.get_running_loop().call_later(LINGER_SECONDS, self._transport.close)

    def _hold_body(self, on: bool) -> None:
        self._hold("body", on=on)

    def _hold(self, reason: str, *, on: bool) -> None:
        """Stop receiving while there is any reason to."""
        held = bool(self._holds)
        (self._holds.add if on else self._holds.discard)(reason)
        if held != bool(self._holds) and not self._transport.is_closing():
            if self._holds:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()


def _most_raw_bytes(body: ArrivingBody) -> int:
    return 2 * MAX_HEAD_BYTES + (1 + EXTRA_BYTES_A_BYTE) * body.received


def _is_nearly_there(head: Head, body: ArrivingBody) -> bool:
    """Say whether so little of a body is missing that its connection is worth to be kept."""
    if body.complete:
        return True
    if head.length is None or head.expects_continue:
        return False
    return head.length - body.received <= _WORTH_BYTES


async def _read_on(body: ArrivingBody) -> bool:
    """Read what nobody wants, within bounds; say whether all of it came."""
    if body.complete:
        return True
    body.drop()
    with suppress(RefusedError, TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while await body.read():
                pass
    return body.complete


def _shown(head: Head) -> str:
    return masked(head.target.partition(b"?")[0].decode("latin-1"))
