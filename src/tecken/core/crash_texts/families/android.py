# SPDX-License-Identifier: MPL-2.0

"""Android: tombstones, alone or in the log, and the native frames of an ANR.

Layout: AOSP libunwindstack (Unwinder::FormatFrame) and debuggerd: ``#NN pc OFFSET  MODULE (FUNCTION+DECIMAL)
(BuildId: ID)``; a library inside an APK is ``base.apk!libfoo.so`` or ``base.apk (offset 0x…)``. ART puts
``native:`` before it in an ANR.

Returns: as printed (``rel_pc - pc_adjustment``).
"""

import re
from dataclasses import replace

from tecken.core.crash_texts.model import Frame
from tecken.core.crash_texts.scan import Family, Scan, context_of

_FUNCTION_OFFSET = re.compile(r"\+\d+$")


def _complete(frame: Frame, match: re.Match[str], scan: Scan) -> None:
    if match["module"] in ("<unknown>", "<anonymous>") or match["module"].startswith("<anonymous:"):
        frame.address, frame.offset, frame.module_name = frame.offset, None, None
    if frame.function:
        frame.function = _FUNCTION_OFFSET.sub("", frame.function)
    if frame.slot and match["slot"] is None:
        at = frame.slot.start - len(match.string[match.end("module") :].rstrip())
        frame.slot = replace(frame.slot, start=at, end=at)


_FRAME = (
    r"#(?P<number>\d{1,6}) pc (?:0x)?(?P<offset>[0-9a-fA-F]{1,16}) +(?P<module>\S+)(?: \(offset 0x[0-9a-f]+\))?"
    r"(?: \((?!BuildId:|deleted)(?P<slot>\S.*?)\))?(?: \(deleted\))?(?: \(BuildId: (?P<build_id>[0-9a-fA-F]{2,128})\))?$"
)

ANDROID_TOMBSTONE = Family(
    format="android-tombstone",
    hints=(" pc ",),
    frame=re.compile(r"\s*" + _FRAME),
    damaged=re.compile(r"\s*#\d{1,6} pc "),
    anywhere=True,
    before=" (",
    after=")",
    context=context_of(
        r"^\s*(?P<title>signal \d+ \(.*|Abort message: .*)$",
        r"^\s*pid: \d+, tid: \d+, name: (?P<thread>.*?)  >>>",
    ),
    complete=_complete,
    example="      #01 pc 0000000000130cc2  /system/lib64/libfoo.so (BuildId: c893e46135fd4ee39b28e01c8a912f3c)",
)
ANDROID_ANR = replace(
    ANDROID_TOMBSTONE,
    format="android-anr",
    hints=("native: #",),
    frame=re.compile(r"\s*native: " + _FRAME),
    damaged=re.compile(r"\s*native: #\d{1,6} pc "),
    context=context_of(
        r"^Subject: (?P<title>.*?)(?: \(|$)", r"^\"(?P<thread>.*?)\" (?:daemon )?(?:prio=|tid=)"
    ),
    crashes=False,
    example="  native: #02 pc 0000000000036e45  /data/app/libfoo.so (???) (BuildId: 2d17729767ecf16104912411a3025bdb)",
)
