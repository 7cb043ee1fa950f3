# SPDX-License-Identifier: MPL-2.0

"""What hostile clients do: stall, drip, not read, ask and stay silent, half-close, reset.

Each kind is a function of a connection; it returns when the server has ended the connection, or when
there is nothing more to do with it. No kind asks for much: what they cost is what the server lets
them hold.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from tests.support.minidumps import DumpModule, DumpThread, write_minidump

from benchmarks.hostile_clients import Connection, Target

_PIPELINED = 100
_HELD_BY_SYSTEM = 10
_SLOW_BYTES_PER_SECOND = 500  # passes every limit on idleness, and is below any fair rate
_FORM = (
    b'--hostile\r\nContent-Disposition: form-data; name="a.zip"; filename="a.zip"\r\n\r\nPK\3\4'
    + bytes(2_000)
)
_LENGTH = {"Content-Length": "1000"}
_FORM_HEADERS = {
    "Content-Type": "multipart/form-data; boundary=hostile",
    "Content-Length": "5000000",
}
_CHUNKED = {"Transfer-Encoding": "chunked"}
# Ten megabytes of nothing but frames, which a reader of crash texts likes least.
_CRASH_FRAMES = b"".join(
    b"#%d  0x00007f%010x in main (argc=1) from /usr/lib/lib%d.so\n" % (n % 60, n * 4096, n % 50)
    for n in range(1_500)
)
_CRASH_TIMES = 100
_MINIDUMP_BYTES = 60 * 1024 * 1024  # a little less than a server takes
_MINIDUMP_THREADS = 64

Act = Callable[[Connection, Target], Awaitable[None]]


@dataclass(frozen=True)
class Kind:
    """What a hostile client does. One that does not listen has a small window, and never reads.

    ``plain`` says that it cannot be done with TLS.
    """

    act: Act
    listens: bool = True
    plain: bool = False


KINDS: dict[str, Kind] = {}


def _kind(name: str, *, listens: bool = True, plain: bool = False) -> Callable[[Act], Act]:
    def note(act: Act) -> Act:
        KINDS[name] = Kind(act, listens, plain)
        return act

    return note


def head(target: Target, method: str, path: str, headers: dict[str, str]) -> bytes:
    """Return the head of a request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {target.host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _symbolication(target: Target, body: str, **more: str) -> bytes:
    headers = {"Content-Length": str(len(body.encode())), **more}
    return head(target, "POST", "/symbolicate/v5", headers) + body.encode()


def _upload(target: Target) -> bytes:
    return head(target, "POST", "/upload/", {**_FORM_HEADERS, "Auth-Token": target.token}) + _FORM


def _stalls_at(name: str, path: str) -> None:
    """Make a kind that sends three bytes of a thousand, and then nothing."""

    @_kind(name)
    async def stall(connection: Connection, target: Target) -> None:
        connection.send(head(target, "POST", path, _LENGTH) + b'{"j')
        await connection.hold()


_stalls_at("stalled body: symbolication", "/symbolicate/v5")
_stalls_at("stalled body: no such path", "/nonexistent")
_stalls_at("stalled body: api", "/api/tokens")
_stalls_at("stalled body: upload without token", "/upload/")


@_kind("stalled body: upload")
async def _stalled_upload(connection: Connection, target: Target) -> None:
    connection.send(_upload(target))
    await connection.hold()


@_kind("dripped body: symbolication")
async def _dripped_symbolication(connection: Connection, target: Target) -> None:
    connection.send(head(target, "POST", "/symbolicate/v5", _LENGTH))
    await connection.drip(b'{"jobs": [')


@_kind("dripped body: refused upload")
async def _dripped_refusal(connection: Connection, target: Target) -> None:
    connection.send(head(target, "POST", "/upload/", _FORM_HEADERS))
    await connection.drip(_FORM)


@_kind("dripped body: upload")
async def _dripped_upload(connection: Connection, target: Target) -> None:
    connection.send(_upload(target))
    await connection.drip(bytes(10))


@_kind("slow body: upload")
async def _slow_upload(connection: Connection, target: Target) -> None:
    connection.send(_upload(target))
    await connection.drip(bytes(_SLOW_BYTES_PER_SECOND), size=_SLOW_BYTES_PER_SECOND)


@_kind("chunked body without its end")
async def _chunked_without_end(connection: Connection, target: Target) -> None:
    connection.send(head(target, "POST", "/symbolicate/v5", _CHUNKED) + b"3\r\n{}\n\r\n")
    await connection.hold()


@_kind("dripped chunks")
async def _dripped_chunks(connection: Connection, target: Target) -> None:
    connection.send(head(target, "POST", "/symbolicate/v5", _CHUNKED))
    await connection.drip(b"1\r\n \r\n" * 100)


@_kind("dripped size of a chunk")
async def _dripped_size(connection: Connection, target: Target) -> None:
    connection.send(head(target, "POST", "/symbolicate/v5", _CHUNKED))
    await connection.drip(b"0")


@_kind("half a request line")
async def _half_a_line(connection: Connection, target: Target) -> None:
    connection.send(b"POST /symbol")
    await connection.hold()


@_kind("half the headers")
async def _half_the_headers(connection: Connection, target: Target) -> None:
    connection.send(head(target, "POST", "/symbolicate/v5", _LENGTH)[:-10])
    await connection.hold()


@_kind("dripped headers")
async def _dripped_headers(connection: Connection, target: Target) -> None:
    connection.send(head(target, "GET", "/__lbheartbeat__", {})[:-2])
    await connection.drip(b"X-Hostile: yes\r\n")


@_kind("silent")
async def _silent(connection: Connection, target: Target) -> None:
    await connection.hold()


@_kind("idle after one request")
async def _idle(connection: Connection, target: Target) -> None:
    connection.send(head(target, "GET", "/__lbheartbeat__", {}))
    await connection.hold()


@_kind("unread file: gzip", listens=False)
async def _unread_gzip(connection: Connection, target: Target) -> None:
    connection.send(head(target, "GET", target.file_path, {"Accept-Encoding": "gzip"}))
    await connection.hold()


@_kind("unread file: inflated", listens=False)
async def _unread_inflated(connection: Connection, target: Target) -> None:
    connection.send(head(target, "GET", target.file_path, {"Accept-Encoding": "identity"}))
    await connection.hold()


@_kind("file read a byte a second", listens=False)
async def _slow_reader(connection: Connection, target: Target) -> None:
    connection.send(head(target, "GET", target.file_path, {"Accept-Encoding": "gzip"}))
    await connection.read_slowly(1)


@_kind("unread answer: large", listens=False)
async def _unread_answer(connection: Connection, target: Target) -> None:
    connection.send(_symbolication(target, target.large_request))
    await connection.hold()


@_kind("unread answers: pipelined", listens=False)
async def _unread_pipeline(connection: Connection, target: Target) -> None:
    connection.send(_symbolication(target, target.small_request) * _PIPELINED)
    await connection.hold()


@_kind("unread answers: the last closes", listens=False)
async def _unread_to_the_end(connection: Connection, target: Target) -> None:
    """So little that the system takes all of it, and the server has nothing left to send."""
    asked = _symbolication(target, target.small_request) * _HELD_BY_SYSTEM
    connection.send(asked + _symbolication(target, target.small_request, Connection="close"))
    await connection.hold()


@_kind("asks to continue, then nothing")
async def _asks_to_continue(connection: Connection, target: Target) -> None:
    headers = {**_FORM_HEADERS, "Auth-Token": target.token, "Expect": "100-continue"}
    connection.send(head(target, "POST", "/upload/", headers))
    await connection.hold()


@_kind("half-closed in a body", plain=True)
async def _half_closed_body(connection: Connection, target: Target) -> None:
    connection.send(_upload(target))
    connection.end_sending()
    await connection.hold()


@_kind("half-closed, unread file", listens=False, plain=True)
async def _half_closed_file(connection: Connection, target: Target) -> None:
    connection.send(head(target, "GET", target.file_path, {"Accept-Encoding": "gzip"}))
    connection.end_sending()
    await connection.hold()


@_kind("reset in a body")
async def _reset_in_body(connection: Connection, target: Target) -> None:
    connection.send(_upload(target))
    await connection.ends_within(1)
    connection.reset()


@_kind("reset in an answer", listens=False)
async def _reset_in_answer(connection: Connection, target: Target) -> None:
    connection.send(head(target, "GET", target.file_path, {"Accept-Encoding": "gzip"}))
    await connection.ends_within(1)
    connection.reset()


@_kind("large crash text")
async def _large_crash_text(connection: Connection, target: Target) -> None:
    body = _CRASH_FRAMES * _CRASH_TIMES
    headers = {"Content-Length": str(len(body)), "Content-Type": "text/plain"}
    connection.send(head(target, "POST", "/symbolicate/text", headers) + body)
    await connection.hold()


def _minidump_head(target: Target, size: int) -> bytes:
    return head(target, "POST", "/symbolicate/minidump", {"Content-Length": str(size)})


@cache
def _minidump() -> bytes:
    """Return a valid minidump of some threads, with addresses of no module all over their stacks."""
    module = DumpModule("app.pdb", "5A1C3F2B9D8E47606B1FA2C4D5E6F7893", 0x40_0000, 0x100_0000)
    stack = b"".join(number.to_bytes(8, "little") for number in range(0x40_1000, 0x40_5000, 8))
    threads = [DumpThread(0x40_1234 + number, stack) for number in range(_MINIDUMP_THREADS)]
    return write_minidump([module], threads)


@_kind("minidump: half of it")
async def _half_a_minidump(connection: Connection, target: Target) -> None:
    data = _minidump()
    connection.send(_minidump_head(target, len(data)) + data[: len(data) // 2])
    await connection.hold()


@_kind("minidump: half of it, half-closed", plain=True)
async def _half_closed_minidump(connection: Connection, target: Target) -> None:
    data = _minidump()
    connection.send(_minidump_head(target, len(data)) + data[: len(data) // 2])
    connection.end_sending()
    await connection.hold()


@_kind("minidump: slow")
async def _slow_minidump(connection: Connection, target: Target) -> None:
    data = _minidump()
    connection.send(_minidump_head(target, len(data)))
    await connection.drip(data, size=_SLOW_BYTES_PER_SECOND)


@_kind("minidump: large")
async def _large_minidump(connection: Connection, target: Target) -> None:
    connection.send(_minidump_head(target, _MINIDUMP_BYTES))
    connection.send(_minidump().ljust(_MINIDUMP_BYTES, b"\0"))
    await connection.hold()


@_kind("minidump: valid")
async def _valid_minidump(connection: Connection, target: Target) -> None:
    data = _minidump()
    connection.send(_minidump_head(target, len(data)) + data)
    await connection.hold()


@_kind("minidump: valid, unread answer", listens=False)
async def _unread_minidump(connection: Connection, target: Target) -> None:
    data = _minidump()
    connection.send(_minidump_head(target, len(data)) + data)
    await connection.hold()
