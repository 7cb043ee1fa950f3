# SPDX-License-Identifier: MPL-2.0

"""Layouts of the same tools that the real texts do not have."""

import pytest

from tecken.core.crash_texts.model import CrashText
from tecken.core.crash_texts.reader import read_crash_text

UUID = "3A2B1C0D-1111-2222-3333-444455556666"


def summary(crash: CrashText) -> list[list[object]]:
    """Of each thread the frames: module and look-up offset, or the name in the text, or the address."""
    return [[_of(frame) for frame in thread.frames] for thread in crash.threads]


def _of(frame: object) -> object:
    module, offset = frame.module, frame.offset  # type: ignore[attr-defined]
    if module is not None and offset is not None:
        return (module.debug_file, offset - frame.adjust)  # type: ignore[attr-defined]
    return frame.function or frame.address  # type: ignore[attr-defined]


CASES = {
    "frames written by hand, of modules that nobody knows": (
        "minidump-stackwalk",
        """\
It went wrong in
0 walk.dll + 0x1012
1 unknown.so + 0x55
2 libc.so.6!malloc + 0x12
walk.dll -> walk.pdb 0A1B2C3D4E5F60718293A4B5C6D7E8F91 0x10000
4 times + 0x10 is no frame
""",
        [[("walk.pdb", 0x1012), ("unknown.so", 0x55), ("libc.so.6", 0x12)]],
    ),
    "gdb with sources": (
        "gdb",
        """\
Thread 2 (LWP 12):
#0  __GI_raise (sig=sig@entry=6) at ../sysdeps/raise.c:50
#1  0x0000000000000005 in f (a=1,
    b=2) at a.c:3
#10 0x0000000000000006 in std::map<int, char>::at(int const&) (this=0x0) from /lib/liba.so
""",
        [["__GI_raise", "f", "std::map<int, char>::at(int const&)"]],
    ),
    "lldb of macOS": (
        "lldb",
        f"""\
* thread #1, queue = 'com.apple.main-thread', stop reason = EXC_BAD_ACCESS (code=1, address=0x0)
  * frame #0: 0x0000000100003f74 hello`inner(int) [inlined] outer at hello.c:5:3
    frame #1: 0x0000000100003f74 hello`main at hello.c:9
    frame #2: 0x0000000100003f80 hello`start + 4
[  0] {UUID} 0x0000000100000000 /tmp/hello
""",
        [[("hello", 0x3F74), ("hello", 0x3F74), ("hello", 0x3F7F)]],
    ),
    "an iOS report": (
        "apple-crash",
        """\
Exception Type:  EXC_CRASH (SIGABRT)
Triggered by Thread:  0

Thread 0 name:  Dispatch queue: com.apple.main-thread
Thread 0 Crashed:
0   libsystem_kernel.dylib        \t0x00000001bd8c4964 __pthread_kill + 8
1   My App                        \t0x0000000102a50f00 0x102a4c000 + 20224
2   My App                        \t0x0000000102a50f04 main + 28 (main.m:14)

Binary Images:
0x102a4c000 - 0x102a53fff My App arm64  <3a2b1c0d111122223333444455556666> /var/My App.app/My App
""",
        [["__pthread_kill", ("My App", 0x4EFF), ("My App", 0x4F03)]],
    ),
    "the last exception of an iOS report": (
        "apple-crash",
        """\
Exception Type:  EXC_CRASH (SIGABRT)
Triggered by Thread:  0

Last Exception Backtrace:
(0x1bd8c4964 0x102a50f00 objc_exception_throw at a b.m:12 0x102a50f04)

Thread 0 Crashed:
0   libsystem_kernel.dylib        \t0x00000001bd8c4964 __pthread_kill + 8

Binary Images:
0x102a4c000 - 0x102a53fff My App arm64  <3a2b1c0d111122223333444455556666> /var/My App.app/My App
""",
        [[0x1BD8C4964, ("My App", 0x4EFF), ("My App", 0x4F03)], ["__pthread_kill"]],
    ),
    "WinDbg's kb, 32 bits, inlined": (
        "windbg",
        """\
00007ff6`10000000 00007ff6`10020000   store      (deferred)
 # RetAddr               : Args to Child                                                           : Call Site
00 00007ff6`1023a2ed     : 00000000`00000000 00000000`00000001 00000000`00000002 00000000`00000003 : store+0x13e1
01 (Inline Function) --------`-------- : --------`-------- --------`-------- : store!run+0x12
0a 0012fd78 77f5c3a1 store!WinMain+0x12
""",
        [[("store.pdb", 0x13E1), "WinMain"]],
    ),
    "WinDbg's inlined frames": (
        "windbg",
        "02 (Inline Function) --------`--------     store!run+0x12 [a.cpp @ 12]\n",
        [["run"]],
    ),
    "AddressSanitizer of macOS": (
        "sanitizer",
        "    #0 0x104a3c3b4 in wrap_malloc+0x94 (libclang_rt.asan_osx_dynamic.dylib:arm64e+0x3c3b4)\n"
        "    #1 0x100003f40 in main hello.c:5\n",
        [[("libclang_rt.asan_osx_dynamic.dylib", 0x3C3B4), "main"]],
    ),
    "glibc of before, with a memory map": (
        "glibc-backtrace",
        """\
*** Error in `./a.out': double free or corruption (fasttop): 0x0000000001c3a010 ***
======= Backtrace: =========
/lib/x86_64-linux-gnu/libc.so.6(+0x777e5)[0x7f3b6a6e27e5]
/lib/x86_64-linux-gnu/libc.so.6(cfree+0x4c)[0x7f3b6a6ef53c]
./a.out[0x400586]
======= Memory map: ========
00400000-00401000 r-xp 00000000 08:01 1234                               /tmp/a.out
""",
        [[("libc.so.6", 0x777E4), ("libc.so.6", 0x8453B), ("a.out", 0x585)]],
    ),
    "C++ names of Ceph": (
        "glibc-backtrace",
        " 1: (Objecter::handle(Message*)+0x12) [0x55f8b9b3782b]\n"
        " 2: /usr/bin/a(std::vector<int>::at(unsigned long)+0x1f) [0x55f8b9b3782c]\n",
        [["Objecter::handle(Message*)", "std::vector<int>::at(unsigned long)"]],
    ),
    "an oops of arm64": (
        "kernel-oops",
        """\
[   12.000001] Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010
[   12.000002] CPU: 3 PID: 3896 Comm: kworker/3:1H Tainted: G  O  6.1.0 #1
[   12.000003] pc : foo+0x1c/0x40 [mod]
[   12.000004] lr : bar+0x1c/0x40
[   12.000005] Call trace:
[   12.000006]  foo+0x1c/0x40 [mod]
[   12.000007]  [<ffffffff81234567>] ? bar+0x1c/0x40
""",
        [["foo", "foo", "bar"]],
    ),
    "a short stack of Rust": (
        "rust",
        """\
thread 'main' panicked at src/main.rs:2:5:
boom
stack backtrace:
   0: rust_begin_unwind
             at /rustc/1/library/std/src/panicking.rs:597:5
   1: core::panicking::panic_fmt
   2: hello::main
             at ./src/main.rs:2:5
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
""",
        [["rust_begin_unwind", "core::panicking::panic_fmt", "hello::main"]],
    ),
    "minidump-stackwalk with sources": (
        "minidump-stackwalk",
        """\
Thread 0 (crashed)
 0  libfoo.so!foo::bar(int) [bar.cc : 12 + 0x3]
 1  libfoo.so!main + 0x12
""",
        [["foo::bar(int)", ("libfoo.so", 0x11)]],
    ),
    "an APK": (
        "android-tombstone",
        "    #03 pc 000000000004a2f8  /data/app/base.apk!libfoo.so (offset 0x1000) (f(int)+20)\n",
        [[("libfoo.so", 0x4A2F8)]],
    ),
    "Android Studio's log": (
        "android-logcat",
        "2026-11-27 08:14:52.218  2383-2383  DEBUG                   pid-2383"
        "                             A        #00 pc 0000000000001000  /lib/libfoo.so\n",
        [[("libfoo.so", 0x1000)]],
    ),
    "dmesg -T": (
        "kernel-segfault",
        "[Fri Nov 27 08:14:52 2026] foo[1]: segfault at 0 ip 00007f58df90f195 sp 00007ffc5f9b398d"
        " error 4 in libfoo.so[195,7f58df90f000+1000]\n",
        [[("libfoo.so", 0x195)]],
    ),
    "valgrind with sources": (
        "valgrind",
        "==1==    at 0x109176: inner (test.c:3)\n==1==    by 0x109176: outer (test.c:6)\n"
        "==1==    by 0x4892D2A: ??? (in /lib/libc.so.6)\n",
        [["inner", "outer", 0x4892D2A]],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_layout_is_read(name: str) -> None:
    form, text, threads = CASES[name]
    crash = read_crash_text(text)
    assert (crash.format, summary(crash), crash.unread) == (form, threads, [])


@pytest.mark.parametrize(
    "prefix",
    [
        "Nov 27 08:14:52.123456 node-7 radosgw[4242]: ",
        "2026-11-27T08:14:52+0000 node-7 radosgw[4242]: ",
        "2026-11-27T08:14:52.100000000Z stderr F ",
        "2026-11-27T08:14:52.1234567Z ",
        "[2026-11-27T08:14:52.123Z] ",
        "2026-11-27T08:14:52.123Z 00O ",
        "web-1  | ",
        "[pod/web-0/web] ",
        "\x1b[36mweb-1  | \x1b[0m",
    ],
)
def test_a_prefix_is_no_part_of_a_line(prefix: str) -> None:
    lines = [
        "Program terminated with signal SIGSEGV, Segmentation fault.",
        "#0  0x0000000000001000 in ?? () from /lib/libfoo.so",
        "#1  0x0000000000001zz0 in ?? ()",
    ]
    crash = read_crash_text("\n".join(prefix + line for line in lines))
    assert (crash.format, crash.title) == ("gdb", "signal SIGSEGV, Segmentation fault.")
    assert [frame.line for frame in crash.frames] == [2]
    assert [unread.line for unread in crash.unread] == [3]


@pytest.mark.parametrize(
    "line",
    [
        "fixed #12 in 0x1f",
        "#1  Add a frame (of gdb)",
        "2026-11-27 INFO loaded 0x10 + 3 modules",
        "issue #1 was closed (see /tmp/a.so)",
        "1: [main] 0x123 done",
        "0x7f11c2bfe6c0  1 ====== starting new request req=0x7f11c2bfe000 =====",
        "   at 0x10 something",
        "12:00:01 worker | started 0x1",
        "foo + 0x12",
        "Jul  1 a!b",
    ],
)
def test_a_line_of_a_log_is_no_frame(line: str) -> None:
    crash = read_crash_text(line)
    assert (crash.frames, crash.unread) == ([], [])


@pytest.mark.parametrize(
    ("frame", "damaged"),
    [
        ("#0  0x00005 in ?? ()", "#1  0x0zz5 in ?? ()"),
        (" 0  libc.so.6 + 0x12", " 1  libc.so.6 + 0x12g4"),
        ("foo.dll!00007ff8f32816bf()", "foo.dll!00007ff8zz"),
        ("\t    7fb1db99f6c7 [unknown] (/lib/a.so)", "\t    7fb1zz99f6c7 [unknown] (/lib/a.so)"),
        ("    13.01%  a  a.so    [.] 0x0035ae8", "    13.01%  a  a.so    [.] 0x0035zz8"),
        ("Call Trace:\n foo+0x1/0x2", " bar+0xzz/0x2"),
        ("   0:     0x5587bd622bd1 - <unknown>", "   1:     0x5587zz622bd1 - <unknown>"),
        (
            "Last Exception Backtrace:\n(0x1bd8c4964)",
            "Last Exception Backtrace:\n(0x1bd8c4964 0x1bdzz)",
        ),
        ("==1==    at 0x10: ??? (in /a)", "==1==    by 0xzz: ??? (in /a)"),
        (" 1: 0x7f88ef831527  [/lib/a.so]", " 2: 0x7f88zz831527  [/lib/a.so]"),
        ("    #0 0x10  (/a+0x1) (BuildId: abcd)", "    #1 0x1zz  (/a+0x1) (BuildId: abcd)"),
    ],
)
def test_what_begins_like_a_frame_is_named(frame: str, damaged: str) -> None:
    crash = read_crash_text(f"{frame}\n{damaged}\nanother line")
    assert len(crash.frames) == 1
    assert [unread.line for unread in crash.unread] == [f"{frame}\n{damaged}".count("\n") + 1]
