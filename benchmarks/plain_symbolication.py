# SPDX-License-Identifier: MPL-2.0

"""A plain symbolication server, the baseline: ``symbolic`` behind the server that Tecken has.

``python -m benchmarks.plain_symbolication FOLDER``

It answers a v5 request with the same JSON, made with the fastest ordinary tools: msgspec reads and
writes it, and each module's symcache, ``FOLDER/<debug file>/<debug id>``, is mapped into memory when
the server starts. The server is the edge of the server that it is compared with, with one worker. ``symbolic`` does not tell the size of a function, so ``function_size`` is left out.
"""

import socket
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from symbolic.symcache import SymCache

from tecken.commands.serve import bind
from tecken.edge.limits import EdgeLimits
from tecken.edge.sockets import listen
from tecken.edge.supervisor import Supervisor
from tecken.edge.worker import Worker

Module = tuple[str, str]


class _Job(msgspec.Struct):
    memoryMap: list[Module]  # noqa: N815 - the name on the wire
    stacks: list[list[tuple[int, int]]]


class _Request(msgspec.Struct):
    jobs: list[_Job]


class _Call(msgspec.Struct, gc=False, omit_defaults=True):
    function: str
    file: str | None
    line: int | None


class _Frame(msgspec.Struct, gc=False, omit_defaults=True):
    frame: int
    module_offset: str
    module: str
    function: str | None = None
    function_offset: str | None = None
    file: str | None = None
    line: int | None = None
    inlines: list[_Call] = []


class _Result(msgspec.Struct):
    stacks: list[list[_Frame]]
    found_modules: dict[str, bool]


class _Answer(msgspec.Struct):
    results: list[_Result]


_decode = msgspec.json.Decoder(_Request).decode
_encode = msgspec.json.Encoder().encode
_SYMCACHES: dict[Module, SymCache] = {}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a v5 request."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    answer = _encode(_Answer([_symbolicate(job) for job in _decode(body).jobs])) if body else b""
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response("200 OK", headers)
    return [answer]


def _symbolicate(job: _Job) -> _Result:
    modules = [(name, _SYMCACHES.get((name, debug_id))) for name, debug_id in job.memoryMap]
    stacks = [
        [_frame(number, offset, *modules[index]) for number, (index, offset) in enumerate(stack)]
        for stack in job.stacks
    ]
    found = {"/".join(module): module in _SYMCACHES for module in job.memoryMap}
    return _Result(stacks, found)


def _frame(number: int, offset: int, module: str, symcache: SymCache | None) -> _Frame:
    located = symcache.lookup(offset) if symcache else None  # type: ignore[no-untyped-call]
    if not located:
        return _Frame(number, hex(offset), module)
    *inlined, function = located
    return _Frame(
        number,
        hex(offset),
        module,
        function.symbol,
        hex(offset - function.sym_addr),
        function.full_path,
        function.line or None,
        [_Call(call.symbol, call.full_path, call.line or None) for call in inlined],
    )


def _serve(listener: socket.socket, channel: socket.socket) -> None:
    Worker(listener, channel, application, EdgeLimits()).run()


def main(folder: Path) -> None:
    """Serve until told to end."""
    settings.configure(DATA_DIR=folder.parent)  # where the edge keeps its turns
    for path in folder.glob("*/*"):
        _SYMCACHES[path.parent.name, path.name] = SymCache.open(str(path))  # type: ignore[no-untyped-call]
    listener = bind("127.0.0.1", 0)
    listen(listener)
    url = "http://{}:{}".format(*listener.getsockname())
    Supervisor(listener, 1, _serve, 0, lambda: print(url, flush=True)).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
