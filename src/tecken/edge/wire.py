# SPDX-License-Identifier: MPL-2.0

"""What is sent on a connection: as fast as the client reads, and no faster."""

import asyncio
from collections.abc import Callable

from tecken.edge.application import Answer, Chunks
from tecken.edge.bodies import ClientGoneError
from tecken.edge.heads import Ends, Head
from tecken.edge.limits import CHUNK_BYTES
from tecken.edge.sockets import unacknowledged_bytes
from tecken.edge.threads import Threads, run_in
from tecken.edge.writing import LAST_CHUNK, framed_chunk, has_body, head_bytes, is_framed
from tecken.web.metrics import SENT_BYTES

_SLICE_BYTES = 256 * 1024  # of a body in memory
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.002, 1.0


class BrokenAnswerError(Exception):
    """An answer ended otherwise than its head had said, so its connection must break."""


class Wire:
    """The sending half of a connection."""

    def __init__(
        self, transport: asyncio.Transport, ends: Ends, clock: Callable[[], float]
    ) -> None:
        self.ends = ends
        self._transport = transport
        self._clock = clock
        self._gone = False
        self._drained: asyncio.Future[None] | None = None
        self._written, self._delivered, self._progress = 0, 0, clock()
        transport.set_write_buffer_limits(high=CHUNK_BYTES)

    def write(self, data: bytes | memoryview) -> None:
        """Send bytes, or keep them until the client reads."""
        SENT_BYTES.add(len(data))
        self._written += len(data)
        self._transport.write(data)

    def pause(self) -> None:
        """Note that the client does not read as fast as we send."""
        self._drained = asyncio.get_running_loop().create_future()

    def resume(self) -> None:
        """Note that it has read."""
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None

    def lose(self) -> None:
        """Note that the connection has ended."""
        self._gone = True
        self.resume()

    async def drain(self) -> None:
        """Wait until more may be sent. Raises ClientGoneError."""
        if self._drained is not None:
            await self._drained
        else:
            await asyncio.sleep(0)  # others get their turn
        if self._gone:
            raise ClientGoneError

    async def deliver(self) -> None:
        """Wait until the client's side has taken all that was sent, which need not mean read."""
        pause = _FIRST_PAUSE_SECONDS
        while not self._gone and self.undelivered_bytes():
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def undelivered_bytes(self) -> int:
        """Return how many bytes wait here and in the system, or are on their way."""
        return self._transport.get_write_buffer_size() + unacknowledged_bytes(self._transport)

    def stalled_seconds(self) -> float:
        """Return for how long a client has taken neither a chunk's bytes nor all that waits for it.

        Called once a second. Less than a chunk is no progress: byte by byte an answer would never end.
        """
        if self._delivered < self._written:
            delivered = self._written - self.undelivered_bytes()
            if delivered < min(self._written, self._delivered + CHUNK_BYTES):
                return self._clock() - self._progress
            self._delivered = delivered
        self._progress = self._clock()
        return 0.0

    @property
    def has_delivered(self) -> bool:
        """Whether nothing waited any more when that was looked at last."""
        return self._delivered == self._written

    async def send(self, head: Head, answer: Answer, threads: Threads) -> bool:
        """Send an answer; say whether the connection may be used for another request.

        Raises ClientGoneError and BrokenAnswerError.
        """
        sends_body = has_body(head.method, answer.status)
        headers = answer.headers
        if sends_body and isinstance(answer.body, bytes) and not is_framed(headers):
            headers = [*headers, ("Content-Length", str(len(answer.body)))]
        framed = not sends_body or is_framed(headers)
        chunked = not framed and head.version == "1.1"
        keep_alive = head.keep_alive and (framed or chunked)
        start = head_bytes(answer.status, headers, keep_alive=keep_alive, chunked=chunked)
        if not sends_body:
            self.write(start)
        elif isinstance(answer.body, Chunks):
            self.write(start)
            await self._send_chunks(answer, answer.body, threads, chunked=chunked)
        else:
            await self._send_bytes(start, answer.body)
        return keep_alive

    async def _send_bytes(self, start: bytes, body: bytes) -> None:
        if len(body) <= CHUNK_BYTES:
            self.write(start + body)
            return
        self.write(start)
        view = memoryview(body)
        for at in range(0, len(body), _SLICE_BYTES):
            self.write(view[at : at + _SLICE_BYTES])
            await self.drain()

    async def _send_chunks(
        self, answer: Answer, chunks: Chunks, threads: Threads, *, chunked: bool
    ) -> None:
        sent = 0
        try:
            while chunk := await run_in(threads.of_chunks(chunks), chunks.next):
                self.write(framed_chunk(chunk) if chunked else chunk)
                sent += len(chunk)
                await self.drain()
        except ClientGoneError:
            raise
        except Exception as error:
            raise BrokenAnswerError(f"it broke after {sent} bytes: {error}") from error
        if chunked:
            self.write(LAST_CHUNK)
        elif (declared := _length_of(answer)) is not None and declared != sent:
            raise BrokenAnswerError(f"it has {sent} bytes instead of {declared}")


def _length_of(answer: Answer) -> int | None:
    for name, value in answer.headers:
        if name.lower() == "content-length":
            return int(value)
    return None
