# This Source Code Form is subject to the terms of the Mozilla Public
# License, v. 2.0. If a copy of the MPL was not distributed with this
# file, You can obtain one at https://mozilla.org/MPL/2.0/.

"""How a worker process leaves without losing a request.

A server that is told to stop closes its port and all connections that are idle at that moment. A
request that is on its way then is lost: on a connection that was kept, or on one that the kernel
has taken and the server has not. So before it is told to stop, a worker answers for a while with
``Connection: close``, and then lets the kernel take no new connection, while it takes those that
wait.
"""

import ctypes
import os
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tecken.web.drain import WsgiApplication

# How long connections are still taken, and how long those are that came before the kernel took no
# more.
LEAVE_SECONDS, LAST_SECONDS = 1.0, 0.3

_SO_ATTACH_FILTER = 26  # of Linux; the module ``socket`` does not have it

# A program of the kernel's socket filter. It sees a packet from its TCP header on, of which byte 13
# has the flags, and returns how many bytes of the packet to keep. What opens a connection (SYN
# without ACK) is dropped, so that its client asks again in a second and is refused by then; the rest
# of a handshake that has begun passes.
_LOAD_BYTE, _AND, _JUMP_IF_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_SYN, _ACK = 0x02, 0x10
_DROP_NEW_CONNECTIONS = (
    (_LOAD_BYTE, 0, 0, 13),
    (_AND, 0, 0, _SYN | _ACK),
    (_JUMP_IF_EQUAL, 0, 1, _SYN),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, 0xFFFFFFFF),
)


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


@dataclass(frozen=True)
class WorkerLife:
    """What a worker process has come to: its first request, and then to leave."""

    asked: threading.Event = field(default_factory=threading.Event)
    leaving: threading.Event = field(default_factory=threading.Event)


class LeavingMiddleware:
    """Wraps a WSGI application: of a worker that leaves, an answer closes its connection."""

    def __init__(self, application: "WsgiApplication", life: WorkerLife) -> None:
        self._application = application
        self._life = life

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        self._life.asked.set()

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            if self._life.leaving.is_set():
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, *exc_info)

        return self._application(environ, start)


def take_no_new_connections() -> None:
    """Let this process take the connections that wait for it, and the kernel no more (Linux)."""
    if sys.platform != "linux":
        return
    instructions = [_Instruction(*instruction) for instruction in _DROP_NEW_CONNECTIONS]
    array = (_Instruction * len(instructions))(*instructions)
    program = _Program(len(instructions), array)
    for listener in _listening_sockets():
        with listener:
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, bytes(program))


def _listening_sockets() -> Iterator[socket.socket]:
    """The server does not tell its sockets, so all files of the process are looked at."""
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # it was closed meanwhile
            if stat.S_ISSOCK(Path(f"/proc/self/fd/{name}").stat().st_mode):
                found = socket.socket(fileno=os.dup(int(name)))
                if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    yield found
                else:
                    found.close()
