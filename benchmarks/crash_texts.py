# SPDX-License-Identifier: MPL-2.0

"""Reading crash texts: megabytes per second of processor time, on logs of several kinds with one crash in them.

The baseline is Python's own loop over the lines, which asks each for one text that it has not.
"""

import argparse
import statistics
from collections.abc import Callable, Iterator
from time import process_time

from tecken.core.crash_texts.reader import read_crash_text

_CRASH = """\
==27064==ERROR: AddressSanitizer: heap-use-after-free on address 0x5020000001f4 at pc 0x7fa2391d82b5
    #0 0x7fa2391d82b4 in handle_requests (/lib/libc.so.6+0x1302b4) (BuildId: 93f70d1a8ae34f8e63c223f1500327fb)
    #1 0x7fa2391cec50  (/lib/libc.so.6+0x126c50) (BuildId: 93f70d1a8ae34f8e63c223f1500327fb)
"""
_LINES: dict[str, Callable[[int], str]] = {
    "requests": lambda n: (
        f"2026-11-27T08:14:52.{n:06d}Z node-7 radosgw[4242]: request {n} GET /bucket/object-{n * 7}"
        f" took {n % 977} ms status=200 user=alice"
    ),
    "addresses": lambda n: (
        f"2026-11-27T08:14:52.117+0000 7f11c2bfe6c0  1 ====== starting new request"
        f" req=0x7f11c2bfe{n % 4096:03x} ====="
    ),
    "kernel": lambda n: (
        f"[ {n}.243822] nvme nvme0: I/O tag {n} (100c) opcode 0x2 (I/O Cmd) QID 3 timeout,"
        " aborting req_op:READ(0) size:4096"
    ),
    "hostile": lambda n: (
        f"INFO #{n} module loaded #1 |2|3 (in foo) trap -abcd r `0`1 !a RIP +0x12 at 0x1 x"
    ),
}


def _log(kind: str, megabytes: float) -> str:
    line = _LINES[kind]
    count = int(megabytes * 1_000_000 / len(line(1000)))
    lines = [line(number) for number in range(count)]
    return "\n".join([*lines[: count // 2], _CRASH, *lines[count // 2 :]])


def _seconds(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def _loop(text: str) -> int:
    return sum("\0" in line for line in text.split("\n"))


def figures(megabytes: float, times: int) -> Iterator[tuple[str, float, float]]:
    """Yield each kind of log, megabytes per second, and how much slower that is than the loop."""
    for kind in _LINES:
        text = _log(kind, megabytes)
        assert len(read_crash_text(text).frames) == 2
        seconds = statistics.median(_seconds(lambda: read_crash_text(text)) for _ in range(times))  # noqa: B023
        floor = statistics.median(_seconds(lambda: _loop(text)) for _ in range(times))  # noqa: B023
        yield kind, len(text) / 1_000_000 / seconds, seconds / max(floor, 1e-6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=30)
    parser.add_argument("--times", type=int, default=3)
    arguments = parser.parse_args()
    for kind, speed, ratio in figures(arguments.megabytes, arguments.times):
        print(f"{kind:10} {speed:7.1f} MB/s, {ratio:5.1f} times the loop over its lines")


if __name__ == "__main__":
    main()
