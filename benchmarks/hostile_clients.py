# SPDX-License-Identifier: MPL-2.0

"""One connection of a hostile client, and the server that it goes for.

What a client does with its connection is a kind, see ``benchmarks.hostile_kinds``.
"""

import asyncio
import socket
import ssl
import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Self, cast

CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 0.5  # how often a client that does not read looks whether it was ended
_KEPT_BYTES = 64 * 1024  # of what a client reads: enough for every refusal
_SMALL_WINDOW_BYTES = 4_096  # what the system may take for a client that does not read
_TCP_ESTABLISHED = 1


@dataclass(frozen=True)
class Target:
    """The server that a crowd goes for, and what it knows of it.

    ``file_path`` is that of a large file in a folder bucket, ``small_request`` and ``large_request``
    are bodies for ``/symbolicate/v5``: a warm one, and one whose answer is large.
    ``certificate`` is the file that is trusted, for TLS.
    """

    address: str
    port: int
    host: str = "localhost"
    token: str = ""
    file_path: str = "/"
    small_request: str = "{}"
    large_request: str = "{}"
    certificate: str = ""

    def context(self) -> ssl.SSLContext | None:
        """Return how to speak TLS with it, or None."""
        return _trusting(self.certificate) if self.certificate else None


@cache
def _trusting(certificate: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


class Connection:
    """A connection of one hostile client.

    One that listens reads all that comes; others read only when they are told to.
    """

    def __init__(
        self,
        plain: socket.socket,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        listens: bool,
    ) -> None:
        self._socket = plain
        self._reader = reader
        self._writer = writer
        self._transport = cast(asyncio.Transport, writer.transport)
        self._has_tls = writer.get_extra_info("ssl_object") is not None
        self.ended = asyncio.Event()
        self.how_it_ended = "held"
        self._kept = bytearray()
        watch = self._listen() if listens else self._look()
        if not listens:
            self._transport.pause_reading()
        self._watch = asyncio.create_task(watch)

    @classmethod
    async def open(cls, target: Target, context: ssl.SSLContext | None, *, listens: bool) -> Self:
        """Connect. Raises OSError, TimeoutError."""
        plain = socket.socket()
        plain.setblocking(False)
        if not listens:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_WINDOW_BYTES)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                loop = asyncio.get_running_loop()
                await loop.sock_connect(plain, (target.address, target.port))
                reader, writer = await asyncio.open_connection(
                    sock=plain,
                    ssl=context,
                    server_hostname=target.host if context else None,
                    limit=_SMALL_WINDOW_BYTES,
                )
        except BaseException:
            plain.close()
            raise
        return cls(plain, reader, writer, listens=listens)

    @property
    def told(self) -> str:
        """What the client was told, such as ``408, closed``, or ``no answer, held``."""
        lines = [line for line in self._kept.split(b"\n") if line.startswith(b"HTTP/1.1 ")]
        final = [line[9:12].decode() for line in lines if not line.startswith(b"HTTP/1.1 1")]
        return f"{final[-1] if final else 'no answer'}, {self.how_it_ended}"

    def send(self, data: bytes) -> None:
        """Send as soon as the server takes it, unless it has ended the connection."""
        if not self.ended.is_set():
            self._writer.write(data)

    async def drip(self, data: bytes, seconds: float = 1.0, size: int = 1) -> None:
        """Send ``size`` bytes after each pause, and from the beginning again when all are sent."""
        at = 0
        while not await self.ends_within(seconds):
            self.send(data[at : at + size])
            at = (at + size) % len(data)

    async def read_slowly(self, size: int, seconds: float = 1.0) -> None:
        """Read ``size`` bytes after each pause; the connection must not listen."""
        while not await self.ends_within(seconds):
            if self._has_tls:
                await self._take_a_record(size)
            else:
                with suppress(OSError):  # nothing is there, or the watch notices as well
                    self._socket.recv(size)

    async def _take_a_record(self, size: int) -> None:
        """Let TLS take what it needs, which is more than is asked for."""
        self._transport.resume_reading()
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._reader.read(size), 0.1)
        self._transport.pause_reading()

    async def hold(self) -> None:
        """Do nothing until the server ends the connection."""
        await self.ended.wait()

    async def ends_within(self, seconds: float) -> bool:
        """Wait so long at most; say whether the server has ended the connection."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)
        return self.ended.is_set()

    def end_sending(self) -> None:
        """Close the half that sends (plain connections only)."""
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def reset(self) -> None:
        """End the connection without farewell; nothing that is on its way matters any more."""
        linger = struct.pack("ii", 1, 0)
        with suppress(OSError):  # ended already
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()
        self.how_it_ended = "reset by the client"
        self.ended.set()

    async def close(self) -> None:
        """Let go of everything."""
        self._watch.cancel()
        self._transport.abort()
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), 1)

    async def _listen(self) -> None:
        how = "closed"
        try:
            while data := await self._reader.read(_KEPT_BYTES):
                del self._kept[: max(0, len(self._kept) + len(data) - _KEPT_BYTES)]
                self._kept += data
        except OSError:
            how = "reset"
        self._note_end(how)

    async def _look(self) -> None:
        """Ask the system for the state of the connection: an end is not read by whoever reads not."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                state = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
            except OSError:
                break
            if state != _TCP_ESTABLISHED:
                break
        self._note_end("closed")

    def _note_end(self, how: str) -> None:
        if not self.ended.is_set():
            self.how_it_ended = how
            self.ended.set()
