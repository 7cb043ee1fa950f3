# SPDX-License-Identifier: MPL-2.0

"""Bodies that are cheap to send and dear to read, each of about 32 MB.

Run as a program, ``hostile_bodies.py KIND``, it reads one as the server does, and prints how it went.
"""

import json
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

SIZE = 32 * 1024 * 1024 - 4096  # with what stands around it, at most what is allowed by default
MEBIBYTE = 1024 * 1024
_DOUBTFUL_SECONDS = 1


def _many(text: bytes, *, around: bytes = b"%b") -> bytes:
    """Repeat a text, and put the whole between what a request has around it."""
    before, after = around.split(b"%b")
    return b"".join([before, text * (SIZE // len(text)), text.rstrip(b","), after])


def _stacks(stacks: bytes) -> bytes:
    return b"".join([b'{"memoryMap":[["xul.pdb","44E4"]],"stacks":[', stacks, b"]}"])


def _frames(frame: bytes, count: int, *last: bytes) -> bytes:
    frames = (frame + b",") * count
    return _stacks(b"".join([b"[", frames if last else frames[:-1], *last, b"]"]))


def _other_keys() -> bytes:
    """Return three million."""
    many = b",".join([b'"%x":0' % n for n in range(150_000)])
    keys = [
        many.replace(b'"', b'"%c' % place, 1).replace(b',"', b',"%c' % place)
        for place in b"ghijklmnopqrstuvwxyz"
    ]
    return b"".join([b'{"memoryMap":[],', b",".join(keys), b',"stacks":[]}'])


_STACKS = _stacks(b"%b")
_IN_ONE_STACK = _stacks(b"[%b]")
_IGNORED = b'{"memoryMap":[],"x":[%b],"stacks":[]}'

KINDS: dict[str, Callable[[], bytes]] = {
    "empty stacks": lambda: _many(b"[],", around=_STACKS),
    "frames, one with a fraction": lambda: _frames(b"[0,1]", SIZE // 6, b"[0,1.5]"),
    "frames with fractions": lambda: _many(b"[0,1.5],", around=_IN_ONE_STACK),
    "as many frames as are allowed, with fractions": lambda: _frames(
        b"[0,1.%b5]" % (b"0" * 56), 500_000
    ),
    "as many frames as are allowed, with texts": lambda: _frames(
        b'[0,"%b"]' % (b"\\ud83d\\ude00" * 4), 500_000
    ),
    "as many frames as are allowed, one with a fraction": lambda: _frames(
        b"[0,%b]" % (b"9" * 19), 499_999, b"[0,1.5]"
    ),
    "as many stacks as are allowed, with fractions": lambda: _stacks(
        b",".join([b"[" + b",".join([b"[0,1.5]"] * 10) + b"]"] * 50_000)
    ),
    "a frame of many numbers": lambda: _many(b"1,", around=_stacks(b"[[%b]]")),
    "lists in lists": lambda: b"[" * SIZE,
    "objects in objects": lambda: b'{"jobs":' * (SIZE // 8),
    "lists in lists, side by side": lambda: _many(b"[" * 500 + b"]" * 500 + b",", around=_IGNORED),
    "tiny modules": lambda: _many(b'["",""],', around=b'{"memoryMap":[%b],"stacks":[]}'),
    "as many modules as are allowed, with long names": lambda: (
        b'{"memoryMap":['
        + b",".join([b'["%b",""]' % (b"\\ud83d\\ude00" * 520)] * 5_000)
        + b'],"stacks":[]}'
    ),
    "integers of 3,999 digits": lambda: _many(b"[0,%b]," % (b"1" * 3_999), around=_IN_ONE_STACK),
    "one integer": lambda: _many(b"1", around=_stacks(b"[[0,%b]]")),
    "one integer for a module": lambda: _many(b"1", around=_stacks(b"[[%b,0]]")),
    "escaped strings": lambda: _many(b'"\\u0041",', around=_IN_ONE_STACK),
    "escaped strings that are ignored": lambda: _many(b'"\\u0041",', around=_IGNORED),
    "one name": lambda: _many(b"n", around=b'{"memoryMap":[["\\ud83d\\ude00%b",""]],"stacks":[]}'),
    "one name of escapes": lambda: _many(
        b"\\ud83d\\ude00", around=b'{"memoryMap":[["%b",""]],"stacks":[]}'
    ),
    "one text for an offset": lambda: _many(b"t", around=_stacks(b'[[0,"\\ud83d\\ude00%b"]]')),
    "one key": lambda: _many(b"k", around=b'{"memoryMap":[],"%b":0,"stacks":[]}'),
    "backslashes": lambda: _many(b"\\\\", around=b'{"memoryMap":[],"x":"%b","stacks":[]}'),
    "halves of surrogate pairs": lambda: _many(
        b"\\ud800", around=b'{"memoryMap":[],"x":"%b","stacks":[]}'
    ),
    "a half of a surrogate pair, and backslashes": lambda: (
        b'{"memoryMap":[],"x":"'
        + b"\\\\xx" * 490_000
        + b"x" * 28 * MEBIBYTE
        + b'\\ud800","stacks":[]}'
    ),
    "not a number at the end": lambda: _frames(b"[0,1]", SIZE // 6, b"[0,NaN]"),
    "no end": lambda: _many(b"[0,1],", around=_stacks(b"[%b"))[:-2],
    "numbers that are ignored": lambda: _many(b"0,", around=_IGNORED),
    "objects that are ignored": lambda: _many(b'{"a":[{"b":1}]},', around=_IGNORED),
    "the same key": lambda: _many(b'"stacks":[[]],', around=b'{"memoryMap":[],%b}'),
    "other keys": _other_keys,
    "as many keys as are allowed": lambda: (
        b'{"memoryMap":[],'
        + b",".join([b'"%b%x":[]' % (b"k" * 300, n) for n in range(99_000)])
        + b',"stacks":[]}'
    ),
    "empty jobs": lambda: _many(b"{},", around=b'{"jobs":[%b]}'),
    "small jobs": lambda: _many(b'{"memoryMap":[],"stacks":[]},', around=b'{"jobs":[%b]}'),
    "numbers for jobs": lambda: _many(b"0,", around=b'{"jobs":[%b]}'),
    "blanks": lambda: _many(b" ", around=b'{"memoryMap":[],%b"stacks":[]}'),
    "text of four bytes a character": lambda: _many(
        "\U0001f600".encode(), around=b'{"memoryMap":[],"x":"%b","stacks":[]}'
    ),
    "text that is not UTF-8 at its end": lambda: _many(
        "\U0001f600".encode(), around=b'{"memoryMap":[],"x":"%b\xf0\x9f","stacks":[]}'
    ),
    "half a mebibyte of empty stacks": lambda: _stacks(b",".join([b"[]"] * (MEBIBYTE // 6))),
    "a mebibyte of empty stacks": lambda: _stacks(b",".join([b"[]"] * (MEBIBYTE // 3 - 40))),
}


def read(kind: str) -> dict[str, float | str]:
    """Read a body; return what became of it, processor seconds, and mebibytes of memory beside it.

    ``slowness`` is how much slower this machine is now than one on which the limits were measured.
    """
    from tecken.core.errors import InvalidRequestError, LimitExceededError
    from tecken.symbolication.limits import Limits
    from tecken.symbolication.schemas import parse_v5

    limits = Limits()
    parse_v5(b'{"memoryMap":[],"stacks":[[[-1,1.5]]]}', limits)  # what is loaded later is loaded
    body = KINDS[kind]()
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    before, started = _status("VmRSS"), resource.getrusage(resource.RUSAGE_SELF)
    try:
        outcome = f"read: {sum(len(job.stacks) for job in parse_v5(body, limits))} stacks"
    except (InvalidRequestError, LimitExceededError) as error:
        outcome = f"{type(error).__name__}: {error!s:.120}"
    ended = resource.getrusage(resource.RUSAGE_SELF)
    seconds = ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime
    return {
        "slowness": _slowness() if seconds > _DOUBTFUL_SECONDS else 1,
        "outcome": outcome,
        "seconds": seconds,
        "mebibytes": (_status("VmHWM") - before) / 1024,
    }


def _slowness() -> float:
    text = "[" + "[0,1.5]," * 100_000 + "0]"
    started = time.process_time()
    json.loads(text, parse_float=str)
    return (time.process_time() - started) / 0.05


def _status(name: str) -> int:
    """Return a number of kilobytes of this process."""
    found = re.search(rf"{name}:\s*(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


def _limit() -> None:
    """Have no more than a gigabyte, nor more than a minute."""
    resource.setrlimit(resource.RLIMIT_AS, (1024 * MEBIBYTE, 1024 * MEBIBYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


if __name__ == "__main__":
    _limit()
    sys.stdout.write(json.dumps(read(sys.argv[1])))
