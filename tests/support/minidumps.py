# SPDX-License-Identifier: MPL-2.0

"""Minidumps of Linux and Windows on amd64, written as a crash handler writes them, and a program that reads them.

A stack is laid out by the STACK CFI records of real symbol files: what lies between two return addresses looks
like return addresses, too, so that only who unwinds by those records finds the callers.

Source: Microsoft's minidumpapiset.h; Breakpad's minidump_format.h and minidump_cpu_amd64.h.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

REPOSITORY = Path(__file__).parents[2]
STACKWALK = REPOSITORY / "frontend/node_modules/minidump/bin/linux-x64/minidump_stackwalk"

_STACK_START = 0x7FFC_0000_1000
_THREADS, _MODULES, _MEMORY, _EXCEPTION, _SYSTEM = 3, 4, 5, 6, 7
_AMD64 = 9
LINUX, WINDOWS = 0x8201, 2
_CRASHES = {LINUX: 11, WINDOWS: 0xC0000005}  # SIGSEGV, EXCEPTION_ACCESS_VIOLATION
_CONTEXT_BYTES = 1232
_RECORD = re.compile(rb"^STACK CFI (INIT )?([0-9a-f]+) (?:([0-9a-f]+) )?(.*)$", re.M)
_CFA = re.compile(rb"\.cfa: \$rsp (\d+) \+")


@dataclass(frozen=True)
class DumpModule:
    """A module of a dump; ``size`` in bytes. With a ``build_id`` its record is that of an ELF file."""

    debug_file: str
    debug_id: str
    base: int
    size: int
    code_file: str = ""
    build_id: str = ""
    timestamp: int = 0


@dataclass(frozen=True)
class DumpThread:
    """A thread: the return addresses of its stack, that of the instruction first, and the stack's bytes."""

    rip: int
    stack: bytes


class FrameSizes:
    """How far the stack goes up from a frame to its caller, by the records of a symbol file."""

    def __init__(self, text: bytes) -> None:
        found: list[tuple[int, int | None]] = []
        for init, start, _size, rules in _RECORD.findall(text):
            cfa = _CFA.search(rules)
            if init or b".cfa:" in rules:
                found.append((int(start, 16), int(cfa[1]) if cfa else None))
        found.sort(key=lambda one: one[0])
        self._starts = [start for start, _ in found]
        self._sizes = [size for _, size in found]

    def at(self, offset: int) -> int | None:
        """Return the bytes, or None where another register says it."""
        found = bisect_right(self._starts, offset) - 1
        return self._sizes[found] if found >= 0 else None


def stack_of(frames: Sequence[tuple[int, int]], misleading: int) -> DumpThread:
    """Lay out a stack: of each frame its instruction or return address, and its size in bytes.

    ``misleading`` is an address in a function, which fills what lies between return addresses. Above the last
    frame there is nothing.
    """
    filler = struct.pack("<Q", misleading)
    stack = b""
    for (_address, size), (caller, _) in pairwise(frames):
        stack += filler * ((size - 8) // 8) + struct.pack("<Q", caller)
    return DumpThread(frames[0][0], stack + bytes(512))


class _Writer:
    """A file that is written behind its header, and where its parts lie."""

    def __init__(self, streams: int) -> None:
        self.start = 32 + 12 * streams
        self.data = b""

    def put(self, part: bytes) -> int:
        """Add bytes, and return where they lie."""
        at = self.start + len(self.data)
        self.data += part + b"\0" * (-len(part) % 8)
        return at

    def put_text(self, text: str) -> int:
        encoded = text.encode("utf-16-le")
        return self.put(struct.pack("<I", len(encoded)) + encoded + b"\0\0")


def write_minidump(
    modules: Sequence[DumpModule],
    threads: Sequence[DumpThread],
    crashed: int = 0,
    platform: int = LINUX,
) -> bytes:
    """Return a minidump, whose thread number ``crashed`` read what it may not."""
    writer = _Writer(streams=5)
    contexts, stacks, entries = [], [], []
    start = _STACK_START
    for number, thread in enumerate(threads):
        stack = struct.pack("<QII", start, len(thread.stack), writer.put(thread.stack))
        context = struct.pack("<II", _CONTEXT_BYTES, writer.put(_context(thread.rip, start)))
        entries.append(struct.pack("<IIIIQ", 100 + number, 0, 0, 0, 0) + stack + context)
        contexts.append(context)
        stacks.append(stack)
        start += 0x10_0000
    parts = {
        _SYSTEM: _system(writer, platform),
        _THREADS: _list(entries),
        _MODULES: _list([_module(module, writer) for module in modules]),
        _MEMORY: _list(stacks),
        _EXCEPTION: _exception(100 + crashed, threads[crashed].rip, _CRASHES[platform])
        + contexts[crashed],
    }
    directory = b"".join(
        struct.pack("<III", kind, len(part), writer.put(part)) for kind, part in parts.items()
    )
    header = struct.pack("<4sIIIIIQ", b"MDMP", 0xA793, len(parts), 32, 0, 1_700_000_000, 0)
    return header + directory + writer.data


def _context(rip: int, rsp: int) -> bytes:
    context = bytearray(_CONTEXT_BYTES)
    struct.pack_into("<I", context, 0x30, 0x10_001F)
    struct.pack_into("<Q", context, 0x98, rsp)
    struct.pack_into("<Q", context, 0xF8, rip)
    return bytes(context)


def _system(writer: _Writer, platform: int) -> bytes:
    text = writer.put_text("a service pack")
    return struct.pack(
        "<HHHBBIIIIIHH24s", _AMD64, 6, 1, 8, 0, 6, 12, 57, platform, text, 0, 0, b"GenuineIntel"
    )


def _module(module: DumpModule, writer: _Writer) -> bytes:
    guid = UUID(hex=module.debug_id[:32]).bytes_le
    age = struct.pack("<I", int(module.debug_id[32:], 16))
    record = b"RSDS" + guid + age + module.debug_file.encode() + b"\0"
    if module.build_id:
        record = b"LEpB" + bytes.fromhex(module.build_id)
    name = writer.put_text(module.code_file or f"/usr/lib/{module.debug_file}")
    head = struct.pack("<QIIII", module.base, module.size, 0, module.timestamp, name)
    return head + bytes(52) + struct.pack("<II", len(record), writer.put(record)) + bytes(24)


def _exception(thread_id: int, address: int, code: int) -> bytes:
    return struct.pack("<IIIIQQII120x", thread_id, 0, code, 1, 0, address, 0, 0)


def _list(entries: Sequence[bytes]) -> bytes:
    return struct.pack("<I", len(entries)) + b"".join(entries)
