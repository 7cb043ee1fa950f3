# SPDX-License-Identifier: MPL-2.0

"""The families of formats, each a module. The order is that in which a line is tried."""

from tecken.core.crash_texts.families.addresses import ADDRESSES
from tecken.core.crash_texts.families.android import ANDROID_ANR, ANDROID_TOMBSTONE
from tecken.core.crash_texts.families.apple import APPLE_CRASH
from tecken.core.crash_texts.families.apple_exception import APPLE_EXCEPTION
from tecken.core.crash_texts.families.chromium import CHROMIUM
from tecken.core.crash_texts.families.coredumpctl import COREDUMPCTL
from tecken.core.crash_texts.families.gdb import GDB
from tecken.core.crash_texts.families.glibc import GLIBC
from tecken.core.crash_texts.families.go import GO
from tecken.core.crash_texts.families.kernel import OOPS, SEGFAULT
from tecken.core.crash_texts.families.lldb import LLDB
from tecken.core.crash_texts.families.minidump import MINIDUMP, MINIDUMP_PIPE
from tecken.core.crash_texts.families.node import NODE
from tecken.core.crash_texts.families.perf import PERF_REPORT, PERF_SCRIPT
from tecken.core.crash_texts.families.python import PYTHON
from tecken.core.crash_texts.families.rust import RUST
from tecken.core.crash_texts.families.sample import SAMPLE
from tecken.core.crash_texts.families.sanitizers import SANITIZER
from tecken.core.crash_texts.families.valgrind import VALGRIND
from tecken.core.crash_texts.families.visual_studio import VISUAL_STUDIO
from tecken.core.crash_texts.families.windbg import WINDBG
from tecken.core.crash_texts.families.windows_event import WINDOWS_EVENT
from tecken.core.crash_texts.scan import Family

FAMILIES: tuple[Family, ...] = (
    ANDROID_ANR, ANDROID_TOMBSTONE, COREDUMPCTL, CHROMIUM, SANITIZER, LLDB, GDB, GLIBC, PYTHON,
    VALGRIND, RUST, NODE, GO, SEGFAULT, OOPS, SAMPLE, APPLE_EXCEPTION, APPLE_CRASH,
    MINIDUMP_PIPE, WINDBG, VISUAL_STUDIO, WINDOWS_EVENT, MINIDUMP, PERF_REPORT, PERF_SCRIPT,
    ADDRESSES,
)  # fmt: skip
