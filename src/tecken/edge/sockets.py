# SPDX-License-Identifier: MPL-2.0

"""The socket that listens, and how many sockets and files a process may have open."""

import asyncio
import fcntl
import resource
import socket
import struct
import sys
import termios
from contextlib import suppress

# What the system keeps of an answer for a client that does not read. It would let megabytes grow, which
# hundreds of such clients fill within a moment; this is enough for 4 MB/s over 100 ms, and for a proxy
# in front of us. Linux counts twice what is set, and allows no more by default.
_SEND_BUFFER_BYTES = 208 * 1024
_BACKLOG = 4096  # the system allows less where it is set so
_OTHER_DESCRIPTORS = 2048  # files, and connections to the database, to storage and to caches


def listen(listener: socket.socket) -> None:
    """Listen. What is set here holds for the connections too (Linux).

    The system is not asked to end who does not read (RFC 5482's time-out): it would end who reads slowly, too.
    """
    # The head of a file goes out before its first bytes: these must not wait until the client has acknowledged it, which
    # it may put off for 40 ms. asyncio sets this itself only for sockets that were opened with the protocol's number.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    listener.listen(_BACKLOG)


def unacknowledged_bytes(transport: asyncio.BaseTransport) -> int:
    """Return how many bytes the system has sent, or has to send, that did not arrive yet (Linux)."""
    connected = transport.get_extra_info("socket")
    if connected is None or sys.platform != "linux":
        return 0
    with suppress(OSError):
        answer = fcntl.ioctl(connected.fileno(), termios.TIOCOUTQ, bytes(4))
        return int.from_bytes(answer, sys.byteorder)
    return 0


def reset(transport: asyncio.Transport) -> None:
    """End a connection, and let the system forget what it keeps for the client."""
    connected = transport.get_extra_info("socket")
    if connected is not None:
        with suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def allow_descriptors(max_connections: int) -> None:
    """Raise the limit of open files as far as it may be; worker processes inherit it."""
    wanted = max_connections + _OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
